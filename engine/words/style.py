"""Which style the words ask for. English and Indonesian."""

from __future__ import annotations

import re
from typing import Literal, get_args

from sora_addon.contract import Words

Style = Literal[
    "cinematic",
    "documentary",
    "cartoon",
    "anime",
    "noir",
    "clay",
    "watercolour",
    "claymation",
    "blueprint",
    "seventies",
]
STYLES: tuple[Style, ...] = get_args(Style)

_SAID: tuple[tuple[str, Style], ...] = (
    (r"film noir|noir|black[- ]and[- ]white|hitam[- ]putih", "noir"),
    (r"claymation|stop[- ]?motion|plastisin", "claymation"),
    (r"clay(?: render| model)?|tanah liat|grey ?box|gray ?box", "clay"),
    (r"water ?colou?r|aquarelle|cat air", "watercolour"),
    (r"blue ?print|technical drawing|cetak biru|gambar teknik", "blueprint"),
    (r"anime|manga", "anime"),
    (r"cartoon|toon|cel[- ]shaded|kartun", "cartoon"),
    (r"1970s|70s|seventies|super ?8|vintage film|tahun 70-?an", "seventies"),
    (r"documentary|handheld|newsreel|dokumenter", "documentary"),
    (r"cinematic|film look|sinematik", "cinematic"),
)


def style_of(words: Words) -> Style:
    """The style field where it names one, else the first that the prompt names, else cinematic."""
    for text in (words.style, words.prompt):
        for pattern, style in _SAID:
            if re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE):
                return style
    return "cinematic"
