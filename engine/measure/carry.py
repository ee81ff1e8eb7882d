"""One frame's pixels carried to the next by exact motion, where exact occlusion lets them be seen again."""

from __future__ import annotations

import functools
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera_model import Doubles, pixel_centres, strictly_inside
from .truth import Truth

ROUND_TRIP = 0.5
"""Pixels that a point may miss its start by when the next frame's motion is followed back."""
STEADY = 1.5
"""Pixels a frame that neighbouring pixels of one surface may differ by in motion, and no more."""


def landing(truth: Truth) -> Doubles:
    """(H, W, 2) pixels of the next frame where each pixel's point goes; NaN where unknown."""
    return pixel_centres(*truth.body.shape) + truth.to_next


@functools.lru_cache(maxsize=4)
def seen_again(truth: Truth, following: Truth | None) -> NDArray[np.bool_]:
    """(H, W) pixels of ``truth`` whose point is seen in the ``following`` frame too.

    It lands inside the picture, on the same body, on a point that the following frame's own motion leads back to the
    start, and neither end lies within a pixel of another body, where a picture mixes the two. Without ``following``
    (at the last frame) only the first and the last are asked for.
    """
    there = landing(truth)
    kept = strictly_inside(there, 1, *truth.body.shape) & (truth.body > 0) & within(truth)
    if following is None:
        return kept
    row, column = pixel_under(there)
    # the landing pixel's centre is up to half a pixel off, and motion varies by little over that
    missed = np.abs(truth.to_next - following.from_previous[row, column])
    returned = (missed[..., 0] < ROUND_TRIP) & (missed[..., 1] < ROUND_TRIP)
    return kept & returned & (following.body[row, column] == truth.body) & within(following)[row, column]


def pixel_under(places: Doubles) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column (H, W) of the pixel that each place (H, W, 2) lies in, the nearest where it is outside."""
    height, width = places.shape[:2]
    known = np.nan_to_num(places)
    return (
        np.clip(known[..., 1], 0, height - 1).astype(np.intp),
        np.clip(known[..., 0], 0, width - 1).astype(np.intp),
    )


@functools.lru_cache(maxsize=4)
def within(truth: Truth) -> NDArray[np.bool_]:
    """(H, W) pixels whose eight neighbours show the same body, and where its motion does not leap."""
    box = np.ones((3, 3), np.uint8)
    body = truth.body.astype(np.float32)  # exact up to 2^24 bodies
    same = cv2.dilate(body, box) == cv2.erode(body, box)
    for axis in (0, 1):
        motion = np.nan_to_num(np.ascontiguousarray(truth.to_next[..., axis]), nan=1e6)
        same &= cv2.dilate(motion, box) - cv2.erode(motion, box) < STEADY
    return same


def softened(picture: NDArray[Any]) -> NDArray[np.float32]:
    """(H, W) or (H, W, 3) codes, smoothed by a Gaussian of one pixel, so that sampling between pixels costs little."""
    return np.asarray(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.0), np.float32)


def fetched(picture: NDArray[np.float32], pixels: Doubles) -> NDArray[np.float32]:
    """``picture`` at ``pixels`` (H, W, 2), cubic."""
    place = np.nan_to_num(pixels - 0.5, nan=-10.0).astype(np.float32)
    column, row = np.ascontiguousarray(place[..., 0]), np.ascontiguousarray(place[..., 1])
    return np.asarray(cv2.remap(picture, column, row, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32)
