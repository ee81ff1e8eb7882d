"""Keeps what is shown of models fresh, by a timer that runs only while there is work; and begins the looks."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from ..client.engine import NoEngine, engine_environment, engine_python
from .work import MODELS, Task

REDRAW = 0.2
"""Seconds between two looks."""
SHOWN_IN = {"PREFERENCES", "VIEW_3D", "SEQUENCE_EDITOR"}


def command(words: Sequence[str]) -> list[str]:
    """The engine's Python with ``words`` after ``-m``. Raises NoEngine."""
    return [str(engine_python()), "-m", *words]


def begin(task: Task, words: Sequence[str] = (), model: str = "", said: str = "") -> bool:
    """Begin a task and show it; whether it was begun."""
    begun = MODELS.begin(task, command, engine_environment, words, model, said)
    if begun:
        follow()
    return begun


def look() -> None:
    """See what models there are, where an engine is there to be asked."""
    try:
        engine_python()
    except NoEngine:
        return
    begin("looking")


def follow() -> None:
    """Redraw until the work that was just begun has ended."""
    if not bpy.app.timers.is_registered(_redraw):
        bpy.app.timers.register(_redraw, persistent=True)


def stop() -> None:
    """Leave nothing running."""
    if bpy.app.timers.is_registered(_redraw):
        bpy.app.timers.unregister(_redraw)
    MODELS.stop()


def _redraw() -> float | None:
    busy = MODELS.busy
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in SHOWN_IN:
                area.tag_redraw()
    return REDRAW if busy else None
