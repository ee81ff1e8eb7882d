"""Blender's moments for the desk: one timer, and the handlers of files, undo and the end."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from typing import Any

import bpy

from .. import stalls
from . import asking, closing, desk

LISTENERS: list[Callable[[bool], None]] = []
"""Called at the end of each tick, with whether something has changed."""


def tick() -> float:
    """What the timer calls."""
    with stalls.held("tick"):
        pause = desk.desk().tick()
        changed = desk.desk().take_changed()
        for listener in LISTENERS:
            listener(changed)
    return pause


@bpy.app.handlers.persistent
def _loaded(*_: Any) -> None:
    with stalls.held("file opened"):
        desk.desk().file_opened()


@bpy.app.handlers.persistent
def _undone(*_: Any) -> None:
    with stalls.held("undo"):
        asking.claim_again()


_HANDLERS = (("load_post", _loaded), ("undo_post", _undone), ("redo_post", _undone))


def start() -> None:
    """Begin to listen. The first tick looks for takes that wait for the open file."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)
    bpy.app.timers.register(_first_tick, first_interval=0.5, persistent=True)
    atexit.register(_blender_ends)


def stop() -> None:
    """Leave no trace: the engine finishes what it makes by itself, as at Blender's end."""
    atexit.unregister(_blender_ends)
    for function in (_first_tick, tick):
        if bpy.app.timers.is_registered(function):
            bpy.app.timers.unregister(function)
    for name, handler in _HANDLERS:
        handlers = getattr(bpy.app.handlers, name)
        if handler in handlers:
            handlers.remove(handler)
    _blender_ends()


def _first_tick() -> None:
    with stalls.held("file opened"):
        desk.desk().file_opened()
    bpy.app.timers.register(tick, first_interval=0.0, persistent=True)


def _blender_ends() -> None:
    desk.close(closing.finishes())
