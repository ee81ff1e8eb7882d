"""How long the add-on holds Blender's main thread at a time. Always on: it costs two looks at a clock. No bpy here.

``longest`` has the worst of each kind of moment since the add-on was enabled: ``tick`` (the timer), ``draw NAME`` (a
panel), ``overlay`` (the 3D view), ``generate`` (pressing Generate, without ``snapshot``: the copy of the scene that it
writes), ``file opened``, ``undo``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

SNAPSHOT = "snapshot"
"""The one that may last: Blender itself writes the file."""

longest: dict[str, float] = {}
"""Seconds of the longest moment of each kind."""
_inside: list[float] = []
"""Seconds of moments within each one that lasts now, which count by themselves."""


@contextmanager
def held(kind: str) -> Iterator[None]:
    """The block holds the main thread. For the main thread alone."""
    began = time.perf_counter()
    _inside.append(0.0)
    try:
        yield
    finally:
        whole = time.perf_counter() - began
        own = whole - _inside.pop()
        if _inside:
            _inside[-1] += whole
        longest[kind] = max(longest.get(kind, 0.0), own)


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
