"""Depth as models learnt it: inverse, near is white, on one scale for the whole shot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MOST_SAMPLES = 8_000_000
"""Pixels that percentiles are taken from; of a longer shot, evenly spread ones."""


@dataclass(frozen=True)
class Range:
    """Inverse depths, a metre, that become black and white."""

    far: float
    near: float


def depth_range(depths: Iterable[Floats], frames: int, low: float = 2.0, high: float = 98.0) -> Range:
    """From the 2nd to the 98th percentile of inverse depth over the whole shot; one scale, so that nothing flickers.

    ``depths`` (H, W) metres a frame, inf where nothing is, which is not counted; ``frames`` how many there are.
    """
    share = max(256, MOST_SAMPLES // max(frames, 1))
    kept: list[Floats] = []
    for depth in depths:
        flat = depth.reshape(-1)[:: max(1, -(-depth.size // share))]
        kept.append(_inverse(flat[np.isfinite(flat)]))
    together = np.concatenate(kept) if kept else np.zeros(0, np.float32)
    if not together.size:
        return Range(0.0, 1.0)
    far, near = np.percentile(together, (low, high))
    return Range(float(far), float(near))


def inverse_depth(depth: Floats, limits: Range) -> Floats:
    """(H, W) from 0, far, to 1, near, of (H, W) metres; 0 where nothing is, a half where the shot has one depth only."""
    inverse = _inverse(depth)
    width = limits.near - limits.far
    flat = width <= 1e-6 * abs(limits.near)
    shade = np.full_like(inverse, 0.5) if flat else (inverse - np.float32(limits.far)) / np.float32(width)
    return np.where(np.isfinite(depth), np.clip(shade, 0.0, 1.0), 0.0).astype(np.float32)


def _inverse(depth: Floats) -> Floats:
    return (1.0 / np.maximum(depth, 1e-6)).astype(np.float32)
