"""The example scene."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from typing import Any

import bpy

from . import say

WORDS = "steel, wood and glass on a stone floor in a yard, late sun, birds far away"
FIRST_FRAMES = 48
"""Of its 96: a first clip that is soon there."""


class SORA_OT_make_example(bpy.types.Operator):
    """Add a scene of its own in which things fall, roll, topple and splash before a moving camera; yours stays as it is"""

    bl_idname = "sora.make_example"
    bl_label = "Make the Example Scene"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        from ..scenes.demo import demo

        scene = bpy.data.scenes.new("Yard")
        demo(scene)
        scene.use_preview_range = True
        scene.frame_preview_start, scene.frame_preview_end = 1, FIRST_FRAMES
        scene.sora.frames, scene.sora.percent = "preview", 100
        scene.sora.prompt = say._(WORDS)
        if context.window is not None:
            context.window.scene = scene
            _look_through_camera(context)
        return {"FINISHED"}


def _look_through_camera(context: Any) -> None:
    for area in context.screen.areas:
        if area.type == "VIEW_3D":
            area.spaces.active.region_3d.view_perspective = "CAMERA"


CLASSES = (SORA_OT_make_example,)
