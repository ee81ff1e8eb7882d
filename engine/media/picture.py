"""A still picture from a file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError

LARGEST = 1 << 28
"""Bytes."""
MOST_PIXELS = 1 << 27


def read_picture(path: Path) -> NDArray[np.uint8] | None:
    """(H, W, 3) uint8 sRGB; None where it is no picture by its name. Raises ContractError where it is too large or damaged."""
    if path.stat().st_size > LARGEST:
        raise ContractError(path.name, f"has more than {LARGEST} bytes", "give a smaller picture")
    data = np.fromfile(path, np.uint8)
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"):
        return None
    try:
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error as error:  # OpenCV refuses pictures of more than 2^30 pixels by itself
        raise ContractError(path.name, "cannot be read as a picture", "give a PNG or JPEG") from error
    if picture is None:
        raise ContractError(path.name, "cannot be read as a picture", "give a PNG or JPEG")
    if picture.shape[0] * picture.shape[1] > MOST_PIXELS:
        raise ContractError(path.name, f"has more than {MOST_PIXELS} pixels", "give a smaller picture")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
