"""The last result of each row, kept in out/bench/, so that one row can be measured anew without the others."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from .line import Line
from .registry import ROWS

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "out" / "bench"


@dataclass(frozen=True)
class Result:
    row: str
    lines: list[Line]
    when: str
    """UTC."""
    commit: str
    """What was checked out; with a + where files differed from it."""
    seconds: float
    load: float
    """Programs that wanted a core in the minute before the row began, this one's included."""

    @property
    def holds(self) -> bool:
        return all(line.holds is not False for line in self.lines)


def measure(row: str) -> Result:
    """Measure ``row`` in a process of its own and keep the result. A row that dies is a line that does not hold."""
    when, load, start = datetime.now(UTC).isoformat(timespec="seconds"), os.getloadavg()[0], time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "tests.bench.one", row], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if done.returncode == 0:
        lines = [Line(**line) for line in json.loads(done.stdout.splitlines()[-1])]
    else:
        lines = [Line(row, "", f"not measured (exit code {done.returncode}; the reason stands above)", False)]
    result = Result(row, lines, when, commit(), round(time.perf_counter() - start, 1), round(load, 1))
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{row}.json").write_text(json.dumps(asdict(result), indent=1))
    return result


def kept() -> list[Result]:
    """The last results there are, in the table's order."""
    found = []
    for row in ROWS:
        path = KEPT / f"{row}.json"
        if path.is_file():
            values = json.loads(path.read_text())
            found.append(Result(**{**values, "lines": [Line(**line) for line in values["lines"]]}))
    return found


def commit() -> str:
    """The commit that is measured."""
    head = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if head.returncode:
        return "no repository"
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD"], cwd=ROOT, check=False).returncode
    return head.stdout.strip() + ("+" if changed else "")


def machine() -> str:
    """What it was measured on, in words."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
