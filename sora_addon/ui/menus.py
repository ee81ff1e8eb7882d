"""Entries in Blender's own menus."""

from __future__ import annotations

from typing import Any

import bpy


def _draw_add(self: Any, context: Any) -> None:
    self.layout.separator()
    self.layout.operator("sora.lay_take", text="Sora Take...", icon="FILE_MOVIE")


def attach() -> None:
    bpy.types.SEQUENCER_MT_add.append(_draw_add)


def detach() -> None:
    bpy.types.SEQUENCER_MT_add.remove(_draw_add)
