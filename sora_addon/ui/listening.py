"""The panel drawn again when there is news."""

from __future__ import annotations

import bpy

from ..client import timer
from . import pictures

AREAS = ("VIEW_3D", "SEQUENCE_EDITOR")


def start() -> None:
    timer.LISTENERS.append(_news)


def stop() -> None:
    timer.LISTENERS.remove(_news)


def _news(changed: bool) -> None:
    if pictures.load_wanted() or changed:
        redraw()


def redraw() -> None:
    """Draw the sidebars that may show the tab."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in AREAS:
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()
