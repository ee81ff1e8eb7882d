"""What the list of jobs and the takes may meet: each is a test that runs a real engine, and reads its sentence."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from .blender import ROOT
from .line import Line

STORE, JOBS, CALLS = ("tests/server/test_store.py", "tests/server/test_jobs.py", "tests/server/test_protocol.py")
FAULTS: dict[str, tuple[str, ...]] = {
    "disk full": (f"{STORE}::test_a_full_disk_is_said_and_nothing_is_lost",),
    "folder removed": (
        f"{STORE}::test_a_list_that_is_removed_is_put_back",
        f"{JOBS}::test_the_folder_of_takes_goes_away_meanwhile",
        f"{JOBS}::test_a_shot_that_was_removed_while_it_waited",
    ),
    "store locked": (f"{STORE}::test_a_list_that_is_locked_is_said_and_waited_for",),
    "clock moved back": (
        f"{STORE}::test_a_clock_that_goes_back_changes_no_order",
        f"{STORE}::test_a_real_engine_under_a_clock_that_jumps_back",
    ),
    "500 queued jobs": (f"{CALLS}::test_five_hundred_jobs_wait_in_order_and_come_in_pages",),
}


def lines() -> list[Line]:
    return [_line(name, tests) for name, tests in FAULTS.items()]


def _line(name: str, tests: tuple[str, ...]) -> Line:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", *tests, f"--junitxml={report}", f"--basetemp={folder}/runs"]
        subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False)
        suite = ElementTree.parse(report).getroot()[0]
    run, broken, skipped = (int(suite.get(key, "0")) for key in ("tests", "failures", "skipped"))
    broken += int(suite.get("errors", "0"))
    told = f"{run - broken - skipped} of {run} tests of it pass" + (f", {skipped} skipped" if skipped else "")
    return Line(name, "a clear sentence; nothing lost", told, run > 0 and not broken and not skipped)
