"""What belongs to this Blender and not to a file."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, PointerProperty

from ..client import closing, places


def _get_at_close(self: Any) -> int:
    return 0 if closing.finishes() else 1


def _set_at_close(self: Any, value: int) -> None:
    closing.choose(places.home(), value == 0)


class SoraWindow(bpy.types.PropertyGroup):
    """Of the window manager; kept in the add-on's own folder or not at all."""

    at_close: EnumProperty(
        name="When Blender Closes",
        description="What becomes of jobs that are running when Blender closes. "
        "A shot that is still being read from the scene stops in any case",
        items=[
            ("finish", "Finish Jobs", "The engine goes on by itself; takes are laid when the file is opened again"),
            ("stop", "Stop Jobs", "The engine stops; jobs can be retried the next time"),
        ],
        get=_get_at_close,
        set=_set_at_close,
    )
    show_contacts: BoolProperty(
        name="Show in View", description="Draw the contacts that were found in the 3D view", default=True
    )


def attach() -> None:
    bpy.types.WindowManager.sora = PointerProperty(type=SoraWindow)


def detach() -> None:
    del bpy.types.WindowManager.sora


CLASSES = (SoraWindow,)
