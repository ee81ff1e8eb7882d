"""The add-on enabled without a window: the engine is the real one, and time passes by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import pytest
from export_scenes import little_shot

import sora_addon
from sora_addon import compat
from sora_addon.client import desk as desk_module
from sora_addon.client import timer
from sora_addon.client.desk import Desk
from sora_addon.client.engine import NoEngine, engine_python

PATIENCE = 120.0
"""Seconds until a test gives up on what never comes."""


def engine_is_there() -> bool:
    try:
        engine_python()
    except NoEngine:
        return False
    return True


needs_engine = pytest.mark.skipif(
    not (engine_is_there() and compat.has_audio()), reason="no environment of the engine, or a bpy without Audaspace"
)


@contextmanager
def enabled(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The add-on enabled in an empty file, with a home of its own."""
    monkeypatch.setenv("SORA_HOME", str(home))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    sora_addon.register()
    try:
        yield desk_module.desk()
    finally:
        sora_addon.unregister()


def small_scene() -> bpy.types.Scene:
    """The little shot, open, at its own size."""
    scene = little_shot()
    scene.sora.percent = 100
    scene.sora.prompt = "a box on a stone floor"
    return scene


def ticks_until(wanted: Callable[[], object], patience: float = PATIENCE) -> None:
    """What the timer does in a Blender with a window, until ``wanted`` holds."""
    end = time.monotonic() + patience
    while not wanted():
        assert time.monotonic() < end, "what was waited for never came"
        timer.tick()
        time.sleep(0.01)


def undo_step(name: str) -> None:
    """As an operator of the artist's leaves one."""
    bpy.ops.ed.undo_push(message=name)
