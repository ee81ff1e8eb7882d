"""Asks an environment's own Python whether its packages are whole."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from .plan import Pick
from .processes import Runner, clean_environment

SCRIPT = Path(__file__).with_name("check.py")
OTHER = "the environment"
"""What a problem is booked under that no package can be named for."""


def problems(python: Path, picks: Iterable[Pick], runner: Runner) -> dict[str, str]:
    """What is wrong, by package; empty where all is well. Raises Stopped, OSError."""
    asked = json.dumps([[pick.name, pick.version] for pick in picks])
    code, lines = runner.run([str(python), "-I", str(SCRIPT)], clean_environment(MPLBACKEND="agg"), said=asked)
    last = next((line for line in reversed(lines) if line.strip()), f"exit code {code}")
    if code == 0 and last.startswith("{"):
        return json.loads(last)["problems"]
    return {OTHER: f"does not stand the check: {last}"}


def sentence(found: dict[str, str]) -> str:
    """Of the first problem, and how many more there are."""
    name, problem = next(iter(found.items()))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"{name[:1].upper()}{name[1:]} {problem}{more}; press Repair."
