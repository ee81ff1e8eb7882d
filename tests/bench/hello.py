"""How soon the engine answers: ``hello`` after its start, and a job's first stage with a worker that is warm."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from made_shot import MadeShot
from stand_in import StandIn

from .line import Line

STARTS = 20
JOBS = 10
HELLO, FIRST_STAGE = 0.5, 1.0
"""Seconds."""


def lines() -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        hellos = [_hello(Path(folder, "home")) for _ in range(STARTS)]
        waits = _first_stages(Path(folder))
    return [
        Line(f"`hello` after start, {STARTS} starts", "0.5 s", _told(hellos), max(hellos) <= HELLO),
        Line(
            f"from an order to its first stage, warm worker, {JOBS} jobs",
            "1 s",
            _told(waits),
            max(waits) <= FIRST_STAGE,
        ),
    ]


def _hello(home: Path) -> float:
    began = time.perf_counter()
    with StandIn(home):
        return time.perf_counter() - began


def _first_stages(folder: Path) -> list[float]:
    shot = folder / "shot"
    MadeShot(width=64, height=32, frames=6).write(shot)
    found = []
    with StandIn(folder / "home") as blender:
        blender.until_ended(blender.submit(shot, folder / "first"))
        for number in range(JOBS):
            began = time.perf_counter()
            job = blender.submit(shot, folder / f"take{number}")
            blender.until(lambda job=job: blender.jobs[job]["stage"])
            found.append(time.perf_counter() - began)
            blender.until_ended(job)
    return found


def _told(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s"
