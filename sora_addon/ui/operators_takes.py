"""What the artist does with takes. What changes the scene undoes as one step."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from .. import compat
from ..client import kept
from ..client.desk import existing
from ..client.shelf import read_facts
from ..contract import ContractError
from ..properties import can_choose
from ..sequencer import SequencerError, choose_view
from ..sequencer.compare import compare, end_compare
from ..sequencer.remove import forget_record, remove_folder, remove_strips
from ..sequencer.view import needs_choice
from . import say
from .both import scene_in
from .lacking import info_of
from .section_takes import folder_of
from .told import told


class _OfTake:
    """An operator on the take whose UUID is given, or on the one that the list shows where none is."""

    if TYPE_CHECKING:
        poll_message_set: Any
        report: Any

    take: StringProperty(name="Take", description="Its UUID; empty for the one in the list", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: Any) -> bool:
        scene = scene_in(context)
        if scene is None or not scene.sora.takes:
            cls.poll_message_set("The scene has no takes yet; press Generate")
            return False
        return True

    def record(self, context: Any) -> Any:
        """The scene's record of the take; None, with a report, where there is none."""
        asked = scene_in(context).sora
        if not self.take and 0 <= asked.take_index < len(asked.takes):
            return asked.takes[asked.take_index]
        found = next((record for record in asked.takes if record.take == self.take), None)
        if found is None:
            self.report({"ERROR"}, say.report("The scene has no such take"))
        return found


