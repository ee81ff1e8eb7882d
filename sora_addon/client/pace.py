"""How long a take will take here, by what earlier ones took. No bpy here."""

from __future__ import annotations

import contextlib
import json
import os
from datetime import datetime
from pathlib import Path

from ..contract import Take
from ..contract.messages import Job

FILE = "pace.json"
NEW = 0.5
"""Share of the latest take in what is remembered."""
_paces: dict[str, float] = {}
"""Seconds a frame of a megapixel, by the backends that made it and their quality."""


def estimate(makers: str, frames: int, pixels: int) -> float | None:
    """Seconds, export included; None where none was made yet. ``makers``: as ``Order.makers`` has them."""
    pace = _paces.get(makers)
    return pace * frames * pixels / 1e6 if pace is not None else None


def took(job: Job) -> float | None:
    """Seconds from being asked, or tried again, to being done, the wait for others in it; None where that is not known."""
    began = job.created if job.attempt == 1 else job.started
    if not began or not job.ended:
        return None
    seconds = (_moment(job.ended) - _moment(began)).total_seconds()
    return seconds if seconds >= 0 else None  # the clock was moved back


def learn(home: Path, job: Job, take: Take) -> None:
    """Take note of what a job took, on disk where that can be. A wait for others wanes as more are learnt."""
    seconds = took(job)
    work = take.time.frames * take.size.width * take.size.height / 1e6
    if not seconds or work <= 0:
        return
    before = _paces.get(job.order.makers)
    pace = seconds / work
    _paces[job.order.makers] = pace if before is None else NEW * pace + (1 - NEW) * before
    path = home / FILE
    partial = path.with_name(f"{FILE}.{os.getpid()}.partial")
    with contextlib.suppress(OSError):  # a full disk: it is remembered for this session
        partial.write_text(json.dumps(_paces), encoding="utf-8")
        os.replace(partial, path)


def recall(home: Path) -> None:
    """Read what was learnt there, and forget the rest; a file that cannot be read or is not sound teaches nothing."""
    _paces.clear()
    try:
        found = json.loads((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if isinstance(found, dict):
        _paces.update({name: pace for name, pace in found.items() if isinstance(pace, float) and pace > 0})


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)
