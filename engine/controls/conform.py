"""How a shot lies on a model's grid, and how what the model made lies on the shot again: size, rate, frames, samples.

Sizes: the picture is scaled as a whole at most, so that it fits, and its edge is repeated up to the model's multiple of
pixels; it is never cut. Where the model can make the shot's own size nothing is scaled, and the way back is a cut, exact
to the pixel. Time: a model whose rate is the shot's, or so near that they are one rate by two names (23.976 and 24), is
told every frame of the shot, frame for frame. Another is told the frames that lie nearest to its own, by exact fractions.
Frames that only the grid asks for come after the last, and hold it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Shot

if TYPE_CHECKING:
    from ..backends.capabilities import FrameGrid

Planes = dict[str, NDArray[Any]]

SAME_RATE = Fraction(1, 100)
"""Share that two rates may differ by and still be told frame for frame; sound is stretched by the exact ratio."""
WHOLE = 4
"""Pixels that divide where the picture begins, so that it begins on a pixel in a half and in a quarter of the size too; not in one canvas."""
SURFACES = ("depth", "normal", "to_next", "from_previous", "body", "material")
"""Passes that are a point's own: taken at the nearest sample, never mixed."""
MOTIONS = ("to_next", "from_previous")


@dataclass(frozen=True)
class Fit:
    """A shot on a model's grid. The first frame of both is at 0 s; pixel (0, 0) is on top left; sizes in pixels."""

    shot_frames: int
    shot_rate: Fraction
    shot_width: int
    shot_height: int
    frames: int
    """That the model makes."""
    rate: Fraction
    """Frames a second that the model makes them for."""
    width: int
    height: int
    """Of the model's picture."""
    left: int
    top: int
    inner_width: int
    inner_height: int
    """Where in it the shot's picture lies; what is outside repeats its edge."""

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the model a pixel of the shot, along x and y."""
        return self.inner_width / self.shot_width, self.inner_height / self.shot_height

    @property
    def frame_for_frame(self) -> bool:
        """Whether the model's frame k is the shot's frame k."""
        return abs(self.rate / self.shot_rate - 1) <= SAME_RATE

    @property
    def stretch(self) -> Fraction:
        """Seconds of the shot a second of the model: what its sound is stretched by. 1 unless two rates are one."""
        return self.rate / self.shot_rate if self.frame_for_frame else Fraction(1)

    @property
    def frame_step(self) -> Fraction:
        """Frames of the shot from one of the model's to its next."""
        return Fraction(1) if self.frame_for_frame else self.shot_rate / self.rate

    def place(self, frame: int) -> Fraction:
        """Frames after the shot's first, perhaps between two, at which the model's ``frame`` (from 0) stands."""
        return min(frame * self.frame_step, Fraction(self.shot_frames - 1))

    def seconds(self, frame: int) -> Fraction:
        """From the shot's first frame, by the shot's clock."""
        return self.place(frame) / self.shot_rate

    def shown(self, frame: int) -> int:
        """Frames after the shot's first of the one that the model's ``frame`` (from 0) is told; halves go to the later."""
        return math.floor(self.place(frame) + Fraction(1, 2))

    def pixels(self, places: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """The model's pixels (..., 2) of the shot's (..., 2), x and y from the top left corner."""
        return np.asarray(places, np.float64) * self.scale + (self.left, self.top)


def fit_shot(
    shot: Shot,
    grid: FrameGrid,
    side_step: int,
    rates: Sequence[Fraction] | None,
    canvas: tuple[int, int] | None = None,
    pixels: int | None = None,
) -> Fit:
    """The fit of a shot to a model that makes counts of frames on ``grid`` and sides that ``side_step`` divides.

    ``rates`` that it makes, None for any; the nearest is taken. ``canvas`` (width, height) is the one size that it
    makes; else the shot's own size is kept, or made smaller to hold at most about ``pixels``. Pixels that are not square
    become square. Raises ContractError where the model makes fewer frames than the shot needs.
    """
    time, size = shot.time, shot.size
    rate = time.rate if not rates else min(rates, key=lambda one: (abs(one - time.rate), one))
    probe = Fit(time.frames, time.rate, size.width, size.height, 1, rate, 1, 1, 0, 0, 1, 1)
    needed = time.frames if probe.frame_for_frame else math.ceil((time.frames - 1) * rate / time.rate) + 1
    frames = grid.cover(needed)
    if grid.most is not None and frames > grid.most:
        raise ContractError(
            "time.last", f"the shot needs {frames} frames of the model, which makes {grid.most}", "shorten the shot"
        )
    wide, high = size.width * size.pixel_aspect, float(size.height)
    if canvas is not None:
        share = min(canvas[0] / wide, canvas[1] / high)
    else:
        share = 1.0 if pixels is None else min(1.0, math.sqrt(pixels / (wide * high)))
    inner_width, inner_height = max(1, round(wide * share)), max(1, round(high * share))
    whole = WHOLE if canvas is None else 1
    width, height = canvas or (_multiple(inner_width, side_step), _multiple(inner_height, side_step))
    return Fit(
        time.frames,
        time.rate,
        size.width,
        size.height,
        frames,
        rate,
        width,
        height,
        (width - inner_width) // 2 // whole * whole,
        (height - inner_height) // 2 // whole * whole,
        inner_width,
        inner_height,
    )


def planes_in(planes: Planes, fit: Fit) -> Planes:
    """Passes of one frame at the model's size, as ``Passes.frame`` gives them at the shot's.

    What belongs to a surface is taken at the sample nearest to the pixel's centre; motion is in the model's pixels; light
    and colour are averaged. Beyond the picture its edge is repeated.
    """
    row = _nearest(fit.height, fit.top, fit.inner_height, fit.shot_height)
    column = _nearest(fit.width, fit.left, fit.inner_width, fit.shot_width)
    found: Planes = {}
    for name, plane in planes.items():
        if name not in SURFACES:
            found[name] = picture_in(plane, fit)
            continue
        taken = plane[row[:, None], column[None, :]]
        found[name] = (taken * np.asarray(fit.scale, np.float32)).astype(np.float32) if name in MOTIONS else taken
    return found


def picture_in(picture: NDArray[Any], fit: Fit) -> NDArray[Any]:
    """(height, width[, C]) of the model's size from (H, W[, C]) of the shot's, in its type; averaged where it shrinks."""
    inner = resized(picture, fit.inner_width, fit.inner_height)
    below, right = fit.height - fit.top - fit.inner_height, fit.width - fit.left - fit.inner_width
    pad = ((fit.top, below), (fit.left, right), *((0, 0),) * (picture.ndim - 2))
    return np.pad(inner, pad, mode="edge")


def picture_out(picture: NDArray[Any], fit: Fit) -> NDArray[Any]:
    """(H, W[, C]) of the shot's size from (height, width[, C]) of the model's, in its type: cut, then scaled back."""
    inner = picture[fit.top : fit.top + fit.inner_height, fit.left : fit.left + fit.inner_width]
    return resized(inner, fit.shot_width, fit.shot_height)


def resized(picture: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    """(height, width[, C]) in the picture's type, edges on edges: area averages where it shrinks, cubic where it grows."""
    if picture.shape[:2] == (height, width):
        return np.ascontiguousarray(picture)
    shrinks = width * height < picture.shape[0] * picture.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(picture, (width, height), interpolation=way))
    return scaled.reshape(height, width, *picture.shape[2:])


def _nearest(count: int, before: int, inner: int, source: int) -> NDArray[np.intp]:
    """(count,) the source sample under each of the model's pixel centres, along one side."""
    centre = (np.arange(count) - before + 0.5) * source / inner
    return np.clip(np.floor(centre), 0, source - 1).astype(np.intp)


def _multiple(side: int, step: int) -> int:
    return -(-side // step) * step
