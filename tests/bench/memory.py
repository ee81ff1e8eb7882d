"""The most memory that `make demo` holds at once."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .blender import ROOT
from .line import Line, NotMeasured

BOUND = 1e9
EVERY = 0.05
"""Seconds between two looks."""


def lines() -> list[Line]:
    if not Path("/proc/self/smaps_rollup").is_file():
        raise NotMeasured("this needs Linux's /proc")
    peak, who = 0, ""
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+") as log:
        demo = subprocess.Popen(["make", "demo", f"DEMO={folder}/demo"], cwd=ROOT, stdout=log, stderr=log)
        while demo.poll() is None:
            held = {pid: proportional(pid) for pid in family(demo.pid)}
            if sum(held.values()) > peak:
                peak = sum(held.values())
                who = ", ".join(name(pid) for pid in held if held[pid] > 5e7)
            time.sleep(EVERY)
        if demo.returncode:
            log.seek(0)
            raise NotMeasured(f"make demo failed:\n{log.read()[-2000:]}")
    print(f"at the peak: {who}", file=sys.stderr)
    told = f"{peak / 1e9:.2f} GB (Blender and engine together)"
    return [Line("peak memory of the demo", "1 GB", told, peak <= BOUND)]


def family(root: int) -> list[int]:
    """``root`` and all that it started, and they."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:  # it has ended
            continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def proportional(pid: int) -> int:
    """Bytes: what is shared counts by its share, so that a sum counts nothing twice. 0 where it has ended."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(row.split()[1]) for row in rows if row.startswith("Pss:")), 0)


def name(pid: int) -> str:
    try:
        return " ".join(Path(f"/proc/{pid}/cmdline").read_text().split("\0")[1:4])
    except OSError:
        return "one that has ended"
