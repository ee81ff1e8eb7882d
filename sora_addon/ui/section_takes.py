"""The takes of the shot: which plays, how well each obeyed, and what to do with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ..client.desk import existing
from ..sequencer.compare import compared
from ..sequencer.takes import TAKE, shot_metas
from ..sequencer.view import needs_choice
from . import pictures, say
from .both import Section, scene_in
from .measures import in_words
from .plans import plans_in_words
from .told import told

STARS = 5


def folder_of(record: Any) -> str:
    """Where the files of a take are."""
    return bpy.path.abspath(record.folder)


def playing(scene: Any) -> set[str]:
    """UUIDs of the takes that play in the timeline of ``scene``."""
    return {meta[TAKE] for meta in shot_metas(scene) if TAKE in meta}


class SORA_UL_takes(bpy.types.UIList):
    """Takes, by when they were laid"""

    bl_idname = "SORA_UL_takes"

    def draw_item(
        self, context: Any, layout: Any, data: Any, item: Any, icon: int, active: Any, name: str, index: int
    ) -> None:
        row = layout.row(align=True)
        plays = item.take in playing(item.id_data)
        row.label(text=say.fill("Take {number}", number=index + 1), icon="PLAY" if plays else "BLANK1", translate=False)
        stars = row.row(align=True)
        stars.alignment = "RIGHT"
        stars.label(text="\N{BLACK STAR}" * item.rating, translate=False)


class Takes(Section):
    """Takes of this scene's shots"""

    name = "takes"
    bl_label = "Takes"

    def draw(self, context: Any) -> None:
        layout, scene = self.layout, scene_in(context)
        asked = scene.sora
        if needs_choice(scene) and asked.takes:
            _ask_view(layout, context, scene)
        if not asked.takes:
            layout.label(text="No takes yet; press Generate")
            layout.operator("sora.lay_take", text="Lay a Take from Disk...", icon="FILE_MOVIE")
            return
        if context.space_data.type != "SEQUENCE_EDITOR":
            layout.operator("sora.show_timeline", icon="SEQUENCE")
        layout.template_list(
            SORA_UL_takes.bl_idname, "", asked, "takes", asked, "take_index", rows=min(5, max(2, len(asked.takes)))
        )
        if 0 <= asked.take_index < len(asked.takes):
            _take(layout, context, scene, asked.takes[asked.take_index])
        layout.operator("sora.lay_take", text="Lay a Take from Disk...", icon="FILE_MOVIE")
        row = layout.row(align=True)
        row.operator("sora.sign_sequence", icon="GREASEPENCIL")
        row.operator("sora.verify", text="Verify a File...")


def _ask_view(layout: Any, context: Any, scene: Any) -> None:
    box = layout.box()
    text = say.fill(
        "The view transform {view} changes how clips look beside what a player shows",
        view=scene.view_settings.view_transform,
    )
    say.wrapped(box, text, say.letters(context) - 4, icon="COLOR")
    row = box.row(align=True)
    row.operator("sora.choose_view", text="Show as in a Player").choice = "standard"
    row.operator("sora.choose_view", text="Leave").choice = "leave"


def _take(layout: Any, context: Any, scene: Any, record: Any) -> None:
    desk = existing()
    facts = desk.state.shelf.facts(folder_of(record)) if desk is not None else None
    column = layout.column(align=True)
    if facts is not None and facts.take is not None:
        clip = Path(folder_of(record), facts.take.files.clip)
        icon = pictures.icon(f"take {record.take}", str(clip), "MOVIE")
        if icon:
            column.template_icon(icon_value=icon, scale=8.0)
        for words in [*in_words(facts.measures), *plans_in_words(facts.take)]:
            column.label(text=words, translate=False)
    elif facts is not None:
        say.wrapped(column, told(facts.problem), say.letters(context), icon="ERROR")
    _stars(column, record)
    row = layout.row(align=True)
    use = row.row(align=True)
    use.enabled = record.take not in playing(scene)
    use.operator("sora.use_take", icon="PLAY").take = record.take
    other = compared(scene)
    if other:
        row.operator("sora.end_compare", icon="PANEL_CLOSE")
        layout.prop(scene.sora, "split", slider=True)
    else:
        held = row.row(align=True)
        held.enabled = record.take not in playing(scene)
        held.operator("sora.compare_take", icon="SPLIT_VERTICAL", text="Compare").take = record.take
    row = layout.row(align=True)
    row.operator("sora.settings_from_take", icon="PRESET").take = record.take
    row.operator("sora.verify", icon="CHECKMARK", text="").take = record.take
    row.operator("sora.show_take", icon="FILE_FOLDER", text="").take = record.take
    row.operator("sora.delete_take", icon="TRASH", text="").take = record.take


def _stars(layout: Any, record: Any) -> None:
    row = layout.row(align=True)
    for star in range(1, STARS + 1):
        icon = "SOLO_ON" if star <= record.rating else "SOLO_OFF"
        button = row.operator("sora.rate_take", text="", icon=icon, emboss=False)
        button.take, button.rating = record.take, 0 if star == record.rating else star


SECTIONS = (Takes,)
CLASSES = (SORA_UL_takes,)
