"""8-bit RGB to the YCbCr of a clip and back: ITU-R BT.709-6, limited range, chroma sited at the left.

swscale would use the BT.601 matrix unless told, and tells nobody; here the matrix is the one that the clip is tagged with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RED, BLUE = 0.2126, 0.0722
"""Weights of R' and B' in luma."""
GREEN = 1.0 - RED - BLUE

TO_YCBCR = np.array(
    [
        [RED * 219.0, GREEN * 219.0, BLUE * 219.0],
        [-RED * 112.0 / (1.0 - BLUE), -GREEN * 112.0 / (1.0 - BLUE), 112.0],
        [112.0, -GREEN * 112.0 / (1.0 - RED), -BLUE * 112.0 / (1.0 - RED)],
    ]
)
"""Y, Cb, Cr in 8-bit codes above their zero, of R'G'B' in 0 to 1."""
FROM_CODES = (np.linalg.inv(TO_YCBCR) * 255.0).astype(np.float32)
FROM_RGB = (TO_YCBCR / 255.0).astype(np.float32)
ZERO = np.array([16.0, 128.0, 128.0], np.float32)

Codes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Planes:
    """Y (H, W) and Cb, Cr of the same size, or of half of it each way (4:2:0)."""

    y: Codes
    cb: Codes
    cr: Codes


def to_planes(rgb: Codes, halved: bool) -> Planes:
    """Planes of an (H, W, 3) sRGB frame. ``halved`` chroma (4:2:0) needs even H and W.

    A chroma sample of 4:2:0 lies on the even columns and between two rows (H.264, chroma_sample_loc_type 0); it is the
    mean of the two rows, filtered 1 2 1 along the columns.
    """
    height, width, _ = rgb.shape
    codes = rgb.reshape(-1, 3).astype(np.float32) @ FROM_RGB.T + ZERO
    y, cb, cr = (plane.reshape(height, width) for plane in codes.T)
    if halved:
        cb, cr = _halve(cb), _halve(cr)
    return Planes(_whole(y), _whole(cb), _whole(cr))


def to_rgb(planes: Planes) -> Codes:
    """The (H, W, 3) sRGB frame of planes; halved chroma is interpolated linearly."""
    height, width = planes.y.shape
    chroma = [plane.astype(np.float32) for plane in (planes.cb, planes.cr)]
    if planes.cb.shape != planes.y.shape:
        chroma = [_double(plane) for plane in chroma]
    codes = np.stack([planes.y.astype(np.float32), *chroma], axis=-1).reshape(-1, 3) - ZERO
    return _whole(codes @ FROM_CODES.T).reshape(height, width, 3)


def _whole(values: NDArray[np.floating[Any]]) -> Codes:
    return np.ascontiguousarray(np.clip(values + 0.5, 0.0, 255.0).astype(np.uint8))


def _halve(plane: NDArray[Any]) -> NDArray[Any]:
    rows = (plane[0::2] + plane[1::2]) * 0.5
    before = np.concatenate([rows[:, :1], rows[:, 1:-1:2]], axis=1)
    return before * 0.25 + rows[:, 0::2] * 0.5 + rows[:, 1::2] * 0.25


def _double(plane: NDArray[Any]) -> NDArray[Any]:
    after = np.concatenate([plane[:, 1:], plane[:, -1:]], axis=1)
    wide = np.empty((plane.shape[0], plane.shape[1] * 2), np.float32)
    wide[:, 0::2] = plane
    wide[:, 1::2] = (plane + after) * 0.5
    above = np.concatenate([wide[:1], wide[:-1]])
    below = np.concatenate([wide[1:], wide[-1:]])
    whole = np.empty((wide.shape[0] * 2, wide.shape[1]), np.float32)
    whole[0::2] = wide * 0.75 + above * 0.25
    whole[1::2] = wide * 0.75 + below * 0.25
    return whole
