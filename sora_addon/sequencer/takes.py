"""The takes of a shot, side by side in its meta strip: one plays, the others wait, muted.

A shot is one meta strip. What the artist did to that strip (moved it, trimmed it, faded it) outlives every retake.
The strips themselves carry what they are, so that a copied or appended timeline still knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import compat
from .errors import SequencerError

TAKE, SHOT, FOLDER, FIRST, CUT = "sora_take", "sora_shot", "sora_folder", "sora_first", "sora_cut"
"""Custom properties. On a take's strips: TAKE, SHOT, FOLDER (text), FIRST (frame of the shot at which the file starts)
and CUT (first frame and the one after the last, without handles). On the meta strip: SHOT, and TAKE of the one that plays."""


@dataclass(frozen=True)
class StripTake:
    """A take as it lies in a meta strip."""

    take: str
    shot: str
    folder: str
    meta: str
    """Name of the meta strip."""
    plays: bool


def shot_metas(scene: Any, shot: str | None = None) -> Iterator[Any]:
    """The meta strips that hold takes (of the shot ``shot``), nested ones too."""
    editor = scene.sequence_editor
    if editor is None:
        return
    for strip in compat.all_strips_of(editor):
        if strip.type == "META" and SHOT in strip and shot in (None, strip[SHOT]):
            yield strip


def strips_by_take(meta: Any) -> dict[str, list[Any]]:
    """The strips of each take in ``meta``, in the order in which they were laid."""
    found: dict[str, list[Any]] = {}
    for strip in sorted(compat.strips_of(meta), key=lambda strip: strip.channel):
        if TAKE in strip:
            found.setdefault(strip[TAKE], []).append(strip)
    return found


def takes_in(scene: Any) -> list[StripTake]:
    """Every take in the timeline of ``scene``, the earliest laid first within each shot."""
    return [
        StripTake(take, strips[0][SHOT], strips[0][FOLDER], meta.name, meta[TAKE] == take)
        for meta in shot_metas(scene)
        for take, strips in strips_by_take(meta).items()
    ]


def use_take(scene: Any, take: str) -> list[str]:
    """Let the take of that UUID play wherever the timeline of ``scene`` holds it; returns the names of the meta strips.

    Raises SequencerError where it holds none.
    """
    metas = [meta for meta in shot_metas(scene) if take in strips_by_take(meta)]
    if not metas:
        raise SequencerError(f"The timeline of {scene.name!r} holds no take {take}; lay it from its folder")
    for meta in metas:
        let_play(meta, take)
    return [meta.name for meta in metas]


def let_play(meta: Any, take: str) -> None:
    """Mute every take in ``meta`` but one, and follow its cut where the artist has not trimmed the meta strip."""
    takes = strips_by_take(meta)
    before = takes.get(meta.get(TAKE, ""))
    untouched = before is None or cut_range(before[0]) == (compat.strip_start(meta), compat.strip_end(meta))
    for name, strips in takes.items():
        for strip in strips:
            strip.mute = name != take
    meta[TAKE] = take
    if untouched:
        compat.trim_strip(meta, *cut_range(takes[take][0]))


def cut_range(strip: Any) -> tuple[int, int]:
    """Where in the timeline the cut of a take's strip starts and ends (the frame after), wherever it was moved to."""
    shift = shift_of(strip)
    start, end = strip[CUT]
    return start + shift, end + shift


def shift_of(strip: Any) -> int:
    """Frames from the shot's own frame numbers to the timeline's."""
    return round(compat.strip_content_start(strip)) - strip[FIRST]
