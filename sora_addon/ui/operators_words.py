"""From one line of words to a text, and back."""

from __future__ import annotations

from typing import Any

import bpy

from . import say
from .both import scene_in


class SORA_OT_long_words(bpy.types.Operator):
    """Write the words in a text of this file instead, where there is room for many; clear the field to come back"""

    bl_idname = "sora.long_words"
    bl_label = "Write in a Text"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        scene = scene_in(context)
        text = bpy.data.texts.new(f"{scene.name} words")
        text.write(scene.sora.prompt)
        scene.sora.prompt_text = text
        for area in context.screen.areas if context.screen else ():
            if area.type == "TEXT_EDITOR":
                area.spaces.active.text = text
        self.report(
            {"INFO"}, say.fill_report("The words are in the text {name}; edit it in a Text Editor", name=text.name)
        )
        return {"FINISHED"}


CLASSES = (SORA_OT_long_words,)
