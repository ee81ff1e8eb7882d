"""Two takes of a shot side by side: one lies over the other, cropped at a line that the artist moves."""

from __future__ import annotations

from typing import Any

from .. import compat
from .errors import SequencerError
from .takes import TAKE, shot_metas, strips_by_take

OTHER, BLEND = "sora_compare", "sora_blend"
"""Custom properties: on the meta strip, the UUID of the take that is held against the one that plays; on the upper
picture, the blend that it had before."""


def compare(scene: Any, take: str, split: float) -> str:
    """Show take ``take`` right of a line at ``split`` (share of the width), the one that plays left of it.

    The sound stays that of the one that plays. Returns the UUID of that one. Raises SequencerError where the timeline
    holds no such take beside a playing one.
    """
    end_compare(scene)
    metas = [meta for meta in shot_metas(scene) if take in strips_by_take(meta) and meta.get(TAKE, take) != take]
    if not metas:
        raise SequencerError("Choose a take of the shot that does not play; it is held against the one that does")
    for meta in metas:
        meta[OTHER] = take
        left, right = _pictures(meta)
        right.mute = False
        upper = max(left, right, key=lambda strip: strip.channel)
        upper[BLEND] = upper.blend_type
        upper.blend_type = "ALPHA_OVER"
        _crop(left, right, split)
    return metas[0][TAKE]


def move_split(scene: Any, split: float) -> None:
    """Move the line of every comparison in ``scene``."""
    for meta in shot_metas(scene):
        if OTHER in meta:
            _crop(*_pictures(meta), split)


def compared(scene: Any) -> str:
    """The UUID of the take that is held against the playing one; empty where none is."""
    return next((meta[OTHER] for meta in shot_metas(scene) if OTHER in meta), "")


def end_compare(scene: Any) -> bool:
    """Let the take that played before play alone again; whether there was a comparison."""
    found = False
    for meta in shot_metas(scene):
        if OTHER not in meta:
            continue
        found = True
        for strip in compat.strips_of(meta):
            if BLEND in strip:
                strip.blend_type = strip[BLEND]
                del strip[BLEND]
            if TAKE in strip and strip.type == "MOVIE":
                strip.crop.min_x = strip.crop.max_x = 0
        for strip in strips_by_take(meta).get(meta[OTHER], ()):
            strip.mute = meta[OTHER] != meta.get(TAKE)
        del meta[OTHER]
    return found


def _pictures(meta: Any) -> tuple[Any, Any]:
    """The picture that plays and the one that is held against it."""
    takes = strips_by_take(meta)
    found = [next((one for one in takes.get(meta[name], ()) if one.type == "MOVIE"), None) for name in (TAKE, OTHER)]
    if found[0] is None or found[1] is None:
        raise SequencerError("A take of the comparison has no picture in the timeline any more; end the comparison")
    return found[0], found[1]


def _crop(left: Any, right: Any, split: float) -> None:
    """Only the upper one is cropped: the lower one shows through beside it."""
    if left.channel > right.channel:
        left.crop.max_x = round((1.0 - split) * _width(left))
    else:
        right.crop.min_x = round(split * _width(right))


def _width(strip: Any) -> int:
    return strip.elements[0].orig_width if strip.elements else 0
