"""What is being made, and what did not end well."""

from __future__ import annotations

from typing import Any

from ..client import asking
from ..client.board import Row
from ..client.desk import existing
from ..client.pace import took
from . import pictures, say
from .both import Section, scene_in
from .told import told

MOST = 6
"""Jobs that are shown; the others are counted."""

ICONS = {
    "exporting": "EXPORT",
    "queued": "TIME",
    "running": "RENDER_ANIMATION",
    "done": "CHECKMARK",
    "failed": "ERROR",
    "cancelled": "X",
    "interrupted": "ERROR",
    "unknown": "QUESTION",
}
STATES = {
    "exporting": "reading the scene",
    "queued": "waiting",
    "running": "making",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "interrupted",
    "unknown": "not known",
}
STAGES = {
    "simulate": "Simulating",
    "frames": "Reading the scene",
    "contacts": "Finding contacts",
    "admit": "Checking the shot",
    "foley": "Making sound",
    "encode": "Writing the clip",
    "measure": "Measuring",
    "ask": "Asking the server",
    "upload": "Sending to the server",
    "remote": "The server is making it",
    "download": "Fetching from the server",
}
"""Stages of the export and the engine in the artist's words."""
PICTURE = "Drawing"
"""Any other stage is a backend's own, whatever it calls it."""


class Jobs(Section):
    """Jobs of this scene: how far they are, and what to do about those that failed"""

    name = "jobs"
    bl_label = "Jobs"

    @classmethod
    def shown(cls, context: Any) -> bool:
        desk = existing()
        return desk is not None and bool(desk.board.rows())

    def draw(self, context: Any) -> None:
        layout, scene = self.layout, scene_in(context)
        desk = existing()
        assert desk is not None
        rows = desk.board.rows(scene.sora.id) if scene.sora.id else []
        ordered = [row for row in rows if row.open] + [row for row in rows if not row.open]
        for row in ordered[:MOST]:
            _draw_job(layout, context, scene, row)
        if len(ordered) > MOST:
            layout.label(text=say.fill("and {count} more", count=len(ordered) - MOST), translate=False)
        elsewhere = sum(1 for row in desk.board.open() if row.job.order.origin.scene != scene.sora.id)
        if elsewhere:
            text = say.fill("{count} running for other scenes", count=elsewhere)
            layout.label(text=text, icon="SCENE_DATA", translate=False)
        if elsewhere or any(row.open for row in ordered):
            layout.label(text="When Blender Closes")
            layout.row(align=True).prop(context.window_manager.sora, "at_close", expand=True)
        if any(not row.open for row in ordered):
            layout.operator("sora.forget_ended", icon="TRASH")
        if not ordered and not elsewhere:
            layout.label(text="No jobs of this scene yet")


def _draw_job(layout: Any, context: Any, scene: Any, row: Row) -> None:
    box = layout.box()
    job = row.job
    head = box.row(align=True)
    head.label(text=title(row, scene), icon=ICONS[job.state], translate=False)
    if row.open:
        head.operator("sora.cancel_job", text="", icon="X", emboss=False).job = row.id
        _draw_progress(box, row)
        _draw_words(box, context, row)
        return
    if job.state in ("failed", "interrupted", "unknown", "cancelled"):
        head.operator("sora.retry_job", text="", icon="FILE_REFRESH", emboss=False).job = row.id
    head.operator("sora.show_folder", text="", icon="FILE_FOLDER", emboss=False).job = row.id
    if job.log or job.problem:
        head.operator("sora.copy_log", text="", icon="COPYDOWN", emboss=False).job = row.id
    head.operator("sora.forget_job", text="", icon="TRASH", emboss=False).job = row.id
    _draw_words(box, context, row)


def _draw_progress(box: Any, row: Row) -> None:
    column = box.column(align=True)
    icon = pictures.icon(f"job {row.id}", row.job.preview)
    if icon:
        column.template_icon(icon_value=icon, scale=6.0)
    column.progress(factor=row.share, text=progress_text(row), translate=False)


def _draw_words(box: Any, context: Any, row: Row) -> None:
    width = say.letters(context) - 4
    if row.job.problem and row.job.state != "done":
        say.wrapped(box, told(row.job.problem), width)
    if row.trouble:
        say.wrapped(box, told(row.trouble), width, icon="ERROR")
    if row.notes:
        line = box.row()
        line.alignment = "LEFT"
        text = say.fill("Notes on the scene: {count}", count=len(row.notes))
        line.operator("sora.show_notes", text=text, icon="INFO", emboss=False, translate=False).job = row.id


def progress_text(row: Row) -> str:
    """'Drawing 12 of 48, 20 s left'"""
    if row.stopping:
        return say._("Stopping...")
    if row.job.state == "queued":
        return say._("Waiting for its turn")
    stage, step, total = row.now
    name = say._(STAGES.get(stage, PICTURE)) if stage else say._(STATES[row.job.state]).capitalize()
    left = row.time_left
    values = {"stage": name, "step": step, "total": total}
    if left is not None and total:
        return say.fill("{stage} {step} of {total}, {time} left", **values, time=say.duration(left))
    if left is not None:
        return say.fill("{stage}, {time} left", stage=name, time=say.duration(left))
    return say.fill("{stage} {step} of {total}", **values) if total else name


def title(row: Row, scene: Any) -> str:
    """'Yard, take 2: done in 0:42', 'Yard: failed'."""
    shot = asking.shot_of(row.job.order.origin)
    if row.job.state != "done":
        return say.fill("{shot}: {state}", shot=shot, state=say._(STATES[row.job.state]))
    takes = [record.take for record in scene.sora.takes]
    if row.job.take in takes:
        shot = say.fill("{shot}, take {number}", shot=shot, number=takes.index(row.job.take) + 1)
    seconds = took(row.job)
    if seconds is None:
        return say.fill("{shot}: {state}", shot=shot, state=say._(STATES["done"]))
    return say.fill("{shot}: done in {time}", shot=shot, time=say.clock(seconds))


SECTIONS = (Jobs,)
