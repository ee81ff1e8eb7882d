"""A thousand broken shot folders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .blender import ROOT
from .line import Line

MUTANTS = 1000
HANGS = 900
"""Seconds without an end that count as a hang."""
SECRET = "outside/secret.txt"


def lines() -> list[Line]:
    script = ROOT / "tests" / "pipeline" / "mutants.py"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder, "scratch")
        command = [sys.executable, str(script), "0", str(MUTANTS), str(scratch)]
        try:
            run = subprocess.run(
                command, env=environment, stdout=subprocess.PIPE, text=True, timeout=HANGS, check=False
            )
        except subprocess.TimeoutExpired:
            return [_line(f"no end after {HANGS} s", False)]
        untouched = (scratch / SECRET).read_text() == "secret"
    told = [json.loads(line) for line in run.stdout.splitlines()]
    fates = [line for line in told if "outcome" in line]
    if run.returncode or len(fates) != MUTANTS:
        return [_line(f"died with {run.returncode} after {told[-1]}", False)]
    nameless = [fate for fate in fates if fate["outcome"] == "refused" and not fate["field"]]
    littered = [fate for fate in fates if fate["left"] != [SECRET]]
    refused = sum(fate["outcome"] == "refused" for fate in fates)
    words = (
        f"{refused} refused, {MUTANTS - refused} done, {len(nameless)} without a field, {len(littered)} left something"
    )
    return [_line(words, untouched and not nameless and not littered)]


def _line(told: str, holds: bool) -> Line:
    bound = "refused with a named field or done; no crash, no hang, nothing outside touched"
    return Line("1,000 mutated shot folders", bound, told, holds)
