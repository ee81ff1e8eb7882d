"""Words as they are meant: without the disguises of letters that look alike, digits for letters, dots between them."""

from __future__ import annotations

import itertools
import re
import unicodedata

ALIKE = str.maketrans(
    dict(zip("аеорсухкмнтвгідјѕзԁһӏԛԝ", "aeopcyxkmhtbridjs3dhlqw", strict=True))
    | dict(zip("αβεικνορτυχηωѡ", "abeiknoptuxnww", strict=True))
    | dict(zip("ıłøđħæœßþðɡɑʀɪɴ", "ilodhaosbdgarin", strict=True))
)
"""Cyrillic, Greek and other letters as the Latin ones that they look like."""
DIGITS = str.maketrans("034578@$!|€", "oeastbasile")
FIGURES = re.compile(r"(?<![^\W_])\d+(?:[.,:]\d+)*(?:st|nd|rd|th|s|k|mm|fps|x|d)?(?![^\W_])")
"""Numbers that are numbers: they are not read as letters."""
SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\s.\-_*]{1,2}){2,}[^\W_](?![^\W_])")
"""Single letters with something between them."""
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)


ONES = ("i", "l", "il", "li")
"""What the figure 1 may stand for, in turns."""


def readings(text: str) -> set[str]:
    """The folded forms of a text: one, or a few where a 1 may be an i or an l."""
    return {fold(text, ones) for ones in (ONES if "1" in unicodedata.normalize("NFKD", text) else ONES[:1])}


def fold(text: str, ones: str = ONES[0]) -> str:
    """Lower-case Latin letters, figures and single spaces."""
    text = INVISIBLE.sub("", unicodedata.normalize("NFKD", text))
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).casefold().translate(ALIKE)
    text = SPACED.sub(lambda found: re.sub(r"[\s.\-_*]", "", found[0]), text)
    text = _undigited(text, ones)
    text = re.sub(r"(?<=[a-z])[*_.](?=[a-z])", "", text)
    text = re.sub(r"([a-z])\1{2,}", r"\1\1", text)
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


def spelled(text: str) -> list[str]:
    """What is spelled out letter by letter, run together: it may hold several words, and borders tell nothing."""
    text = (
        INVISIBLE.sub("", unicodedata.normalize("NFKD", text))
        .casefold()
        .translate(ALIKE)
        .translate(DIGITS)
        .replace("1", "i")
    )
    return [re.sub(r"[\s.\-_*]", "", found[0]) for found in SPACED.finditer(text)]


def _undigited(text: str, ones: str) -> str:
    """Digits and signs within words as the letters that they stand for."""
    words = []
    for word in text.split():
        bare = word.strip(".,;:!?()\"'")
        if not FIGURES.fullmatch(bare) and re.search(r"[a-z]", word):
            turns = itertools.cycle(ones)
            word = re.sub("1", lambda _, turns=turns: next(turns), bare.translate(DIGITS))
        words.append(word)
    return " ".join(words)
