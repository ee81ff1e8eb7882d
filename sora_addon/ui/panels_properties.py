"""In the Properties editor: what a thing and a material sound like."""

from __future__ import annotations

from typing import Any

import bpy


class SORA_PT_body(bpy.types.Panel):
    bl_label = "Sound and Words"
    bl_space_type = "PROPERTIES"
    bl_region_type = "WINDOW"
    bl_context = "object"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        return context.object is not None

    def draw(self, context: Any) -> None:
        self.layout.use_property_split = True
        self.layout.prop(context.object.sora, "sound")
        self.layout.prop(context.object.sora, "words")


class SORA_PT_material(bpy.types.Panel):
    bl_label = "Sound and Words"
    bl_space_type = "PROPERTIES"
    bl_region_type = "WINDOW"
    bl_context = "material"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        return context.material is not None

    def draw(self, context: Any) -> None:
        self.layout.use_property_split = True
        self.layout.prop(context.material.sora, "sound")
        self.layout.prop(context.material.sora, "words")


CLASSES = (SORA_PT_body, SORA_PT_material)
