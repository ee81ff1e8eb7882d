"""Scene-linear Rec.709 to what a display shows, and back.

The transfer is that of sRGB, IEC 61966-2-1, with its linear toe: Blender's 'Standard' view. Arrays of any shape.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Weights of linear R, G, B in the relative luminance of Rec.709 (ITU-R BT.709-6)."""

DARKEST_DISPLAY = 0.04045
DARKEST_LINEAR = 0.0031308


def to_display(linear: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Scene-linear values to sRGB display values in 0 to 1; what is darker or brighter is clipped, NaN is black."""
    clipped = np.clip(np.nan_to_num(np.asarray(linear, np.float32), nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
    root = np.power(clipped, 1.0 / 2.4)
    curve = root + 0.055 * (root - 1.0)  # exactly 1 at 1, where 1.055 root - 0.055 rounds to less
    return np.where(clipped <= DARKEST_LINEAR, clipped * 12.92, curve).astype(np.float32)


def to_linear(display: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """sRGB display values in 0 to 1 to scene-linear values in 0 to 1."""
    clipped = np.clip(np.asarray(display, np.float32), 0.0, 1.0)
    return np.where(clipped <= DARKEST_DISPLAY, clipped / 12.92, ((clipped + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_uint8(display: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Display values in 0 to 1 to the nearest of 256 codes, halves rounded up; no dither, so equal in gives equal out."""
    return (np.clip(display, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def from_uint8(codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """8-bit sRGB codes to scene-linear values in 0 to 1."""
    return CODES[codes]


def expose(linear: NDArray[np.floating[Any]], stops: float) -> NDArray[np.float32]:
    """Scene-linear values, brighter by ``stops`` (each doubles)."""
    return np.asarray(linear, np.float32) * np.float32(2.0**stops)


def luminance(linear: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Relative luminance (...) of scene-linear (..., 3)."""
    return np.asarray(linear, np.float32) @ LUMINANCE


CODES = to_linear(np.arange(256, dtype=np.float32) / 255.0)
"""Scene-linear value of each 8-bit sRGB code."""
