"""Lines that a draughtsman would draw, from exact passes: outlines, occlusions and creases, told apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Edges:
    """(H, W) masks, true on the pixel on this side of the line that is nearer to the camera."""

    outline: Mask
    """Between bodies, and between a body and nothing."""
    occlusion: Mask
    """Where a body hides a part of itself that lies further back."""
    crease: Mask
    """Where a visible surface turns sharply."""

    @property
    def any(self) -> Mask:
        return self.outline | self.occlusion | self.crease


def edges(depth: Floats, normal: Floats, body: NDArray[np.uint32], crease_degrees: float = 35.0) -> Edges:
    """Edges of one frame.

    ``depth`` (H, W) metres, inf where nothing is; ``normal`` (H, W, 3) unit, camera axes; ``body`` (H, W) indices, 0 where
    nothing is. Inverse depth is linear over the picture of a plane, so a step is what departs from the slope on both of its
    sides, by more than 3 %. After Saito and Takahashi, "Comprehensible rendering of 3-D shapes", 1990, with ids beside
    depth and normal.
    """
    inverse = np.where(np.isfinite(depth), 1.0 / np.maximum(depth, 1e-6), 0.0).astype(np.float32)
    outline = np.zeros(depth.shape, bool)
    occlusion = np.zeros(depth.shape, bool)
    crease = np.zeros(depth.shape, bool)
    limit = np.cos(np.radians(crease_degrees))
    for axis in (0, 1):
        a, b = _pair(inverse, axis)
        body_a, body_b = _pair(body, axis)
        normal_a, normal_b = _pair(normal, axis)
        other = body_a != body_b
        same = ~other & (body_a > 0)
        jump = same & (_departure(inverse, axis) > 0.03 * np.maximum(a, b))
        turn = same & ~jump & (np.einsum("ijk,ijk->ij", normal_a, normal_b) < limit)
        for mask, found in ((outline, other), (occlusion, jump), (crease, turn)):
            first, second = _pair(mask, axis)
            first |= found & (a >= b)
            second |= found & (a < b)
    return Edges(outline, occlusion, crease)


def _pair(array: NDArray, axis: int) -> tuple[NDArray, NDArray]:
    return (array[:-1], array[1:]) if axis == 0 else (array[:, :-1], array[:, 1:])


def _departure(inverse: Floats, axis: int) -> Floats:
    """How far the step of each pair is from the step before it and from the one after it, whichever is nearer."""
    step = np.diff(inverse, axis=axis)
    before, after = _pair(step, axis)
    change = np.abs(after - before)
    ends = [(1, 1) if k == axis else (0, 0) for k in (0, 1)]
    first, second = _pair(np.pad(change, ends, constant_values=np.inf), axis)
    return np.minimum(first, second)
