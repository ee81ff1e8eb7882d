"""Coded bits on the phases of spectrum lines of a tile that is repeated over picture or sound.

A shift of the tile turns every phase by what the shift says, so a pilot of known phases finds the shift by one correlation
for all shifts at once (a Fourier transform), and then every line gives up its bits. Lines and phases come from a key that
is in this file: the mark tells a take from another and survives accidents; it is no secret, and whoever knows it can remove it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .code import CODED

Floats = NDArray[np.floating]
KEY = 0x534F5241
PILOT_SHARE = 0.15
PILOT_GAIN = 1.4142
RINGS_TOGETHER = 5
"""Rings that share one estimate of what is left of the mark in them."""


@dataclass(frozen=True)
class Reading:
    """A pilot that was found: how many standard deviations it stands out, and the soft bits under it."""

    height: float
    soft: Floats


class Carrier:
    """Lines of the real Fourier transform of tiles of ``shape``; ``lines`` is (n, dimensions), indices into that transform."""

    def __init__(self, shape: tuple[int, ...], lines: NDArray[np.int64]) -> None:
        dice = np.random.default_rng([KEY, *shape])
        self.shape = shape
        self._spectrum = (*shape[:-1], shape[-1] // 2 + 1)
        order = dice.permutation(len(lines))
        pilots = round(len(lines) * PILOT_SHARE)
        self._pilot = tuple(lines[order[:pilots]].T)
        self._data = tuple(lines[order[pilots:]].T)
        self._pilot_phase = np.exp(2j * np.pi * dice.random(pilots))
        self._data_phase = np.exp(2j * np.pi * dice.random(len(lines) - pilots))
        slots = 2 * (len(lines) - pilots)
        rounds = -(-slots // CODED)
        self._bit = np.concatenate([dice.permutation(CODED) for _ in range(rounds)])[:slots]
        self._lines = tuple(lines.T)
        self._pilot_at, self._data_at = order[:pilots], order[pilots:]

    def tile(self, coded: Floats) -> NDArray[np.float32]:
        """A tile of variance 1 that carries (CODED,) bits of 1 and -1."""
        spectrum = np.zeros(self._spectrum, complex)
        spectrum[self._pilot] = self._pilot_phase * PILOT_GAIN
        real, imaginary = coded[self._bit].reshape(2, -1)
        spectrum[self._data] = (real + 1j * imaginary) * self._data_phase
        made = np.fft.irfftn(spectrum, self.shape, axes=range(len(self.shape)))
        return (made / made.std()).astype(np.float32)

    def read(self, folded: Floats, rings: NDArray[np.int64], shifted: bool = True) -> Reading:
        """What a folded tile says. ``rings`` numbers the lines that are alike in strength, so that each counts by its noise.

        Without ``shifted`` the tile is taken to lie where it was put, and its pilot need not stand out.
        """
        axes = range(len(self.shape))
        found = np.fft.rfftn(folded, axes=axes)[self._lines]
        power = np.bincount(rings, np.abs(found) ** 2) / np.maximum(np.bincount(rings), 1)
        spectrum = np.zeros(self._spectrum, complex)
        spectrum[self._lines] = found / np.sqrt(np.maximum(power[rings], 1e-20))
        pilot = np.zeros(self._spectrum, complex)
        pilot[self._pilot] = spectrum[self._pilot] * np.conj(self._pilot_phase)
        heights = np.fft.irfftn(pilot, self.shape, axes=axes)
        place = np.unravel_index(int(heights.argmax()) if shifted else 0, heights.shape)
        turn = sum(shift * line / size for shift, line, size in zip(place, self._data, self.shape, strict=True))
        values = spectrum[self._data] * np.exp(2j * np.pi * turn) * np.conj(self._data_phase)
        values *= self._weights(pilot, place, rings)[self._data_at]
        soft = np.bincount(self._bit, np.concatenate([values.real, values.imag]), CODED)
        return Reading(float(heights[place] / max(heights.std(), 1e-12)), soft / max(float(soft.std()), 1e-12))

    def _weights(
        self, pilot: NDArray[np.complexfloating], place: tuple[np.intp, ...], rings: NDArray[np.int64]
    ) -> Floats:
        """What each line counts: the share of its ring's strength that is the pilot's, over what is not (maximum ratio)."""
        turn = sum(shift * line / size for shift, line, size in zip(place, self._pilot, self.shape, strict=True))
        agree = (pilot[self._pilot] * np.exp(2j * np.pi * turn)).real
        ring = rings[self._pilot_at]
        sums = np.bincount(ring, agree, rings.max() + 1)
        counts = np.bincount(ring, minlength=rings.max() + 1).astype(float)
        wide = np.ones(RINGS_TOGETHER)
        share = np.convolve(sums, wide, "same") / np.maximum(np.convolve(counts, wide, "same"), 1.0)
        share = np.clip(share, 0.05, 0.95)
        return (share / (1.0 - share**2))[rings]
