"""How long our own code holds Blender's main thread: every draw of ours, and every beat of our timer."""

import time
from typing import Any

import bpy
from add_on import PACKAGE, desk

longest: dict[str, float] = {}
"""Seconds of the longest draw of each panel."""


def watch() -> None:
    """From here on, each draw of the add-on's panels, with the lists in them, is timed."""
    for kind in bpy.types.Panel.__subclasses__():
        if kind.__module__.startswith(PACKAGE):
            kind.draw = _timed(kind.__name__, kind.draw)


def worst() -> dict[str, float]:
    """Milliseconds: of the timer's longest beat, and of the slowest draw."""
    here = desk()
    drawing = max(longest, key=longest.__getitem__)
    return {
        "beat_ms": 1000.0 * here.longest,
        "draw_ms": 1000.0 * longest[drawing],
        "panels_drawn": len(longest),
    }


def _timed(name: str, draw: Any) -> Any:
    def timed(self: Any, context: Any) -> None:  # Blender counts the arguments
        began = time.perf_counter()
        try:
            draw(self, context)
        finally:
            longest[name] = max(longest.get(name, 0.0), time.perf_counter() - began)

    return timed
