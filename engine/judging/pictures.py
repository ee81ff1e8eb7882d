"""How near made pictures come to true ones: PSNR, beside cheats that see the truth; FLIP; flicker; sharpness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import flip_evaluator
import numpy as np
from numpy.typing import NDArray

from ..measure.carry import fetched, landing, seen_again, softened
from ..measure.guide import PIXELS_PER_DEGREE
from ..measure.truth import Truth
from ..words.style import Style
from .held import Held, Judge, Pictures

ON_TWOS: tuple[Style, ...] = ("claymation",)
"""Styles whose truth stands still for two frames, so that motion cannot carry it."""


@dataclass(frozen=True)
class Seen:
    """Of one clip in one style."""

    clip: str
    style: Style
    psnr: float
    """Decibels over all frames."""
    guide_psnr: float
    flat_fit_psnr: float
    """The base colour with the affine map of colours that fits this clip's truth best: it sees the truth."""
    guide_fit_psnr: float
    """The lit guide with such a map."""
    flip: float
    """Of the middle frame."""
    guide_flip: float
    flicker: float
    """Warp error over the truth's own; NaN where nothing can be carried."""
    gradient: float
    """Energy of gradients over the truth's."""


def judged(held: Held, judge: Judge, styles: Iterable[Style] | None = None) -> list[Seen]:
    """The clip in each of its styles."""
    guide, flat = held.plane("guide"), held.plane("base")
    rows = []
    for style in held.styles if styles is None else styles:
        made, truth = held.made(judge, style), held.truth(style)
        middle = len(truth) // 2
        rows.append(
            Seen(
                held.name,
                style,
                psnr(made, truth),
                psnr(guide, truth),
                psnr(fitted(flat, truth), truth),
                psnr(fitted(guide, truth), truth),
                flip(made[middle], truth[middle]),
                flip(guide[middle], truth[middle]),
                _flicker(made, truth, held.measured) if style not in ON_TWOS else float("nan"),
                slope(made) / slope(truth),
            )
        )
    return rows


def mean(rows: Iterable[Seen], name: str) -> float:
    """Mean of one figure; NaN where there are none. Ratios are averaged as logarithms."""
    values = np.array([getattr(row, name) for row in rows])
    values = values[np.isfinite(values)]
    if not len(values):
        return float("nan")
    return float(np.exp(np.log(values).mean()) if name in ("flicker", "gradient") else values.mean())


FIGURES = tuple(one.name for one in fields(Seen) if one.name not in ("clip", "style"))


def psnr(seen: Pictures, truth: Pictures) -> float:
    """Decibels; the peak is 1."""
    return float(-10 * np.log10(np.square(seen - truth).mean() + 1e-10))


def fitted(picture: Pictures, truth: Pictures) -> Pictures:
    """``picture`` with the one affine map of its colours, for all frames, that comes nearest to ``truth``."""
    colours = np.concatenate([picture, np.ones_like(picture[..., :1])], -1).reshape(-1, 4)
    map_, *_ = np.linalg.lstsq(colours, truth.reshape(-1, 3), rcond=None)
    return np.clip(colours @ map_, 0, 1).reshape(truth.shape).astype(np.float32)


def flip(seen: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    """Mean LDR-FLIP (Andersson et al. 2020) of two pictures (H, W, 3)."""
    true, made = (np.ascontiguousarray(picture, np.float32) for picture in (truth, seen))
    _, value, _ = flip_evaluator.evaluate(true, made, "LDR", applyMagma=False, parameters={"ppd": PIXELS_PER_DEGREE})
    return float(value)


def slope(pictures: Pictures) -> float:
    """Mean energy of gradients."""
    across, down = np.diff(pictures, axis=2), np.diff(pictures, axis=1)
    return float(np.square(across).mean() + np.square(down).mean()) + 1e-9


def warp_error(pictures: Pictures, frames: list[Truth]) -> float:
    """Mean difference of what is seen in two frames that follow each other, carried by the true motion (Lai et al. 2018)."""
    off, count = 0.0, 0
    soft = [softened(picture) for picture in pictures]
    for now, following, seen, then in zip(frames, frames[1:], soft, soft[1:], strict=False):
        mask = seen_again(now, following)
        off += float(np.abs(seen - fetched(then, landing(now)))[mask].sum())
        count += int(mask.sum()) * 3
    return off / count if count else float("nan")


def _flicker(made: Pictures, truth: Pictures, frames: list[Truth]) -> float:
    own = warp_error(truth, frames)
    return warp_error(made, frames) / max(own, 1e-4)
