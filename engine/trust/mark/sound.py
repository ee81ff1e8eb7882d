"""The mark in sound: noise under the sound itself, in its own spectrum and its own loudness, 18 dB below it.

The stated threshold: of all blocks of 21 ms in every third of an octave from 500 Hz to 8 kHz, the mark lies 10 dB or more below
the sound in 99 of 100, and 17 dB or more in the middle one. Noise masks noise down to some 6 dB below it (Zwicker and Fastl,
"Psychoacoustics"): under the noises of a take it is not heard. A clean steady tone masks less (15 to 25 dB; Johnston, 1988),
and under one a keen ear might hear it. Where there is silence there is no mark.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE

from .carrier import Carrier, Reading
from .code import encoded

Floats = NDArray[np.float32]

PERIOD = 1 << 16
"""Samples of a tile: 1.37 s."""
BLOCK, HOP = 1024, 512
LOW, HIGH = 500.0, 8000.0
"""Hertz."""
BELOW = 10 ** (-18 / 20)
SMOOTH = 9
"""Lines of a block (47 Hz each) that the sound's level is taken over."""
NEAR, NEAR_MOST = 3, 3.0
"""Lines right beside one, and how much more power than theirs it may be taken to have."""
ATTACK = 2.0
"""How much louder a block may be taken than those beside it: the mark must not be heard before a blow."""
QUIET = 3e-5
"""Amplitude in a line's band under which there is nothing to hide behind: -90 dB of full scale."""
FLOOR = QUIET * (BLOCK / 2) ** 0.5
"""The same as the spectra here count it."""


@cache
def carrier() -> tuple[Carrier, NDArray[np.int64]]:
    """The carrier, and the ring of each of its lines."""
    hertz = np.arange(PERIOD // 2 + 1) * SAMPLE_RATE / PERIOD
    lines = np.argwhere((hertz >= LOW) & (hertz <= HIGH))
    return Carrier((PERIOD,), lines), (hertz[lines[:, 0]] // 250).astype(np.int64)


def mark_samples(samples: Floats, mark: str) -> None:
    """Put the mark into (N, 2) float32 samples at 48 kHz, in place; the true peak rises by 0.7 dB at most."""
    tile = carrier()[0].tile(encoded(mark))
    noise = _blocks(np.resize(tile, len(samples)))
    unit = np.sqrt(np.mean(np.abs(noise[:, _band()]) ** 2))
    for channel in range(samples.shape[1]):
        sound = _blocks(samples[:, channel])
        level = _level(sound)
        level[:, ~_band()] = 0.0
        level[level < FLOOR] = 0.0
        samples[:, channel] += _joined(noise / unit * level * BELOW, len(samples))


def read_samples(samples: Floats, rate: int) -> list[Reading]:
    """Readings of (N, 2) samples of any rate to be tried: with the tile where it was put, and anywhere."""
    sound = samples.sum(1)
    if rate != SAMPLE_RATE:
        from scipy.signal import resample_poly

        sound = resample_poly(sound, SAMPLE_RATE, rate)
    blocks = _blocks(sound)
    level = _level(blocks)
    flat = _joined(np.where(level > FLOOR, blocks / np.maximum(level, 1e-9), 0.0), len(sound))
    rounds = -(-len(flat) // PERIOD)
    folded = np.zeros(rounds * PERIOD)
    folded[: len(flat)] = np.clip(flat, -4.0 * flat.std(), 4.0 * flat.std())
    made, rings = carrier()
    tile = folded.reshape(rounds, PERIOD).sum(0)
    return [made.read(tile, rings, shifted) for shifted in (False, True)]


@cache
def _band() -> NDArray[np.bool_]:
    hertz = np.arange(BLOCK // 2 + 1) * SAMPLE_RATE / BLOCK
    return (hertz >= LOW) & (hertz <= HIGH)


@cache
def _window() -> NDArray[np.float64]:
    return np.sin(np.pi * (np.arange(BLOCK) + 0.5) / BLOCK)


def _blocks(sound: NDArray[np.floating]) -> NDArray[np.complex128]:
    """(blocks, lines): overlapping spectra of a channel, with half a block of nothing before and after it."""
    count = -(-(len(sound) + HOP) // HOP)
    padded = np.zeros((count + 1) * HOP)
    padded[HOP : HOP + len(sound)] = sound
    views = np.lib.stride_tricks.sliding_window_view(padded, BLOCK)[::HOP]
    return np.fft.rfft(views * _window(), axis=1)


def _joined(blocks: NDArray[np.complex128], count: int) -> NDArray[np.float64]:
    """The channel that ``_blocks`` made the spectra of."""
    parts = np.fft.irfft(blocks, BLOCK, axis=1) * _window()
    whole = np.zeros((len(parts) + 1) * HOP)
    for half in (0, 1):
        rows = parts[:, half * HOP : (half + 1) * HOP].reshape(-1)
        whole[half * HOP : half * HOP + len(rows)] += rows
    return whole[HOP : HOP + count]


def _level(blocks: NDArray[np.complex128]) -> NDArray[np.float64]:
    """The sound's level around every line, held down before and after what is sudden."""
    power = np.abs(blocks) ** 2
    # Beside a tone the near lines tell how far down its neighbourhood is; elsewhere the wide mean is the steadier one.
    level = np.minimum(_mean(power, SMOOTH), NEAR_MOST * _mean(power, NEAR)) ** 0.5
    beside = np.pad(level, ((1, 1), (0, 0)), mode="edge")
    return np.minimum(level, ATTACK * np.minimum(beside[:-2], beside[2:]))


def _mean(power: NDArray[np.float64], lines: int) -> NDArray[np.float64]:
    padded = np.pad(power, ((0, 0), (lines // 2 + 1, lines // 2)), mode="edge").cumsum(1)
    return (padded[:, lines:] - padded[:, :-lines]) / lines
