"""The catalogue's scenes, built afresh and exported."""

from __future__ import annotations

from pathlib import Path

import bpy

from sora_addon.contract import Shot, read_shot
from sora_addon.export.exporter import Exporter
from sora_addon.export.options import options_of
from sora_addon.export.scene_properties import register_properties
from sora_addon.scenes.catalogue import SCENES
from sora_addon.scenes.expected import Happenings


def empty_scene() -> bpy.types.Scene:
    """The scene of a Blender that holds nothing else."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    register_properties()
    return bpy.context.scene


def build(name: str) -> Happenings:
    """Make the scene ``name`` the only one of an empty Blender, its physics baked."""
    return SCENES[name](empty_scene())


def export(target: Path, *, passes: bool) -> Shot:
    """The shot of the open scene, written to ``target`` and read back."""
    scene, view_layer = bpy.context.scene, bpy.context.view_layer
    for _ in Exporter(scene, view_layer, target, options_of(scene, view_layer, passes=passes)).run():
        pass
    return read_shot(target, passes=passes)
