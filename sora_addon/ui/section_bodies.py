"""What things are and what they sound like, in a list that the artist fills."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from typing import Any

import bpy

from . import say
from .both import Section, scene_in
from .section_guide import draw_hold

SEEN = ("MESH", "CURVE", "SURFACE", "FONT", "META", "EMPTY")
"""Kinds of objects that can be bodies; an empty may show an instance."""


class SORA_UL_bodies(bpy.types.UIList):
    """Objects with words and sound"""

    bl_idname = "SORA_UL_bodies"

    def draw_item(
        self, context: Any, layout: Any, data: Any, item: Any, icon: int, active: Any, name: str, index: int
    ) -> None:
        row = layout.row(align=True)
        thing = item.thing
        if thing is None:
            row.label(text="Choose an object", icon="ERROR")
            return
        split = row.split(factor=0.45, align=True)
        split.label(text=thing.name, icon="OBJECT_DATA", translate=False)
        split.prop(thing.sora, "sound", text="", emboss=False)


class Bodies(Section):
    """Words and sound of single objects"""

    name = "bodies"
    bl_label = "Bodies"
    closed = True

    def draw(self, context: Any) -> None:
        layout, asked = self.layout, scene_in(context).sora
        row = layout.row()
        row.template_list(SORA_UL_bodies.bl_idname, "", asked, "bodies", asked, "body_index", rows=3)
        buttons = row.column(align=True)
        buttons.operator("sora.add_body", text="", icon="ADD")
        buttons.operator("sora.remove_body", text="", icon="REMOVE")
        layout.operator("sora.bodies_from_selection", icon="RESTRICT_SELECT_OFF")
        if 0 <= asked.body_index < len(asked.bodies):
            entry = asked.bodies[asked.body_index]
            column = layout.column()
            column.use_property_split = True
            column.use_property_decorate = False
            column.prop(entry, "thing")
            if entry.thing is not None:
                column.prop(entry.thing.sora, "sound")
                column.prop(entry.thing.sora, "words")
                draw_hold(column, context, scene_in(context), entry.thing)


def _add(scene: Any, thing: Any) -> bool:
    if thing is not None and any(entry.thing == thing for entry in scene.sora.bodies):
        return False
    scene.sora.bodies.add().thing = thing
    scene.sora.body_index = len(scene.sora.bodies) - 1
    return True


class SORA_OT_add_body(bpy.types.Operator):
    """Add a row to the list; choose its object with the eyedropper"""

    bl_idname = "sora.add_body"
    bl_label = "Add Body"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        _add(scene_in(context), None)
        return {"FINISHED"}


class SORA_OT_bodies_from_selection(bpy.types.Operator):
    """Add the selected objects to the list"""

    bl_idname = "sora.bodies_from_selection"
    bl_label = "From Selection"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        if not any(thing.type in SEEN for thing in _selected(context)):
            cls.poll_message_set("Select objects that can be seen first")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        scene = scene_in(context)
        added = sum(_add(scene, thing) for thing in _selected(context) if thing.type in SEEN)
        self.report({"INFO"}, say.fill_report("{count} objects added", count=added))
        return {"FINISHED"}


def _selected(context: Any) -> list[Any]:
    """Also where the context has no selection of objects, as in the sequencer."""
    chosen = getattr(context, "selected_objects", None)
    if chosen is None:
        chosen = [thing for thing in context.view_layer.objects if thing.select_get()]
    return list(chosen)


class SORA_OT_remove_body(bpy.types.Operator):
    """Take this row off the list; the object keeps its words and sound"""

    bl_idname = "sora.remove_body"
    bl_label = "Remove Body"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        asked = scene_in(context).sora
        if not 0 <= asked.body_index < len(asked.bodies):
            cls.poll_message_set("Choose a row of the list first")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        asked = scene_in(context).sora
        asked.bodies.remove(asked.body_index)
        asked.body_index = max(0, min(asked.body_index, len(asked.bodies) - 1))
        return {"FINISHED"}


SECTIONS = (Bodies,)
CLASSES = (SORA_UL_bodies, SORA_OT_add_body, SORA_OT_bodies_from_selection, SORA_OT_remove_body)
