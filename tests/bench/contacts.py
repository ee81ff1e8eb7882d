"""Contacts of every scene of the catalogue against the truth."""

from __future__ import annotations

import sys
from typing import Any

from .blender import in_blender
from .line import Line

Verdict = dict[str, Any]


def lines() -> list[Line]:
    verdicts: list[Verdict] = in_blender("contacts")
    for one in verdicts:
        print(one["told"], file=sys.stderr)
    kept = [one for one in verdicts if not one["false"]]
    keyed = [one for one in kept if one["bound"] <= 0.001]
    simulated = [one for one in kept if 0.001 < one["bound"] <= 0.005]
    small = [one for one in kept if one["bound"] > 0.005]
    false = [one for one in verdicts if one["false"]]
    return [
        in_time("contacts of simulated scenes against closed form and Bullet's own steps", "5 ms", simulated),
        in_time("contacts of keyframed motion against its keys", "1 ms", keyed),
        in_time("hops too short for whole frames to show, where found", "half a frame", small),
        ends(kept),
        speeds(kept),
        no_false("false contacts where nothing meets", [one for one in false if one["scene"] == "nothing_meets"]),
        no_false("false contacts in the other scenes", [one for one in false if one["scene"] != "nothing_meets"]),
    ]


def in_time(what: str, bound: str, verdicts: list[Verdict]) -> Line:
    missed = [one for one in verdicts if one["error"] is None]
    errors = [1000 * one["error"] for one in verdicts if one["error"] is not None]
    late = [one for one in verdicts if one["error"] is not None and one["error"] > one["bound"]]
    scenes = ", ".join(sorted({one["scene"] for one in verdicts}))
    told = f"{max(errors, default=0.0):.2f} ms at most, {len(errors)} contacts ({scenes})"
    if missed:
        told += "; not found: " + "; ".join(f"{one['scene']} {one['what']}" for one in missed)
    return Line(what, bound, told, not missed and not late)


def ends(verdicts: list[Verdict]) -> Line:
    errors = [one["end"] for one in verdicts if one["end"] is not None]
    worst = max(1000 * error for error, _ in errors)
    what = "ends of rolls and slides"
    return Line(
        what,
        "5 ms; a frame over an edge",
        f"{worst:.1f} ms at most, {len(errors)} ends",
        all(e <= b for e, b in errors),
    )


def speeds(verdicts: list[Verdict]) -> Line:
    off = [abs(one["speed"][0] / one["speed"][1] - 1) for one in verdicts if one["speed"] is not None]
    told = f"{100 * max(off):.1f} % at most, {len(off)} contacts"
    holds = all(one["speed_holds"] for one in verdicts)
    return Line("speeds of closing, rolling and sliding", "5 %; 8 % where an edge tips", told, holds)


def no_false(what: str, verdicts: list[Verdict]) -> Line:
    told = "; ".join(f"{one['scene']} {one['what']}" for one in verdicts)
    return Line(what, "none", told or "none", not verdicts)
