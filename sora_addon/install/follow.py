"""Keeps what is shown of the work fresh, by a timer that runs only while there is work."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from .work import WORK, Task

REDRAW = 0.2
"""Seconds between two looks."""
LISTENERS: list[Callable[[Task], None]] = []
"""Called when the work has ended, with the task where it ended well."""
SHOWN_IN = {"PREFERENCES", "VIEW_3D", "SEQUENCE_EDITOR"}


def follow() -> None:
    """Redraw until the work that was just begun has ended."""
    if not bpy.app.timers.is_registered(_redraw):
        bpy.app.timers.register(_redraw, persistent=True)


def stop() -> None:
    if bpy.app.timers.is_registered(_redraw):
        bpy.app.timers.unregister(_redraw)


def _redraw() -> float | None:
    busy = WORK.busy
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in SHOWN_IN:
                area.tag_redraw()
    if busy:
        return REDRAW
    for listener in LISTENERS:
        listener(WORK.shown.well)
    return None
