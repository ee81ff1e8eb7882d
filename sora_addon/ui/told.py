"""What the engine, an export or an install has said, in the artist's language.

It comes as finished English, with names and figures in it. Each sentence is known by its form, and what was filled in is kept.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import bpy

from .say import _
from .translations.indonesian import TEXTS
from .translations.indonesian_sentences import SENTENCES

FIELD = re.compile(r"([\w.\[\]/-]+): (.+)", re.DOTALL)
"""A field or file that what follows is about."""
JOINTS = (". ", "; ")
"""Between two sentences, and before what mends it."""
REMARK = re.compile(r"(.+?) (\(.+\))", re.DOTALL)
WRAPPED = re.compile(r"(\s*)(.*?)(\.?\s*)", re.DOTALL)


def told(text: str) -> str:
    """``text`` in the artist's language; what is not known stays as it is."""
    spoken = language()
    return text if not spoken or spoken.startswith("en") else _told(text, spoken)


def language() -> str:
    """The interface's, as 'en_US'."""
    return bpy.app.translations.locale


@lru_cache(1000)
def _told(text: str, spoken: str) -> str:
    before, sentence, after = _split(text)
    return before + _sentence(sentence, spoken) + after


def _split(text: str) -> tuple[str, str, str]:
    found = WRAPPED.fullmatch(text)
    assert found is not None
    return found[1], found[2], found[3]


def _sentence(sentence: str, spoken: str) -> str:
    if not any(letter.isalpha() for letter in sentence):
        return sentence
    if sentence in TEXTS and " " in sentence:  # a single word may be a thing's name
        return _(sentence)
    for form, shape in _shapes():
        found = shape.fullmatch(sentence)
        if found is not None:
            return _(form).format(*(_told(part, spoken) for part in found.groups()))
    for joint in JOINTS:
        head, _joint, rest = sentence.partition(joint)
        if rest:
            return _told(head, spoken) + joint + _told(rest, spoken)
    if (field := FIELD.fullmatch(sentence)) is not None:
        return f"{field[1]}: {_told(field[2], spoken)}"
    if (remark := REMARK.fullmatch(sentence)) is not None:
        return f"{_told(remark[1], spoken)} {_told(remark[2], spoken)}"
    return sentence


@cache
def _shapes() -> list[tuple[str, re.Pattern[str]]]:
    """Forms and what fits them, those with the most words of their own first."""
    forms = sorted(SENTENCES, key=lambda form: len(form.replace("{}", "")), reverse=True)
    return [(form, re.compile(re.escape(form).replace(r"\{\}", "(.*?)"), re.DOTALL)) for form in forms]