class SORA_OT_compare_take(_OfTake, bpy.types.Operator):
    """Hold this take against the one that plays: left of a line that one, right of it this one"""

    bl_idname = "sora.compare_take"
    bl_label = "Compare Takes"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        record, scene = self.record(context), scene_in(context)
        if record is None:
            return {"CANCELLED"}
        try:
            compare(scene, record.take, scene.sora.split)
        except SequencerError as error:
            self.report({"ERROR"}, told(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


class SORA_OT_end_compare(bpy.types.Operator):
    """End the comparison: one take plays alone again"""

    bl_idname = "sora.end_compare"
    bl_label = "End Comparison"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        return {"FINISHED"} if end_compare(scene_in(context)) else {"CANCELLED"}


class SORA_OT_rate_take(_OfTake, bpy.types.Operator):
    """Say how good this take is, from 1 to 5 stars; the same star again takes the rating away"""

    bl_idname = "sora.rate_take"
    bl_label = "Rate Take"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    rating: IntProperty(name="Rating", description="Stars; 0 for not rated", min=0, max=5)

    def execute(self, context: Any) -> set[str]:
        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        record.rating = self.rating
        return {"FINISHED"}


class SORA_OT_delete_take(_OfTake, bpy.types.Operator):
    """Take this take out of the timeline and delete its files; they do not come back with an undo"""

    bl_idname = "sora.delete_take"
    bl_label = "Delete Take"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def invoke(self, context: Any, event: Any) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: Any) -> set[str]:
        record, scene = self.record(context), scene_in(context)
        if record is None:
            return {"CANCELLED"}
        take, folder = record.take, Path(folder_of(record))
        try:
            if folder.is_dir():
                remove_folder(folder, take)
        except (SequencerError, ContractError) as error:
            self.report({"ERROR"}, told(str(error)))
            return {"CANCELLED"}
        remove_strips(scene, take)
        forget_record(scene, take)
        scene.sora.take_index = min(scene.sora.take_index, len(scene.sora.takes) - 1)
        here = existing()
        if here is not None:
            here.take_deleted(scene.sora.id, take)
        return {"FINISHED"}


class SORA_OT_show_take(_OfTake, bpy.types.Operator):
    """Show the folder of this take in the file browser of the system"""

    bl_idname = "sora.show_take"
    bl_label = "Show Folder of Take"

    def execute(self, context: Any) -> set[str]:
        record = self.record(context)
        if record is None:
            return {"CANCELLED"}
        folder = folder_of(record)
        if not Path(folder).is_dir():
            self.report({"ERROR"}, say.fill_report("{folder} is not there any more", folder=folder))
            return {"CANCELLED"}
        bpy.ops.wm.path_open(filepath=folder)
        return {"FINISHED"}


class SORA_OT_settings_from_take(_OfTake, bpy.types.Operator):
    """Take over the words, look, seed, backend, guide, keyframes, chain and size that this take was made with"""

    bl_idname = "sora.settings_from_take"
    bl_label = "Settings from Take"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        record, scene = self.record(context), scene_in(context)
        if record is None:
            return {"CANCELLED"}
        facts = read_facts(Path(folder_of(record)))
        if facts.take is None:
            self.report({"ERROR"}, told(facts.problem))
            return {"CANCELLED"}
        left_out = take_over(scene, facts.take)
        left_out += kept.set_keyframes_of_take(scene, facts.take, Path(folder_of(record)))
        if left_out:
            text = say.fill_report("Not known here and left as it was: {names}", names=", ".join(left_out))
            self.report({"WARNING"}, text)
        return {"FINISHED"}


def take_over(scene: Any, take: Any) -> list[str]:
    """Set what ``take`` was made with; names of what this engine does not know."""
    asked, words, settings = scene.sora, take.words, take.backend.settings
    asked.prompt_text = None
    asked.prompt, asked.negative = words.prompt, words.negative
    asked.seed, asked.seed_locked = min(words.seed, 2**31 - 1), True
    asked.handle_in, asked.handle_out = take.time.handle_in, take.time.handle_out
    full = scene.render.resolution_x * scene.render.resolution_percentage / 100
    asked.percent = max(1, round(100 * take.size.width / full))
    asked.exr = bool(settings.get("exr", False))
    loudness = settings.get("loudness")
    asked.loudness_set = loudness is not None
    if loudness is not None:
        asked.loudness = loudness
    left_out = []
    quality = settings.get("quality", "standard")
    style = words.style or "words"
    if not can_choose("styles", style):
        style, asked.look = "own", style
    for name, value in (("style", style), ("backend", take.backend.name), ("quality", quality)):
        try:
            setattr(asked, name, value)
        except TypeError:
            left_out.append(f"{name} {value}")
    asked.making.model = kept.model_of_take(take)
    return left_out + kept.set_values(scene, kept.values_of_take(take, info_of))


class SORA_OT_show_timeline(bpy.types.Operator):
    """Show the timeline of this scene, where its takes lie: here if there is a sequencer, else in Video Editing"""

    bl_idname = "sora.show_timeline"
    bl_label = "Show in Timeline"

    @classmethod
    def poll(cls, context: Any) -> bool:
        if context.window is None or scene_in(context) is None:
            cls.poll_message_set("There is no window to show it in")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        scene, window = scene_in(context), context.window
        here = any(area.type == "SEQUENCE_EDITOR" for area in context.screen.areas)
        if not here and not compat.open_video_editing(context):
            text = say.report("This Blender has no Video Editing workspace; open a Video Sequencer")
            self.report({"ERROR"}, text)
            return {"CANCELLED"}
        for workspace in {window.workspace, compat.video_editing() or window.workspace}:
            compat.show_timeline(workspace, scene)
        return {"FINISHED"}


class SORA_OT_choose_view(bpy.types.Operator):
    """Say once for this scene how clips are shown"""

    bl_idname = "sora.choose_view"
    bl_label = "Choose View of Clips"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    choice: EnumProperty(
        name="Choice",
        description="What becomes of the scene's view transform",
        items=[
            (
                "standard",
                "Standard",
                "Show the scene with the Standard view, so that clips look as they do in a player",
            ),
            ("leave", "Leave", "Keep the scene's view transform, which changes how clips look"),
        ],
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        if not needs_choice(scene_in(context)):
            cls.poll_message_set("Clips look as they do in a player already, or the choice was made")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        try:
            choose_view(scene_in(context), self.choice)
        except SequencerError as error:
            self.report({"ERROR"}, told(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


CLASSES = (
    SORA_OT_compare_take,
    SORA_OT_end_compare,
    SORA_OT_rate_take,
    SORA_OT_delete_take,
    SORA_OT_show_take,
    SORA_OT_settings_from_take,
    SORA_OT_show_timeline,
    SORA_OT_choose_view,
)
