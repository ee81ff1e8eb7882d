"""Content credentials in Blender: signing what the sequencer rendered, and asking what a clip is."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty

from .. import compat
from ..client import desk
from ..sequencer import signing
from . import say
from .section_takes import folder_of
from .told import told

PAGE = "Verify"
"""The text that holds the page."""


class SORA_OT_sign_sequence(bpy.types.Operator):
    """Sign a film that the sequencer has rendered, with all takes in it as ingredients: rendering takes credentials off"""

    bl_idname = "sora.sign_sequence"
    bl_label = "Sign the Rendered Sequence"
    bl_options = {"REGISTER"}  # noqa: RUF012

    filepath: StringProperty(
        name="File", description="The film, or a picture", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: StringProperty(default="*.mp4;*.png;*.wav", options={"HIDDEN"})
    accept: BoolProperty(
        name="Accept Changed Takes",
        description="Sign although a take was changed, cut short or has expired; the credentials say so",
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: Any, event: Any) -> set[str]:
        scene = compat.sequencer_scene(context)
        if not self.filepath:
            self.filepath = bpy.path.abspath(scene.render.frame_path(frame=scene.frame_start))
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        path = Path(bpy.path.abspath(self.filepath))
        takes = signing.take_folders(compat.sequencer_scene(context))
        if not takes:
            self.report({"ERROR"}, say.report("The timeline holds no takes"))
            return {"CANCELLED"}
        if not path.is_file():
            self.report({"ERROR"}, say.fill_report("{path} is not there; render first", path=path))
            return {"CANCELLED"}
        if not bpy.app.background:
            accept = self.accept  # the operator is gone by the time that it is asked
            desk.desk().aside.do(lambda: signing.sign([path], takes, accept), lambda problem: _tell(path, problem))
            self.report({"INFO"}, say.report("Signing..."))
            return {"FINISHED"}
        problem = signing.sign([path], takes, self.accept)
        if problem:
            self.report({"ERROR"}, told(problem))
            return {"CANCELLED"}
        return {"FINISHED"}


class SORA_OT_verify(bpy.types.Operator):
    """Say what a clip is, from which takes, and whether it is intact; the answer is a text of this file"""

    bl_idname = "sora.verify"
    bl_label = "Verify"
    bl_options = {"REGISTER"}  # noqa: RUF012

    filepath: StringProperty(
        name="File", description="A clip, a sound or a picture", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    take: StringProperty(name="Take", description="Its UUID; empty to choose a file", options={"SKIP_SAVE"})

    def invoke(self, context: Any, event: Any) -> set[str]:
        if self.take:
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        path = self._path(context)
        if path is None or not path.exists():
            self.report({"ERROR"}, say.report("That file is not there"))
            return {"CANCELLED"}
        if not bpy.app.background:
            desk.desk().aside.do(lambda: signing.verify(path), _show)
            self.report({"INFO"}, say.fill_report("The answer comes in the text {name}", name=PAGE))
            return {"FINISHED"}
        page, problem = signing.verify(path)
        _show((page, problem))
        if problem:
            self.report({"ERROR"}, told(problem))
            return {"CANCELLED"}
        return {"FINISHED"}

    def _path(self, context: Any) -> Path | None:
        if not self.take:
            return Path(bpy.path.abspath(self.filepath)) if self.filepath else None
        records = compat.sequencer_scene(context).sora.takes
        record = next((record for record in records if record.take == self.take), None)
        return None if record is None else Path(folder_of(record))


def _show(answer: tuple[str, str]) -> None:
    text = bpy.data.texts.get(PAGE) or bpy.data.texts.new(PAGE)
    text.from_string(answer[0] or answer[1])


def _tell(path: Path, problem: str) -> None:
    _show((problem or say.fill("{path} is signed", path=path), ""))


CLASSES = (SORA_OT_sign_sequence, SORA_OT_verify)
