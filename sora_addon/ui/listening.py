"""The panel drawn again when there is news."""

from __future__ import annotations

import bpy

from ..client import timer
from ..client.desk import existing
from ..install import follow
from ..install.work import Task
from ..models import follow as models
from . import pictures

AREAS = ("VIEW_3D", "SEQUENCE_EDITOR")


def start() -> None:
    timer.LISTENERS.append(_news)
    follow.LISTENERS.append(_installed)


def stop() -> None:
    timer.LISTENERS.remove(_news)
    follow.LISTENERS.remove(_installed)


def _news(changed: bool) -> None:
    if pictures.load_wanted() or changed:
        redraw()


def _installed(task: Task) -> None:
    desk = existing()
    if desk is not None and task in ("installing", "repairing", "removing"):
        desk.engine_changed()
    if task in ("installing", "repairing"):
        models.look()


def redraw() -> None:
    """Draw the sidebars that may show the tab."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in AREAS:
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()
