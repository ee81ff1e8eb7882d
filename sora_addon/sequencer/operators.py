"""What the artist can do with takes in the sequencer. Each undoes as one step."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from .. import compat
from ..contract import ContractError
from ..properties import VIEW_ITEMS
from ..ui import say
from ..ui.told import told
from .compare import end_compare
from .errors import SequencerError
from .lay import lay
from .takes import use_take
from .view import needs_choice


class SORA_OT_lay_take(bpy.types.Operator):
    """Lay a take's picture and sound in the timeline; the shot's earlier takes stay at hand"""

    bl_idname = "sora.lay_take"
    bl_label = "Lay Take"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    directory: StringProperty(name="Folder", description="The take's folder", subtype="DIR_PATH", options={"SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN"})
    filter_glob: StringProperty(default="take.json", options={"HIDDEN"})
    at_playhead: BoolProperty(name="At the Playhead", description="Instead of where the shot is", default=False)
    view: EnumProperty(
        name="Colours",
        description="How the scene's view transform may change what clips look like",
        items=VIEW_ITEMS,
        default="ask",
    )

    def invoke(self, context: Any, event: Any) -> set[str]:
        self.view = compat.sequencer_scene(context).sora.view_choice
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, context: Any) -> None:
        layout, scene = self.layout, compat.sequencer_scene(context)
        layout.prop(self, "at_playhead")
        if needs_choice(scene):
            text = say.fill("{view} changes the colours of clips", view=scene.view_settings.view_transform)
            layout.label(text=text, icon="COLOR", translate=False)
            layout.prop(self, "view", expand=True)

    def execute(self, context: Any) -> set[str]:
        scene = compat.sequencer_scene(context)
        view = scene.view_settings.view_transform
        if needs_choice(scene) and self.view == "ask":
            text = say.fill_report(
                "The view {view} changes the colours of clips: choose Standard or Leave first", view=view
            )
            self.report({"ERROR"}, text)
            return {"CANCELLED"}
        try:
            at_frame = scene.frame_current if self.at_playhead else None
            laid = lay(scene, Path(bpy.path.abspath(self.directory)), at_frame, self.view)
        except (SequencerError, ContractError, OSError) as error:
            self.report({"ERROR"}, told(str(error)))
            return {"CANCELLED"}
        text = say.fill_report("Take laid at frames {first} to {last}", first=laid.start, last=laid.end - 1)
        if laid.replaced:
            text += say.fill_report("; {count} earlier kept, muted", count=len(laid.replaced))
        self.report({"INFO"}, text)
        return {"FINISHED"}


class SORA_OT_use_take(bpy.types.Operator):
    """Let this take of the shot play; the others wait, muted"""

    bl_idname = "sora.use_take"
    bl_label = "Use Take"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    take: StringProperty(name="Take", description="Its UUID")

    def execute(self, context: Any) -> set[str]:
        end_compare(compat.sequencer_scene(context))
        try:
            use_take(compat.sequencer_scene(context), self.take)
        except SequencerError as error:
            self.report({"ERROR"}, told(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


CLASSES = (SORA_OT_lay_take, SORA_OT_use_take)
