"""Moderation of words over the lists that nothing was trained on."""

from __future__ import annotations

from pathlib import Path

from engine.trust.moderation.report import ALWAYS, Score, false_alarms, misses, read_lines, scores

from .line import Line

HELD_BACK = sorted((Path(__file__).parents[1] / "trust").glob("held_back*.tsv"))
MISSES, FALSE_ALARMS = 0.05, 0.03


def lines() -> list[Line]:
    found = scores([line for path in HELD_BACK for line in read_lines(path)])
    always = [score for (_, category), score in found.items() if category in ALWAYS]
    harmful = [score for (_, category), score in found.items() if category != "fine"]
    fine = [score for (_, category), score in found.items() if category == "fine"]
    return [
        _line("misses of harmful words", "5 % or less", harmful, misses(found) <= MISSES),
        _line("misses in what is always refused", "none", always, _wrong(always) == 0),
        _line("false alarms on film language", "3 % or less", fine, false_alarms(found) <= FALSE_ALARMS),
    ]


def _line(what: str, bound: str, scored: list[Score], holds: bool) -> Line:
    lines = sum(score.lines for score in scored)
    wrong = _wrong(scored)
    return Line(
        f"moderation: {what}, English and Indonesian", bound, f"{wrong} of {lines} ({wrong / lines:.1%})", holds
    )


def _wrong(scored: list[Score]) -> int:
    return sum(len(score.wrong) for score in scored)
