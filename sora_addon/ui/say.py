"""Sentences of the interface, in the artist's language."""

from __future__ import annotations

from typing import Any

import bpy

_ = bpy.app.translations.pgettext_iface
"""Translate a text of the interface."""
report = bpy.app.translations.pgettext_rpt
"""Translate what an operator reports."""


def fill(template: str, **values: Any) -> str:
    """``template`` in the artist's language, with its places filled in."""
    return _(template).format(**values)


def fill_report(template: str, **values: Any) -> str:
    """The same for what an operator reports."""
    return report(template).format(**values)


def duration(seconds: float) -> str:
    """'40 s', '3 min', '1 h 20 min': rounded as one would say it."""
    if seconds < 10:
        return fill("{seconds} s", seconds=max(1, round(seconds)))
    if seconds < 100:
        return fill("{seconds} s", seconds=round(seconds / 5) * 5)
    minutes = round(seconds / 60)
    if minutes < 60:
        return fill("{minutes} min", minutes=minutes)
    return fill("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def clock(seconds: float) -> str:
    """'0:42', '1:03:20'."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def wrapped(layout: Any, text: str, width: int, icon: str = "NONE") -> None:
    """``text`` as labels of at most ``width`` letters; ``icon`` stands before the first."""
    column = layout.column(align=True)
    line, first = "", True
    for word in [*text.split(), None]:
        if word is not None and len(line) + len(word) < width:
            line = f"{line} {word}".strip()
            continue
        if line:
            column.label(text=line, icon=icon if first else ("BLANK1" if icon != "NONE" else "NONE"), translate=False)
            first = False
        line = word or ""


def letters(context: Any) -> int:
    """How many letters of text fit into a line of the region."""
    scale = context.preferences.system.ui_scale or 1.0  # 0 where there is no window
    return max(20, int((context.region.width / scale - 60) / 6.2))
