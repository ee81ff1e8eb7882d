"""Motion as a picture: the colour wheel of optical flow, on one scale for the whole shot."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def flow_scale(motions: Iterable[Floats], share: float = 98.0) -> float:
    """Pixels a frame that are drawn in full colour: the 98th percentile of speed over the whole shot, 1 at least.

    ``motions`` (H, W, 2) a frame, NaN where unknown, which is not counted.
    """
    speeds = [np.hypot(motion[..., 0], motion[..., 1]).reshape(-1)[::7] for motion in motions]
    known = np.concatenate(speeds) if speeds else np.zeros(0, np.float32)
    known = known[np.isfinite(known)]
    return max(float(np.percentile(known, share)), 1.0) if known.size else 1.0


def flow_picture(motion: Floats, scale: float) -> NDArray[np.uint8]:
    """(H, W, 3) sRGB codes of (H, W, 2) pixels: hue tells where to, saturation how far; white stands still.

    To the right is red, down yellow, left cyan, up blue. What is faster than ``scale`` is a quarter darker. The wheel and
    its use are those of Baker et al., "A database and evaluation methodology for optical flow", IJCV 2011. Unknown motion
    is drawn as none.
    """
    known = np.nan_to_num(motion).astype(np.float64) / scale
    speed = np.hypot(known[..., 0], known[..., 1])
    turn = np.arctan2(-known[..., 1], -known[..., 0]) / np.pi
    place = (turn + 1) / 2 * (len(WHEEL) - 1)
    low = np.floor(place).astype(np.intp)
    high = (low + 1) % len(WHEEL)
    part = (place - low)[..., None]
    colour = (1 - part) * WHEEL[low] + part * WHEEL[high]
    near = 1 - np.minimum(speed, 1)[..., None] * (1 - colour)
    shown = np.where(speed[..., None] <= 1, near, colour * 0.75)
    return np.floor(255 * shown).astype(np.uint8)


def _wheel() -> NDArray[np.float64]:
    """(55, 3) hues, red first; there are more between those that the eye tells better apart."""
    spans = (("R", "G", 15), ("G", "R", 6), ("G", "B", 4), ("B", "G", 11), ("B", "R", 13), ("R", "B", 6))
    parts = []
    for i, (held, moved, count) in enumerate(spans):
        part = np.zeros((count, 3))
        share = np.arange(count) / count
        part[:, "RGB".index(held)] = 1.0
        part[:, "RGB".index(moved)] = share if i % 2 == 0 else 1 - share
        parts.append(part)
    return np.concatenate(parts)


WHEEL = _wheel()
