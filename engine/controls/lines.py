"""Edges as pictures: white lines on black, as edge models learnt them, or a colour for each kind of edge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .edges import Edges

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def drawn(mask: Mask) -> Floats:
    """(H, W) lines from 0 to 1 as a pen lays them: a little wider than a pixel, soft at the rim, at any size."""
    wide = max(mask.shape[0] / 360.0, 0.5)
    return np.clip(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.55 * wide) * 1.7, 0, 1).astype(np.float32)


def line_drawing(found: Edges, crease: float = 0.7) -> Floats:
    """(H, W) from 0, paper, to 1, line: outlines and occlusions at 1, creases at ``crease``."""
    return np.maximum(drawn(found.outline | found.occlusion), np.float32(crease) * drawn(found.crease))


def kinds_of_line(found: Edges) -> Floats:
    """(H, W, 3) from 0 to 1: outlines red, occlusions green, creases blue."""
    return np.stack([drawn(found.outline), drawn(found.occlusion), drawn(found.crease)], -1)


def hard_lines(found: Edges) -> NDArray[np.uint8]:
    """(H, W) 0 or 255, a pixel wide, as a Canny detector draws: every kind of edge."""
    return np.where(found.any, 255, 0).astype(np.uint8)
