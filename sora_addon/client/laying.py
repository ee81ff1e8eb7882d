"""Finished takes into the timeline of the scene that asked, once, whatever happened to it meanwhile."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..contract import ContractError
from ..contract.messages import Job
from ..sequencer import LaidTake, lay
from ..sequencer.compare import end_compare
from . import asking


def home_of(job: Job) -> Any | None:
    """The open scene that a job's take belongs to, or None where its file is not the one that is open.

    A copy of a file holds scenes of the same identity: the take is for the file that asked, unless that one is gone.
    """
    origin = job.order.origin
    scene = asking.scene_of(origin.scene)
    if scene is None or scene.library is not None:
        return None
    if asking.asked_here(origin.scene) or not origin.blend or _same(origin.blend, bpy.data.filepath):
        return scene
    return None if os.path.exists(origin.blend) else scene


def is_laid(scene: Any, take: str) -> bool:
    """Whether the scene remembers that take."""
    return any(record.take == take for record in scene.sora.takes)


def may_lay(context: Any) -> bool:
    """Not while Blender renders, nor while the artist drags something: an undo step in between would end either."""
    if bpy.app.is_job_running("RENDER"):
        return False
    windows = context.window_manager.windows
    return not any(
        operator.bl_idname.startswith("TRANSFORM_OT_")
        for window in windows
        for operator in getattr(window, "modal_operators", ())
    )


def lay_job(context: Any, scene: Any, job: Job) -> LaidTake:
    """Lay a job's take as one step of undo. Raises SequencerError or ContractError."""
    try:
        end_compare(scene)
        laid = lay(scene, Path(job.order.out))
    except OSError as error:
        raise ContractError(job.order.out, f"cannot be read ({error.strerror})", "put the folder back") from error
    scene.sora.take_index = len(scene.sora.takes) - 1
    _show(context, scene)
    # Not within temp_override: up to Python 3.11 Blender reads an override without the GIL while an operator runs, and the
    # threads of the engine's pipes run beside it. The step needs no window.
    bpy.ops.ed.undo_push(message="Lay Take")
    return laid


def _show(context: Any, scene: Any) -> None:
    """Where a sequencer shows no timeline yet (5.0 on), let it show this one; but not beside another scene."""
    elsewhere = {window.workspace for window in context.window_manager.windows if window.scene != scene}
    for workspace in bpy.data.workspaces:
        if workspace not in elsewhere and compat.shows_no_timeline(workspace):
            compat.show_timeline(workspace, scene)


def _same(a: str, b: str) -> bool:
    return os.path.normcase(os.path.abspath(a)) == os.path.normcase(os.path.abspath(b)) if b else False
