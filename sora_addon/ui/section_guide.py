"""What steers the picture: the guide with its weight against the keyframes, and how strongly it holds single objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ..client import asking, making
from ..contract.messages import BackendInfo
from ..properties import shown
from ..properties_making import GUIDES
from . import say
from .both import Section, scene_in
from .lacking import info_of
from .operators_making import SORA_MT_guides, SORA_UL_keyframes

LABELS = {name: label for name, label, _ in GUIDES}


class Guide(Section):
    """What of the scene steers the picture, how strongly, and which pictures it passes through"""

    name = "guide"
    parent = "shot"
    bl_label = "Guide and Keyframes"
    closed = True

    def draw(self, context: Any) -> None:
        layout, scene = self.layout, scene_in(context)
        info = info_of(scene.sora.backend)
        layout.use_property_split = True
        layout.use_property_decorate = False
        _draw_guide(layout, context, scene, info)
        layout.separator()
        _draw_keyframes(layout, context, scene, info)


def _draw_guide(layout: Any, context: Any, scene: Any, info: BackendInfo | None) -> None:
    guide, steered = scene.sora.making.guide, making.steered(scene, info)
    row = layout.row(align=True)
    choice = row.row(align=True)
    choice.enabled = info is None or bool(info.steers)
    choice.prop(guide, "control")
    row.menu(SORA_MT_guides.bl_idname, text="", icon="PRESET")
    weights = layout.column(align=True)
    weights.enabled = steered
    weights.prop(guide, "weight", slider=True)
    times = layout.column(align=True)
    times.enabled = steered and (info is None or guide.control in info.timed)
    times.prop(guide, "start", slider=True)
    times.prop(guide, "end", slider=True)
    reason = why_greyed(scene, info)
    if reason:
        say.wrapped(layout, reason, say.letters(context), "INFO")


def why_greyed(scene: Any, info: BackendInfo | None) -> str:
    """Why some of the guide's settings cannot be used; empty where all can."""
    control = scene.sora.making.guide.control
    if info is not None and not info.steers:
        return say.fill("{backend} follows the scene by itself; it has no guide to weigh", backend=shown(info.name))
    if control == "auto":
        return say._("The backend weighs its own guide; choose one to weigh it against keyframes")
    if control == "none" or info is None:
        return ""
    values = {"backend": shown(info.name), "guide": say._(LABELS[control])}
    if control not in info.steers:
        others = ", ".join(say._(LABELS[name]) for name in LABELS if name in info.steers)
        return say.fill("{backend} is not steered by {guide}; by {others} it is", others=others, **values)
    if control not in info.timed:
        return say.fill("{backend} hears {guide} from its first step to its last", **values)
    return ""


def _draw_keyframes(layout: Any, context: Any, scene: Any, info: BackendInfo | None) -> None:
    made, width = scene.sora.making, say.letters(context)
    takes_any = info is None or "keyframes" in info.controls
    layout.label(text="Keyframes")
    row = layout.row()
    row.enabled = takes_any
    row.template_list(
        SORA_UL_keyframes.bl_idname, "", made, "keyframes", made, "keyframe_index", rows=2 if made.keyframes else 1
    )
    buttons = row.column(align=True)
    buttons.operator("sora.add_keyframe", text="", icon="ADD")
    buttons.operator("sora.remove_keyframe", text="", icon="REMOVE")
    if not takes_any:
        text = say.fill("{backend} passes through no keyframes", backend=shown(scene.sora.backend))
        say.wrapped(layout, text, width, "INFO")
        return
    if not 0 <= made.keyframe_index < len(made.keyframes):
        return
    one = made.keyframes[made.keyframe_index]
    column = layout.column()
    column.prop(one, "path")
    column.prop(one, "frame")
    in_full = info is not None and "keyframes" not in info.steers
    strength = column.row()
    strength.enabled = not in_full
    strength.prop(one, "strength", slider=True)
    if info is not None and in_full:
        name = shown(info.name)
        text = say.fill("{backend} keeps to every keyframe in full; one of strength 0 is left out", backend=name)
        say.wrapped(layout, text, width, "INFO")
    problem = what_is_wrong(scene, one)
    if problem:
        say.wrapped(layout, problem, width, "ERROR")


def what_is_wrong(scene: Any, keyframe: Any) -> str:
    """Why a keyframe will not be heard; empty where it will."""
    if not keyframe.path:
        return say._("Choose its picture")
    if not Path(bpy.path.abspath(keyframe.path)).is_file():
        return say._("Its picture is not there")
    cut = asking.range_of(scene)
    first, last = cut.first - scene.sora.handle_in, cut.last + scene.sora.handle_out
    if not first <= keyframe.frame <= last:
        return say.fill("It is outside of the shot, which goes from {first} to {last}", first=first, last=last)
    same = [other for other in scene.sora.making.keyframes if other.path and other.frame == keyframe.frame]
    return say._("Another keyframe is at this frame") if len(same) > 1 else ""


def draw_hold(layout: Any, context: Any, scene: Any, thing: Any) -> None:
    """How strongly the guide holds an object; greyed with the reason where the backend takes all alike."""
    info = info_of(scene.sora.backend)
    row = layout.row()
    row.enabled = info is None or making.by_body(scene, info)
    row.prop(thing.sora, "hold", slider=True)
    if not row.enabled:
        say.wrapped(layout, why_alike(scene, info), say.letters(context), "INFO")


def why_alike(scene: Any, info: Any) -> str:
    """Why no object can be held less than others."""
    if not info.by_body:
        return say.fill("{backend} holds all objects alike", backend=shown(info.name))
    others = ", ".join(say._(LABELS[name]) for name in LABELS if name in info.by_body)
    return say.fill("Choose {others} as the guide to hold objects less than others", others=others)


SECTIONS = (Guide,)
