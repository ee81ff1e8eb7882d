"""The lit draft as a control: as it is shown, and blurred until only light and colour are left."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..media.colour import expose, to_display, to_uint8

Picture = NDArray[np.uint8]


def lit_preview(preview: NDArray[np.float32], exposure: float) -> Picture:
    """(H, W, 3) sRGB codes of the scene-linear preview pass, brighter by ``exposure`` stops; brighter than white is white."""
    return to_uint8(to_display(expose(preview, exposure)))


BLUR = 12.5 / 720
"""The middle of what Cosmos-Transfer was taught (its GaussianBlurConfig: 12.5 pixels where the longer side has 720)."""


def blurred(picture: Picture, share: float = BLUR) -> Picture:
    """(H, W, 3) under a Gaussian whose standard deviation is ``share`` of the longer side, its edge repeated beyond."""
    sigma = share * max(picture.shape[:2])
    if sigma <= 0:
        return picture.copy()
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.uint8)
