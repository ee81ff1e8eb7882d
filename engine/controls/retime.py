"""The model's frames as the shot's: cut and scaled back, and where the rates differ carried along the exact motion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .conform import Fit, picture_out

Picture = NDArray[np.uint8]
Planes = dict[str, NDArray[Any]]


def frames_out(
    pictures: Sequence[Picture] | NDArray[np.uint8],
    fit: Fit,
    planes: Callable[[int], Planes] | None = None,
    exact_times: bool = False,
) -> Iterator[Picture]:
    """Exactly the shot's frames, (H, W, 3), of the model's ``fit.frames`` pictures (height, width, 3).

    Frame for frame where the rates are one. Else each frame of the shot is made of the model's frames before and after it,
    carried to it along the exact motion; ``planes`` gives the passes of ``NEEDED`` of the frame that many after the first.
    A model that was told passes shows the frame ``fit.shown(k)``; with ``exact_times`` its frame k shows ``fit.place(k)``,
    as one that was told the camera alone does. Raises ValueError for another count of pictures or another size.
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
    for frame in range(fit.shot_frames):
        nearest = min(range(fit.frames), key=lambda k: (abs(at[k] - frame), k))
        yield picture_out(pictures[nearest], fit)
