"""The mark in a picture: a pattern of middle and low frequencies over all of it, its sign turning every second.

What does not change within two seconds cancels against the turned sign, so that still pictures do not hide their own mark; a
pattern that stays within a second is what an encoder keeps. It is drawn on a canonical picture whose shorter side is 288
pixels, so that scaling does not matter, and it repeats, so that a crop is a shift.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from .carrier import Carrier, Reading
from .code import encoded

Floats = NDArray[np.float32]

SIDE, TILE = 288, 144
"""Canonical pixels of the shorter side, and of a tile's side."""
LOW, HIGH = 2.5, 13.0
"""Cycles a tile: wavelengths of 58 to 11 canonical pixels."""
PSNR = 42.1
"""Decibels that the mark alone leaves at least, over every frame."""
FLAT, GAIN, MOST = 0.9, 0.12, 4.0
"""Standard deviation of the mark in codes where nothing else is, what each code of texture adds, and the end of that."""
TURN = Fraction(1)
"""Seconds between two changes of sign."""
SLICE = Fraction(1, 4)
"""Seconds of frames that are read together."""
READINGS = 4
"""Of either kind that are worth a try."""
CROPS = (1.0, *np.arange(0.995, 0.855, -0.005))
"""Shares of the shorter side that are left: a crop of 10 % is 0.9."""


@cache
def carrier() -> tuple[Carrier, NDArray[np.int64]]:
    """The carrier, and the ring of each of its lines."""
    rows = np.fft.fftfreq(TILE, 1 / TILE)[:, None]
    columns = np.arange(TILE // 2 + 1)[None, :]
    radius = np.hypot(rows, columns)
    lines = np.argwhere((radius >= LOW) & (radius <= HIGH) & ((columns > 0) | (rows > 0)))
    return Carrier((TILE, TILE), lines), np.rint(radius[tuple(lines.T)]).astype(np.int64)


def mark_frames(frames: NDArray[np.uint8], mark: str, rate: Fraction) -> None:
    """Put the mark into (F, H, W, 3) uint8 sRGB frames, in place, a frame at a time."""
    height, width = frames.shape[1:3]
    pattern = _cover(carrier()[0].tile(encoded(mark)), width, height)
    most = 255.0 / 10 ** (PSNR / 20)
    for number in range(len(frames)):
        frame = frames[number]
        delta = _strength(frame) * pattern
        delta *= min(1.0, most / float(np.sqrt(np.mean(delta**2)) + 1e-9))
        if int(Fraction(number) / rate / TURN) % 2:
            delta = -delta
        whole = np.rint(delta).astype(np.int16)[..., None]
        frames[number] = np.clip(frame.astype(np.int16) + whole, 0, 255).astype(np.uint8)


def _cover(tile: Floats, width: int, height: int) -> Floats:
    share = SIDE / min(width, height)
    across, down = max(1, round(width * share)), max(1, round(height * share))
    whole = np.tile(tile, (-(-down // TILE), -(-across // TILE)))[:down, :across]
    return cv2.resize(whole, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def _strength(frame: NDArray[np.uint8]) -> Floats:
    """Codes of mark that each pixel hides: the deviation of what lies around it."""
    height, width = frame.shape[:2]
    share = min(1.0, SIDE / min(width, height))
    small = (max(1, round(width * share)), max(1, round(height * share)))
    luma = cv2.resize(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), small, interpolation=cv2.INTER_AREA).astype(np.float32)
    mean = cv2.GaussianBlur(luma, (0, 0), 3)
    spread = np.sqrt(np.maximum(cv2.GaussianBlur(luma * luma, (0, 0), 3) - mean * mean, 0.0))
    strength = np.clip(FLAT + GAIN * cv2.GaussianBlur(spread, (0, 0), 4), FLAT, MOST)
    return cv2.resize(strength, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)


class Slices:
    """Means of what is left of frames when their own content is taken down, a quarter of a second each."""

    def __init__(self) -> None:
        self._sums: dict[int, Floats] = {}
        self._counts: dict[int, int] = {}

    def add(self, luma: NDArray[np.uint8], seconds: float) -> None:
        """A frame: (H, W) luma, and when it is shown."""
        number = int(seconds / float(SLICE) + 1e-6)
        left = _without_content(luma)
        if number in self._sums and self._sums[number].shape == left.shape:
            self._sums[number] += left
            self._counts[number] += 1
        else:
            self._sums[number], self._counts[number] = left, 1

    def differences(self) -> Iterable[Floats]:
        """What is left when slices of either sign are held against each other, for each way that the turns may lie."""
        means = {number: whole / self._counts[number] for number, whole in self._sums.items()}
        shapes = {mean.shape for mean in means.values()}
        if len(shapes) != 1:
            return
        turn = int(TURN / SLICE)
        for first in range(turn):
            signs = {number: 1.0 if (number + first) // turn % 2 == 0 else -1.0 for number in means}
            mean = sum(signs.values()) / len(signs)
            difference = np.zeros(next(iter(shapes)), np.float32)
            for number, sign in signs.items():
                difference += np.float32(sign - mean) * means[number]
            yield difference


def read_slices(slices: Slices) -> list[Reading]:
    """Readings to be tried, the best first: where the tile was put, for each way that the turns may lie; then anywhere."""
    made, rings = carrier()
    fixed, moved = [], []
    for difference in slices.differences():
        fixed.append(made.read(_fold(difference, 1.0), rings, shifted=False))
        moved += [made.read(_fold(difference, crop), rings) for crop in CROPS]
    best = [sorted(found, key=lambda reading: -reading.height)[:READINGS] for found in (fixed, moved)]
    return [reading for pair in zip(*best, strict=True) for reading in pair]


def _without_content(luma: NDArray[np.uint8]) -> Floats:
    share = SIDE / min(luma.shape)
    small = (max(1, round(luma.shape[1] * share)), max(1, round(luma.shape[0] * share)))
    way = cv2.INTER_AREA if share < 1.0 else cv2.INTER_CUBIC
    canonical = cv2.resize(luma.astype(np.float32), small, interpolation=way)
    canonical -= cv2.GaussianBlur(canonical, (0, 0), 9)
    spread = np.sqrt(cv2.GaussianBlur(canonical * canonical, (0, 0), 8) + 1.0)
    return np.clip(canonical / spread, -2.5, 2.5).astype(np.float32)


def _fold(picture: Floats, crop: float) -> Floats:
    """All tiles of a picture laid over each other, where ``crop`` of the shorter side is left."""
    if crop != 1.0:
        picture = cv2.resize(picture, None, fx=crop, fy=crop, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    height, width = picture.shape
    down, across = -(-height // TILE), -(-width // TILE)
    padded = np.zeros((2, down * TILE, across * TILE), np.float32)
    padded[0, :height, :width] = picture
    padded[1, :height, :width] = 1.0
    total, count = padded.reshape(2, down, TILE, across, TILE).sum((1, 3))
    return total / np.maximum(count, 1.0)
