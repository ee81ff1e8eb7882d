"""What the artist does about the guide, keyframes, the chain, the model and what a job needs. Each undoes as one step."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from .. import properties
from ..client import asking, fitting
from ..client.fits import Mend
from ..client.making import makers_of_scene
from ..contract.chain import MOST_LINKS
from . import say
from .both import scene_in
from .lacking import info_of

GUIDE_PRESETS: dict[str, tuple[str, str, float, float, float]] = {
    "scene": ("Follow the Scene", "The guide speaks fully to the end, keyframes give way", 1.0, 1.0, 0.6),
    "balanced": ("Balanced", "The guide lays things out, and surfaces are the model's own", 0.8, 0.8, 1.0),
    "keyframes": ("Follow the Keyframes", "The guide speaks while things are laid out, keyframes hold", 0.5, 0.5, 1.0),
    "free": ("Go Free", "The guide is a hint, keyframes are aims", 0.3, 0.3, 0.8),
}
"""Label, tooltip, weight and end of the guide, strength of all keyframes."""
USUAL_GUIDES = ("depth", "edges", "motion", "preview", "ids")
"""What a preset chooses of, where no guide is chosen: the first that the backend is steered by."""


class SORA_UL_keyframes(bpy.types.UIList):
    """Pictures that the clip passes through"""

    bl_idname = "SORA_UL_keyframes"

    def draw_item(
        self, context: Any, layout: Any, data: Any, item: Any, icon: int, active: Any, name: str, index: int
    ) -> None:
        split = layout.row(align=True).split(factor=0.4, align=True)
        split.label(text=say.fill("Frame {frame}", frame=item.frame), icon="KEYFRAME", translate=False)
        split.label(text=bpy.path.basename(item.path) or say._("no picture"), translate=False)


class SORA_OT_apply_guide(bpy.types.Operator):
    """Weigh the guide against the keyframes in one of four ways"""

    bl_idname = "sora.apply_guide"
    bl_label = "Weigh the Guide"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    way: EnumProperty(
        name="Way",
        description="How strongly the scene and the keyframes speak",
        items=[(name, label, about) for name, (label, about, *_) in GUIDE_PRESETS.items()],
        default="balanced",
    )

    def execute(self, context: Any) -> set[str]:
        made, info = scene_in(context).sora.making, info_of(scene_in(context).sora.backend)
        _, _, weight, end, strength = GUIDE_PRESETS[self.way]
        if made.guide.control in ("auto", "none"):
            usual = [name for name in USUAL_GUIDES if info is None or name in info.steers]
            if not usual:
                self.report({"ERROR"}, say.report("The backend has no guide to weigh"))
                return {"CANCELLED"}
            made.guide.control = usual[0]
        made.guide.weight, made.guide.start, made.guide.end = weight, 0.0, end
        for one in made.keyframes:
            one.strength = strength
        return {"FINISHED"}


class SORA_MT_guides(bpy.types.Menu):
    """Ways to weigh the guide"""

    bl_idname = "SORA_MT_guides"
    bl_label = "Ways to Weigh the Guide"

    def draw(self, context: Any) -> None:
        for name, (label, *_) in GUIDE_PRESETS.items():
            self.layout.operator("sora.apply_guide", text=say._(label), translate=False).way = name


class SORA_OT_add_keyframe(bpy.types.Operator):
    """Choose a picture that the clip passes through at the current frame"""

    bl_idname = "sora.add_keyframe"
    bl_label = "Add Keyframe"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_image: BoolProperty(default=True, options={"HIDDEN"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN"})

    def invoke(self, context: Any, event: Any) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        scene = scene_in(context)
        made = scene.sora.making
        one = made.keyframes.add()
        one.frame, one.path = scene.frame_current, self.filepath
        made.keyframe_index = len(made.keyframes) - 1
        return {"FINISHED"}


class SORA_OT_remove_keyframe(bpy.types.Operator):
    """Take this keyframe off the list; its picture stays"""

    bl_idname = "sora.remove_keyframe"
    bl_label = "Remove Keyframe"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        made = scene_in(context).sora.making
        if not 0 <= made.keyframe_index < len(made.keyframes):
            cls.poll_message_set("Choose a row of the list first")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        made = scene_in(context).sora.making
        made.keyframes.remove(made.keyframe_index)
        made.keyframe_index = max(0, min(made.keyframe_index, len(made.keyframes) - 1))
        return {"FINISHED"}


class SORA_OT_add_link(bpy.types.Operator):
    """Let another backend go on from the take"""

    bl_idname = "sora.add_link"
    bl_label = "Add Backend to the Chain"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        if len(scene_in(context).sora.making.links) >= MOST_LINKS:
            cls.poll_message_set("The chain is as long as it can be")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        scene = scene_in(context)
        names = [item[0] for item in properties.offered_links()]
        names = [name for name in names if name != scene.sora.backend] or names
        able = [name for name in names if not (info := info_of(name)) or not info.missing] or names
        link = scene.sora.making.links.add()
        link.backend = able[0]
        info = info_of(able[0])
        if info is not None and not info.makes_picture:
            link.gives = "sound"
        return {"FINISHED"}


class _OfLink:
    index: IntProperty(name="Place", description="Its place after the first backend, from 0", min=0)

    @classmethod
    def poll(cls: Any, context: Any) -> bool:
        if not scene_in(context).sora.making.links:
            cls.poll_message_set("The chain has one backend alone")
            return False
        return True


class SORA_OT_remove_link(_OfLink, bpy.types.Operator):
    """Take this backend out of the chain"""

    bl_idname = "sora.remove_link"
    bl_label = "Remove from the Chain"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        links = scene_in(context).sora.making.links
        if self.index >= len(links):
            return {"CANCELLED"}
        links.remove(self.index)
        return {"FINISHED"}


class SORA_OT_move_link(_OfLink, bpy.types.Operator):
    """Let this backend come earlier or later"""

    bl_idname = "sora.move_link"
    bl_label = "Move in the Chain"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    upwards: BoolProperty(name="Earlier", description="Let it come before the one that it follows")

    def execute(self, context: Any) -> set[str]:
        links = scene_in(context).sora.making.links
        to = self.index + (-1 if self.upwards else 1)
        if not (0 <= self.index < len(links) and 0 <= to < len(links)):
            return {"CANCELLED"}
        links.move(self.index, to)
        return {"FINISHED"}


class SORA_OT_make_it_fit(bpy.types.Operator):
    """Set this, so that the job fits this machine"""

    bl_idname = "sora.make_it_fit"
    bl_label = "Make It Fit"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    kind: EnumProperty(
        name="What",
        description="What is set",
        items=[
            ("saving", "Memory", "A way of the backend to need less memory"),
            ("size", "Size", "A smaller picture"),
            ("frames", "Frames", "Fewer frames, from the first on"),
        ],
    )
    saving: StringProperty(name="Saving", description="Its name", options={"SKIP_SAVE"})
    share: FloatProperty(name="Share", description="Of the size that is set", min=0.01, max=1.0, default=1.0)
    frames: IntProperty(name="Frames", description="How many", min=0)
    place: IntProperty(name="Place", description="Of the backend in the chain, from 0", min=0, options={"SKIP_SAVE"})

    def execute(self, context: Any) -> set[str]:
        scene = scene_in(context)
        if self.kind == "frames" and self.frames < 1:
            return {"CANCELLED"}
        if self.place >= len(makers_of_scene(scene)):
            return {"CANCELLED"}
        fitting.apply(scene, Mend(self.kind, self.saving, self.share, self.frames, place=self.place))
        size, cut = asking.size_of(scene), asking.range_of(scene)
        values = {"frames": cut.frames, "width": size.width, "height": size.height}
        self.report({"INFO"}, say.fill_report("Set: {frames} frames, {width}x{height} pixels", **values))
        return {"FINISHED"}


class SORA_OT_end_saving(bpy.types.Operator):
    """Let the backend use its memory as it does by itself"""

    bl_idname = "sora.end_saving"
    bl_label = "End Saving Memory"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    place: IntProperty(name="Place", description="Of the backend in the chain, from 0", min=0, options={"SKIP_SAVE"})

    def execute(self, context: Any) -> set[str]:
        scene = scene_in(context)
        if self.place >= len(makers_of_scene(scene)):
            return {"CANCELLED"}
        fitting.maker_at(scene, self.place).saving = ""
        return {"FINISHED"}


class SORA_OT_choose_model(bpy.types.Operator):
    """Let the backend load this model"""

    bl_idname = "sora.choose_model"
    bl_label = "Choose Model"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    model: StringProperty(name="Model", description="Its name in the engine's catalogue", options={"SKIP_SAVE"})

    def execute(self, context: Any) -> set[str]:
        scene_in(context).sora.making.model = self.model
        return {"FINISHED"}


class SORA_OT_show_preferences(bpy.types.Operator):
    """Open the preferences of the add-on, with its models and its server"""

    bl_idname = "sora.show_preferences"
    bl_label = "Models and Server..."

    def execute(self, context: Any) -> set[str]:
        from ..install.preferences import PACKAGE

        bpy.ops.screen.userpref_show()
        bpy.ops.preferences.addon_show(module=PACKAGE)
        return {"FINISHED"}


CLASSES = (
    SORA_UL_keyframes,
    SORA_OT_apply_guide,
    SORA_MT_guides,
    SORA_OT_add_keyframe,
    SORA_OT_remove_keyframe,
    SORA_OT_add_link,
    SORA_OT_remove_link,
    SORA_OT_move_link,
    SORA_OT_make_it_fit,
    SORA_OT_end_saving,
    SORA_OT_choose_model,
    SORA_OT_show_preferences,
)
