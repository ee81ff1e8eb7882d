"""What is wrong on this machine, in plain words. Everything is tried for real: a worker is started, a clip is encoded."""

from __future__ import annotations

import platform
import queue
import re
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from .database import Database, StoreFault
from .machine import ROOT, device, memory
from .sentences import free_bytes
from .store import FILE
from .supervisor import GONE, Supervisor

PYTHONS = ((3, 11), (3, 14))
ROOM = 2 * 1024**3
MEMORY = 4 * 1024**3
PATIENCE = 180.0
"""Seconds that a worker may take on a cold disk."""
ENCODER = """
import av, io, numpy as np
out = av.open(io.BytesIO(), "w", format="mp4")
for name, rate in (("libx264", 24), ("aac", 48000)):
    stream = out.add_stream(name, rate=rate)
    if name == "libx264":
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
"""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``says`` is what was found; ``mend`` what helps where it is not well."""

    name: str
    well: bool
    says: str
    mend: str = ""


def examine(home: Path | None = None) -> list[Finding]:
    """Everything, in the order in which it would fail. ``home`` is where jobs are kept, where that is known."""
    findings = [_python(), *_packages(), _memory(), _disk(home or Path(tempfile.gettempdir())), _encoder()]
    if home is not None:
        findings.append(_store(home))
    with tempfile.TemporaryDirectory() as folder:
        findings.append(_worker(Path(folder)))
    findings.append(Finding("device", True, f"Takes are made on: {device()}."))
    return findings


def told(findings: list[Finding]) -> str:
    """A line each, and what to do."""
    lines = []
    for finding in findings:
        lines.append(f"{'well ' if finding.well else 'WRONG'}  {finding.says}")
        if finding.mend:
            lines.append(f"       {finding.mend}")
    wrong = sum(not finding.well for finding in findings)
    lines.append("Nothing is wrong." if not wrong else f"{wrong} thing{'s are' if wrong > 1 else ' is'} wrong.")
    return "\n".join(lines)


def _python() -> Finding:
    low, high = PYTHONS
    well = low <= sys.version_info[:2] <= high
    mend = "" if well else f"Install the engine with a Python from {low[0]}.{low[1]} to {high[0]}.{high[1]}."
    says = f"Python {platform.python_version()} at {sys.executable}, SQLite {sqlite3.sqlite_version}."
    return Finding("python", well, says, mend)


def _packages() -> list[Finding]:
    listed = ROOT / "requirements-engine.txt"
    if not listed.is_file():
        return [Finding("packages", False, f"{listed} is missing.", "Install the extension again.")]
    wanted = re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;]+)", listed.read_text(encoding="utf-8"), re.MULTILINE)
    findings = []
    for name, version in wanted:
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            findings.append(Finding("packages", False, f"The package {name} is missing.", "Press Repair."))
            continue
        if found.split("+")[0] != version:
            says = f"The package {name} is {found}, and {version} was tested."
            findings.append(Finding("packages", False, says, "Press Repair."))
    return findings or [Finding("packages", True, f"All {len(wanted)} packages are there.")]


def _memory() -> Finding:
    total = memory()
    if total is None:
        return Finding("memory", True, "How much memory there is cannot be told here.")
    says = f"{total / 2**30:.1f} GB of memory."
    return Finding("memory", total >= MEMORY, says, "" if total >= MEMORY else "Make small shots only, or add memory.")


def _disk(folder: Path) -> Finding:
    free = free_bytes(folder)
    says = f"{free / 2**30:.1f} GB are free on the disk of {folder}."
    return Finding(
        "disk", free >= ROOM, says, "" if free >= ROOM else "Free some room; a take of 5 s needs up to 1 GB."
    )


def _encoder() -> Finding:
    run = subprocess.run([sys.executable, "-c", ENCODER], capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return Finding("encoder", True, "H.264 and AAC can be encoded.")
    last = (run.stderr.strip().splitlines() or [f"code {run.returncode}"])[-1]
    return Finding("encoder", False, f"H.264 and AAC cannot be encoded ({last}).", "Press Repair.")


def _store(home: Path) -> Finding:
    try:
        database = Database(home / FILE)
        with database.writing() as connection:
            intact = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            count = connection.execute("SELECT count(*) FROM jobs").fetchone()[0]
        database.close()
    except StoreFault as fault:
        return Finding("store", False, f"{fault.problem}.", f"{fault.mend[:1].upper()}{fault.mend[1:]}.")
    if not intact:
        says = f"The list of jobs {home / FILE} is damaged."
        return Finding("store", False, says, "Move the file away; takes are not touched by that.")
    return Finding("store", True, f"The list of jobs holds {count} and can be written.")


def _worker(scratch: Path) -> Finding:
    heard: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    try:
        worker = Supervisor(scratch, lambda worker, message: heard.put(message))
    except OSError as error:
        return Finding("worker", False, f"The worker cannot be started ({error}).", "Press Repair.")
    problem = f"it was not ready after {PATIENCE:.0f} s"
    try:
        while True:
            message = heard.get(timeout=PATIENCE)
            if "warm" in message:
                return Finding("worker", True, "The worker starts.")
            if "broken" in message or GONE in message:
                problem = message.get("broken") or f"it {worker.fate()}"
                break
    except queue.Empty:
        pass
    finally:
        worker.stop(1.0)
    return Finding("worker", False, f"The worker does not start: {problem}", "Press Repair.")
