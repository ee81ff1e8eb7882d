"""How soon a cancelled job has stopped, whatever it was at."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from made_shot import MadeShot
from stand_in import StandIn, leftovers

from .line import Line

STAGES = ("", "admit", "foley", "sketch", "encode", "measure")
ROUNDS = 5
BOUND = 2.0
"""Seconds."""


def lines() -> list[Line]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        MadeShot(width=64, height=32, frames=20).write(folder / "shot")
        with StandIn(folder / "home") as blender:
            waits = [_cancel(blender, folder, stage, number) for number in range(ROUNDS) for stage in STAGES]
            frozen = [_cancel(blender, folder, stage, ROUNDS, freeze=True) for stage in STAGES]
        left = [*leftovers(folder), *(path.name for path in folder.glob("takes/*"))]
    told = f"longest {max(waits):.2f} s; {max(frozen):.2f} s where the worker hangs; {len(left)} left something"
    holds = max(*waits, *frozen) <= BOUND and not left
    return [Line(f"cancel to stopped, {len(waits) + len(frozen)} times over every stage", "2 s", told, holds)]


def _cancel(blender: StandIn, folder: Path, stage: str, number: int, freeze: bool = False) -> float:
    """Seconds. A job that ends before it is cancelled is asked for again."""
    for attempt in range(10):
        job = blender.submit(folder / "shot", folder / "takes" / f"{stage}{number}{freeze}{attempt}")
        blender.until(
            lambda job=job: (
                blender.state(job) != "queued" and STAGES.index(blender.jobs[job]["stage"]) >= STAGES.index(stage)
            )
        )
        if freeze and sys.platform != "win32":
            os.kill(blender.worker["process"], signal.SIGSTOP)
        began = time.perf_counter()
        blender.call("cancel", job=job)
        ended = blender.until_ended(job)
        if ended["state"] == "cancelled":
            return time.perf_counter() - began
    raise RuntimeError(f"the job is always done before it is cancelled at {stage!r}: {ended}")
