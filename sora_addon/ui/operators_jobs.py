"""Generate, and what can be done about jobs."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty

from .. import stalls
from ..client import asking
from ..client.desk import desk, existing
from ..client.engine import NoEngine, engine_python
from ..export.identity import give_identities
from ..export.preflight import Refused
from ..export.snapshot import SnapshotFailed
from . import say
from .both import scene_in
from .lacking import hindrance
from .told import told

LARGEST_SEED = 2**31 - 1
LOG_TAIL = 200_000
"""Bytes of a log that go to the clipboard at most."""


class SORA_OT_generate(bpy.types.Operator):
    """Make a take of this scene in the background: the clip and its sound are laid in the timeline when they are done"""

    bl_idname = "sora.generate"
    bl_label = "Generate"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        with stalls.held("poll"):
            return cls._can_generate(context)

    @classmethod
    def _can_generate(cls, context: Any) -> bool:
        scene = scene_in(context)
        if scene is None:
            return False
        if scene.library is not None:
            cls.poll_message_set("The scene is linked from another file; open that file")
            return False
        if scene.camera is None and not any(marker.camera for marker in scene.timeline_markers):
            cls.poll_message_set("The scene has no camera; add one (Add > Camera)")
            return False
        try:
            engine_python()
        except NoEngine as error:
            cls.poll_message_set(told(str(error)))
            return False
        problem = hindrance(scene)
        if problem:
            cls.poll_message_set(problem)
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        with stalls.held("generate"):
            return self._generate(context)

    def _generate(self, context: Any) -> set[str]:
        scene = scene_in(context)
        view_layer = context.view_layer if scene == context.scene else scene.view_layers[0]
        if not scene.sora.seed_locked:
            scene.sora.seed = random.randrange(LARGEST_SEED)
        asking.claim(scene)
        give_identities(scene)
        try:
            desk().generate(context, scene, view_layer)
        except (NoEngine, Refused, SnapshotFailed) as error:
            self.report({"ERROR"}, told(str(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, say.report("Generating in the background; see Jobs in the Sora tab"))
        return {"FINISHED"}


class _OfJob:
    """An operator on the job whose id is given, or on the latest one that fits where none is."""

    if TYPE_CHECKING:
        poll_message_set: Any
        report: Any

    job: StringProperty(name="Job", description="The job's UUID; empty for the latest one", options={"SKIP_SAVE"})

    @classmethod
    def fits(cls, row: Any) -> bool:
        return True

    @classmethod
    def poll(cls, context: Any) -> bool:
        here = existing()
        if here is None or not any(cls.fits(row) for row in here.board.rows()):
            cls.poll_message_set("There is no such job")
            return False
        return True

    def row(self) -> Any:
        """The job's row; None, with a report, where there is none."""
        rows = [row for row in desk().board.rows() if self.job in ("", row.id) and self.fits(row)]
        if not rows:
            self.report({"ERROR"}, say.report("There is no such job"))
            return None
        return rows[0]


class SORA_OT_cancel_job(_OfJob, bpy.types.Operator):
    """Stop this job; nothing of it is kept"""

    bl_idname = "sora.cancel_job"
    bl_label = "Cancel Job"

    @classmethod
    def fits(cls, row: Any) -> bool:
        return row.open

    def execute(self, context: Any) -> set[str]:
        row = self.row()
        if row is None:
            return {"CANCELLED"}
        desk().cancel(row.id)
        return {"FINISHED"}


class SORA_OT_retry_job(_OfJob, bpy.types.Operator):
    """Make this job again, with the words and the seed that it had"""

    bl_idname = "sora.retry_job"
    bl_label = "Retry Job"

    @classmethod
    def fits(cls, row: Any) -> bool:
        return not row.open and row.job.state != "done"

    def execute(self, context: Any) -> set[str]:
        row = self.row()
        if row is None:
            return {"CANCELLED"}
        try:
            problem = desk().retry(context, row.id)
        except (NoEngine, Refused, SnapshotFailed) as error:
            problem = str(error)
        if problem:
            self.report({"ERROR"}, told(problem))
            return {"CANCELLED"}
        return {"FINISHED"}


