"""How large the network sees pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

HALF = 2
"""The U-Net sees the picture so many times smaller, at the size that it learnt at."""
LEARNT_HEIGHT = 144
"""Pixels of the pictures that it learnt from."""
DEEPEST = 8
"""Sides of the small picture are multiples of it."""


def pool_of(height: int) -> int:
    """How many times smaller the U-Net sees a picture of that height: as small as it saw those it learnt from."""
    return HALF * max(1, round(height / LEARNT_HEIGHT))


def padded_size(height: int, width: int, pool: int) -> tuple[int, int]:
    """The sides on which whole steps fit."""
    step = DEEPEST * pool
    return -(-height // step) * step, -(-width // step) * step


def places(height: int, width: int, pool: int) -> Floats:
    """(2, rows, columns) of ``padded_size``: x and y of pixels, -1 to 1 over the picture and on beyond it."""
    rows, columns = padded_size(height, width, pool)
    x = (np.arange(columns, dtype=np.float32) + 0.5) / width * 2 - 1
    y = (np.arange(rows, dtype=np.float32) + 0.5) / height * 2 - 1
    return np.stack(np.meshgrid(x, y, indexing="xy")).astype(np.float32)
