"""Edges as pictures: white lines on black, as edge models learnt them, or a colour for each kind of edge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .edges import Edges

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

ROWS_A_PIXEL = 360
"""Rows of the picture for each pixel of a pen's width."""


def hard_lines(found: Edges) -> NDArray[np.uint8]:
    """(H, W) 0 or 255, a pixel wide, as a Canny detector draws: every kind of edge."""
    return np.where(found.any, 255, 0).astype(np.uint8)


def line_drawing(found: Edges, crease: float = 0.7) -> Floats:
    """(H, W) from 0, paper, to 1, line: outlines and occlusions at 1, creases at ``crease``, as a pen draws them."""
    return np.maximum(penned(found.outline | found.occlusion), np.float32(crease) * penned(found.crease))


def kinds_of_line(found: Edges) -> Floats:
    """(H, W, 3) from 0 to 1: outlines red, occlusions green, creases blue."""
    return np.stack([penned(found.outline), penned(found.occlusion), penned(found.crease)], -1)


def penned(mask: Mask, width: float | None = None) -> Floats:
    """(H, W) from 0 to 1 the share of each pixel that a pen of that width covers, drawn along the mask's pixels.

    Without ``width``, a pixel, and more from ``ROWS_A_PIXEL`` rows on, so that lines look alike at every size.
    """
    if not mask.any():
        return np.zeros(mask.shape, np.float32)
    wide = max(mask.shape[0] / ROWS_A_PIXEL, 1.0) if width is None else width
    off = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.clip(wide / 2 + 0.5 - off, 0.0, 1.0).astype(np.float32)


def drawn(mask: Mask) -> Floats:
    """(H, W) lines from 0 to 1 as the built-in model learnt them: soft, a little wider than a pixel on 360 rows."""
    wide = max(mask.shape[0] / 360.0, 0.5)
    return np.clip(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.55 * wide) * 1.7, 0, 1).astype(np.float32)
