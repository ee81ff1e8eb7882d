"""Whether the artist's Blender lets the open file run its own Python, so that a copy may or may not do the same."""

from __future__ import annotations

from typing import Any

import bpy


def trusted(view_layer: Any) -> bool:
    """True where the file's scripts and drivers run in this Blender.

    Blender tells when it has refused one (``autoexec_fail``) but not when a file was opened as trusted. So without the
    preference a file is trusted only if something of it did run: a text that registers itself, or a driver in Python.
    A file with neither needs no trust, and gets none.
    """
    if bpy.app.autoexec_fail:
        return False
    return bpy.context.preferences.filepaths.use_scripts_auto_execute or _has_run(view_layer)


def _has_run(view_layer: Any) -> bool:
    if any(text.use_module for text in bpy.data.texts):
        return True
    return any(needs_python(driver) for thing in view_layer.depsgraph.ids for driver in _drivers(thing))


def _drivers(datablock: Any) -> list[Any]:
    animation = getattr(datablock, "animation_data", None)
    return [] if animation is None else [curve for curve in animation.drivers if not curve.mute]


def needs_python(curve: Any) -> bool:
    """Whether a driver is beyond the simple expressions that Blender evaluates by itself."""
    return curve.driver.type == "SCRIPTED" and not curve.driver.is_simple_expression