class SORA_OT_forget_job(_OfJob, bpy.types.Operator):
    """Take this job off the list; its take stays"""

    bl_idname = "sora.forget_job"
    bl_label = "Remove from List"

    @classmethod
    def fits(cls, row: Any) -> bool:
        return not row.open

    def execute(self, context: Any) -> set[str]:
        row = self.row()
        if row is None:
            return {"CANCELLED"}
        desk().forget(row.id)
        return {"FINISHED"}


class SORA_OT_forget_ended(_OfJob, bpy.types.Operator):
    """Take all jobs that have ended off the list; their takes stay"""

    bl_idname = "sora.forget_ended"
    bl_label = "Clear Ended Jobs"

    @classmethod
    def fits(cls, row: Any) -> bool:
        return not row.open

    def execute(self, context: Any) -> set[str]:
        here = scene_in(context).sora.id
        for row in desk().board.rows(here):
            if not row.open:
                desk().forget(row.id)
        return {"FINISHED"}


class SORA_OT_show_folder(_OfJob, bpy.types.Operator):
    """Show the folder of this job in the file browser of the system"""

    bl_idname = "sora.show_folder"
    bl_label = "Show Folder"

    def execute(self, context: Any) -> set[str]:
        row = self.row()
        if row is None:
            return {"CANCELLED"}
        order = row.job.order
        there = [Path(order.out), Path(order.out).parent, Path(order.shot)]
        folder = next((path for path in there if path.is_dir()), None)
        if folder is None:
            self.report({"ERROR"}, say.fill_report("{folder} is not there any more", folder=order.out))
            return {"CANCELLED"}
        bpy.ops.wm.path_open(filepath=str(folder))
        return {"FINISHED"}


class SORA_OT_show_notes(_OfJob, bpy.types.Operator):
    """Show what was noticed while the scene was read"""

    bl_idname = "sora.show_notes"
    bl_label = "Notes"

    @classmethod
    def fits(cls, row: Any) -> bool:
        return bool(row.notes)

    def invoke(self, context: Any, event: Any) -> set[str]:
        return context.window_manager.invoke_popup(self, width=420)

    def draw(self, context: Any) -> None:
        row = self.row()
        for note in row.notes if row is not None else ():
            say.wrapped(self.layout, told(note), 66, icon="INFO")

    def execute(self, context: Any) -> set[str]:
        row = self.row()
        if row is None:
            return {"CANCELLED"}
        for note in row.notes:
            self.report({"INFO"}, told(note))
        return {"FINISHED"}


class SORA_OT_copy_log(_OfJob, bpy.types.Operator):
    """Copy what the engine said during this job to the clipboard"""

    bl_idname = "sora.copy_log"
    bl_label = "Copy Log"

    def execute(self, context: Any) -> set[str]:
        row = self.row()
        if row is None:
            return {"CANCELLED"}
        context.window_manager.clipboard = log_of(row)
        self.report({"INFO"}, say.report("The log is in the clipboard"))
        return {"FINISHED"}


def log_of(row: Any) -> str:
    """The job's problem, and the end of its log file where there is one."""
    path = Path(row.job.log) if row.job.log else None
    text = ""
    if path is not None and path.is_file():
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_TAIL))
            text = file.read().decode("utf-8", "replace")
    return "\n".join(
        part for part in (f"{row.id} {row.job.state}", row.job.problem, row.trouble, *row.notes, text) if part
    )


CLASSES = (
    SORA_OT_generate,
    SORA_OT_cancel_job,
    SORA_OT_retry_job,
    SORA_OT_forget_job,
    SORA_OT_forget_ended,
    SORA_OT_show_folder,
    SORA_OT_show_notes,
    SORA_OT_copy_log,
)
