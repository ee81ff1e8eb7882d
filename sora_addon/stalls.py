"""How long the add-on holds Blender's main thread at a time. Always on: it costs a few looks at a clock. No bpy here.

``longest`` has the worst of each kind of moment since the add-on was enabled: ``tick`` (the timer), ``draw NAME`` (a
panel), ``overlay`` (the 3D view), ``poll`` (whether Generate can be pressed), ``generate`` (pressing it, without
``snapshot``: the copy of the scene that it writes), ``file opened``, ``undo``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

SNAPSHOT = "snapshot"
"""The one that may last: Blender itself writes the file."""

longest: dict[str, float] = {}
"""Seconds of the longest moment of each kind."""
worked: dict[str, float] = {}
"""Seconds of a processor that the thread used of that moment; the rest it waited, for a disk, a lock or its turn."""
_inside: list[tuple[float, float]] = []
"""Seconds, and those of a processor, of moments within each one that lasts now, which count by themselves."""


@contextmanager
def held(kind: str) -> Iterator[None]:
    """The block holds the main thread. For the main thread alone."""
    began, work_began = time.perf_counter(), time.thread_time()
    _inside.append((0.0, 0.0))
    try:
        yield
    finally:
        whole, work = time.perf_counter() - began, time.thread_time() - work_began
        others, others_work = _inside.pop()
        if _inside:
            _inside[-1] = _inside[-1][0] + whole, _inside[-1][1] + work
        if whole - others >= longest.get(kind, 0.0):
            longest[kind], worked[kind] = whole - others, work - others_work


def worst() -> tuple[str, float]:
    """The longest moment of all but the snapshot's, and its seconds; ("", 0) where there was none yet."""
    return max(
        ((kind, seconds) for kind, seconds in longest.items() if kind != SNAPSHOT),
        key=lambda one: one[1],
        default=("", 0.0),
    )


def forget() -> None:
    """Measure anew."""
    longest.clear()
    worked.clear()
