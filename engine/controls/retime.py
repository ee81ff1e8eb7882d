"""The model's frames as the shot's: cut and scaled back, and where the rates differ carried along the exact motion."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from .conform import Fit, picture_out
from .motion import Mask, Planes, carried

Picture = NDArray[np.uint8]

HELD = 6
"""Frames whose passes are kept in memory at once."""


def frames_out(
    pictures: Sequence[Picture] | NDArray[np.uint8],
    fit: Fit,
    planes: Callable[[int], Planes] | None = None,
    exact_times: bool = False,
) -> Iterator[Picture]:
    """Exactly the shot's frames, (H, W, 3), of the model's ``fit.frames`` pictures (height, width, 3).

    Frame for frame where the rates are one. Else each frame of the shot is made of the model's frames before and after it,
    carried to it along the exact motion: ``planes`` gives the passes of ``motion.NEEDED`` of the frame that many after the
    first, and without it the nearest frame is held. A model that was told passes shows the frame ``fit.shown(k)``; with
    ``exact_times`` its frame k shows ``fit.place(k)``, as one that was told the camera alone does.

    Raises ValueError for another count of pictures or another size.
    """
    if len(pictures) != fit.frames:
        raise ValueError(f"the model made {len(pictures)} frames, {fit.frames} were asked for")
    for picture in pictures:
        if picture.shape != (fit.height, fit.width, 3):
            raise ValueError(f"the model made {picture.shape}, {(fit.height, fit.width, 3)} was asked for")
    if fit.frame_for_frame:
        for frame in range(fit.shot_frames):
            yield picture_out(pictures[frame], fit)
        return
    at = [fit.place(k) if exact_times else Fraction(fit.shown(k)) for k in range(fit.frames)]
    kept: dict[int, Picture] = {}
    known = None if planes is None else functools.lru_cache(maxsize=HELD)(planes)
    for frame in range(fit.shot_frames):
        after = bisect.bisect_left(at, frame)
        before = after if at[after] == frame else after - 1
        kept = {k: kept[k] if k in kept else picture_out(pictures[k], fit) for k in {before, after}}
        if before == after:
            yield kept[after]
        elif known is None:
            yield kept[before if frame - at[before] <= at[after] - frame else after]
        else:
            yield _between(kept[before], kept[after], at[before], at[after], frame, known)


def _between(
    before: Picture, after: Picture, start: Fraction, stop: Fraction, frame: int, planes: Callable[[int], Planes]
) -> Picture:
    """The picture of ``frame`` from those at ``start`` and ``stop``, the nearer counting for more where both show a point.

    Where neither does, the nearer picture is shown as it is.
    """
    share = float((frame - start) / (stop - start))
    earlier, seen_earlier = _carried_to(before, frame, start, planes)
    later, seen_later = _carried_to(after, frame, stop, planes)
    weight = np.where(seen_earlier == seen_later, share, seen_later.astype(np.float64))[..., None]
    made = (1 - weight) * earlier + weight * later
    plain = before if share <= 0.5 else after
    shown = np.where((seen_earlier | seen_later)[..., None], made, plain)
    return np.clip(np.floor(shown + 0.5), 0, 255).astype(np.uint8)


def _carried_to(
    picture: Picture, frame: int, at: Fraction, planes: Callable[[int], Planes]
) -> tuple[NDArray[np.float32], Mask]:
    """``picture``, which shows the time ``at``, as ``frame`` would show its points, and where it does (H, W)."""
    places, seen = carried(planes, frame, at)
    # OpenCV counts from the first pixel's centre
    column, row = np.moveaxis((places - 0.5).astype(np.float32), -1, 0)
    fetched = cv2.remap(
        picture.astype(np.float32), column, row, interpolation=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(fetched, np.float32), seen
