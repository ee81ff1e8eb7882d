"""What is to be made: words, look, seed, frames, size, and the button that makes it."""

from __future__ import annotations

from typing import Any

from .. import compat
from ..client import asking, making
from ..client.desk import existing
from ..client.pace import estimate
from ..contract.messages import QUALITIES, makers_of
from . import say
from .both import Section, scene_in
from .lacking import draw_hindrance, draw_lack, info_of
from .presets import SORA_MT_presets
from .section_fits import draw_fit, draw_models, draw_saving
from .told import told


class Shot(Section):
    """Words, look, seed and Generate"""

    name = "shot"
    bl_label = "Shot"

    def draw(self, context: Any) -> None:
        layout, scene = self.layout, scene_in(context)
        asked = scene.sora
        desk = existing()
        if desk is not None:
            desk.seen()
        in_sequencer = context.space_data.type == "SEQUENCE_EDITOR"
        if in_sequencer and asked.takes and not compat.shows_timeline(context.workspace, scene):
            layout.operator("sora.show_timeline", icon="SEQUENCE")
        layout.use_property_decorate = False
        words = layout.column(align=True)
        row = words.row(align=True)
        if asked.prompt_text is None:
            row.prop(asked, "prompt", text="", placeholder=say._("What the clip shows and what is heard"))
            row.operator("sora.long_words", text="", icon="TEXT")
        else:
            row.prop(asked, "prompt_text", text="")
        words.prop(asked, "negative", text="", placeholder=say._("What it must not show"))

        split = layout.column()
        split.use_property_split = True
        row = split.row(align=True)
        row.prop(asked, "style")
        row.menu(SORA_MT_presets.bl_idname, text="", icon="PRESET")
        row.operator("sora.add_preset", text="", icon="ADD")
        if asked.style == "own":
            split.prop(asked, "look", placeholder=say._("Paper, ink, a film stock"))
        row = split.row(align=True)
        row.prop(asked, "seed")
        row.prop(asked, "seed_locked", text="", icon="LOCKED" if asked.seed_locked else "UNLOCKED")
        _generate(layout, context, scene)


def summary(scene: Any) -> str:
    """'48 frames, 512x288, about 40 s'"""
    size, cut = asking.size_of(scene), asking.range_of(scene)
    frames = cut.frames + scene.sora.handle_in + scene.sora.handle_out
    makers = makers_of(making.makers_of_scene(scene), scene.sora.quality)
    seconds = estimate(makers, frames, size.width * size.height)
    values = {"frames": frames, "width": size.width, "height": size.height}
    if seconds is None:
        return say.fill("{frames} frames, {width}x{height} pixels", **values)
    return say.fill("{frames} frames, {width}x{height}, about {time}", **values, time=say.duration(seconds))


class FramesAndSize(Section):
    """Which frames, how large, and what is delivered"""

    name = "frames"
    parent = "shot"
    bl_label = "Frames and Size"
    closed = True

    def draw(self, context: Any) -> None:
        layout, scene = self.layout, scene_in(context)
        asked = scene.sora
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(asked, "frames")
        cut = asking.range_of(scene)
        row = layout.row()
        row.active = False
        row.label(text="")
        row.label(text=say.fill("{first} to {last}", first=cut.first, last=cut.last), translate=False)
        handles = layout.column(align=True)
        handles.prop(asked, "handle_in")
        handles.prop(asked, "handle_out", text="After")
        layout.prop(asked, "percent", slider=True)
        size = asking.size_of(scene)
        row = layout.row()
        row.active = False
        row.label(text="")
        row.label(text=say.fill("{width} x {height} pixels", width=size.width, height=size.height), translate=False)


class Making(Section):
    """What makes the picture, and what it delivers"""

    name = "making"
    parent = "shot"
    bl_label = "Backend and Delivery"
    closed = True

    def draw(self, context: Any) -> None:
        layout, scene = self.layout, scene_in(context)
        asked = scene.sora
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(asked, "backend")
        draw_models(layout, scene)
        _quality(layout, context, asked)
        draw_saving(layout, asked.making, info_of(asked.backend), 0)
        layout.prop(asked, "exr")
        row = layout.row(heading="Loudness")
        row.prop(asked, "loudness_set", text="")
        sub = row.row()
        sub.active = asked.loudness_set
        sub.prop(asked, "loudness", text="")
        layout.separator()
        layout.prop(context.window_manager.sora, "at_close")


def _quality(layout: Any, context: Any, asked: Any) -> None:
    """Greyed, with the reason, where the backend has one quality only."""
    info = info_of(asked.backend)
    row = layout.row()
    row.enabled = info is None or bool(info.steps)
    row.prop(asked, "quality")
    if info is None:
        return
    row = layout.row()
    row.active = False
    row.label(text="")
    if info.steps:
        text = say.fill("{steps} steps of the sampler", steps=info.steps[QUALITIES.index(asked.quality)])
    else:
        text = say.fill("{backend} has one quality", backend=info.name)
    row.label(text=text, translate=False)


def _generate(layout: Any, context: Any, scene: Any) -> None:
    column = layout.column(align=True)
    button = column.row()
    button.scale_y = 1.6
    button.operator("sora.generate", icon="RENDER_ANIMATION")
    column.label(text=summary(scene), translate=False)
    draw_fit(column, context, scene)
    draw_lack(column, context, scene.sora.backend)
    draw_hindrance(column, context, scene)
    missing = asking.missing_range(scene)
    if missing:
        say.wrapped(column, say._(missing), say.letters(context), icon="INFO")
    desk = existing()
    if desk is not None and desk.engine_trouble:
        box = layout.box()
        say.wrapped(box, told(desk.engine_trouble), say.letters(context), icon="ERROR")


SECTIONS = (Shot, FramesAndSize, Making)
