"""The interface in other languages, a module each: English to what the artist reads."""

from __future__ import annotations

import bpy

from . import indonesian, indonesian_sentences

LOCALES = ("id", "id_ID")
"""What Blender has called Indonesian, before and from 4.2 on."""
CONTEXTS = ("*", "Operator")
"""Where Blender looks: operators' names have a context of their own."""


def start() -> None:
    """Let Blender know the texts."""
    texts = {(context, english): text for english, text in indonesian.TEXTS.items() for context in CONTEXTS}
    texts |= {("*", english): text for english, text in indonesian_sentences.SENTENCES.items()}
    bpy.app.translations.register(__name__, dict.fromkeys(LOCALES, texts))


def stop() -> None:
    bpy.app.translations.unregister(__name__)
