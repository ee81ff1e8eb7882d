"""Sound as the model hears it: log-mel frames on the picture's clock; and back, from the guide's stems and filtered noise."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy.signal import get_window

from sora_addon.contract import SAMPLE_RATE

Floats = NDArray[np.float32]

BANDS = 64
HOP = 250
"""Samples: 192 frames a second, 8 to a picture at 24 a second."""
WINDOW, LENGTH = 1024, 2048
LOWEST, HIGHEST = 40.0, 20_000.0
FLOOR = 1e-10
"""Power under which all is silence: about -100 dB."""
CENTRE, SPREAD = -60.0, 20.0
"""Decibels of band power that the model counts as 0, and as 1 more."""
SILENCE = (10 * np.log10(FLOOR) - CENTRE) / SPREAD
MOST_GAIN = 4.0
"""By which the guide itself may be raised; what is missing beyond it is noise."""


def frames_of(samples: int) -> int:
    """Mel frames that cover so many samples."""
    return -(-samples // HOP)


def mel(sound: Floats) -> Floats:
    """(BANDS, frames) of (N, channels) samples at 48 kHz: mean power of the channels in bands, logarithmic.

    1 is ``SPREAD`` dB. Frame k is about the sample (k + 1/2) HOP, so a frame of sound is as long as its share of picture.
    """
    power = np.mean([np.abs(_spectra(channel)) ** 2 for channel in sound.T], axis=0)
    return _logarithmic(_banks() @ power.T)


def decibels(values: Floats) -> Floats:
    """Band powers of ``mel`` in decibels."""
    return values * np.float32(SPREAD) + np.float32(CENTRE)


def render(target: Floats, guide: Floats, seed: int) -> Floats:
    """(N, 2) samples whose mel is near ``target`` (BANDS, frames), from the guide's samples (N, 2).

    Where the guide sounds it is filtered, so that events stay at their own samples; what it lacks is noise.
    """
    count = len(guide)
    wanted = 10 ** (decibels(target) / 10) - FLOOR
    has = 10 ** (decibels(mel(guide)) / 10) - FLOOR
    gain = np.sqrt(np.clip(wanted, 0, None) / np.maximum(has, FLOOR))
    gain = np.minimum(gain, MOST_GAIN)
    lacking = np.sqrt(np.clip(wanted - gain**2 * has, 0, None))
    spread = _spread()
    random = np.random.default_rng([seed, 77])
    made = []
    for channel in range(2):
        spectra = _spectra(guide[:, channel]) * (spread @ gain).T
        hiss = _spectra(random.standard_normal(count).astype(np.float32))
        level = np.sqrt(np.maximum(_banks() @ np.mean(np.abs(hiss) ** 2, 0), 1e-12))
        spectra = spectra + hiss * (spread @ (lacking / level[:, None])).T
        made.append(_sound(spectra, count))
    return np.stack(made, -1).astype(np.float32)


def _spectra(channel: Floats) -> NDArray[np.complex64]:
    """(frames, LENGTH / 2 + 1), each about the middle of its hop."""
    count = frames_of(len(channel))
    lead = (WINDOW - HOP) // 2
    padded = np.zeros((count - 1) * HOP + WINDOW, np.float32)
    padded[lead : lead + len(channel)] = channel[: len(padded) - lead]
    pieces = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    return np.fft.rfft(pieces * _window(), LENGTH).astype(np.complex64)


def _sound(spectra: NDArray[np.complex64], samples: int) -> Floats:
    pieces = np.fft.irfft(spectra, LENGTH)[:, :WINDOW] * _window()
    lead = (WINDOW - HOP) // 2
    total = np.zeros((len(spectra) - 1) * HOP + WINDOW)
    weight = np.full_like(total, 1e-6)
    square = _window() ** 2
    for k, piece in enumerate(pieces):
        total[k * HOP : k * HOP + WINDOW] += piece
        weight[k * HOP : k * HOP + WINDOW] += square
    return (total / weight)[lead : lead + samples].astype(np.float32)


def _logarithmic(power: Floats) -> Floats:
    return ((10 * np.log10(power + FLOOR) - CENTRE) / SPREAD).astype(np.float32)


@functools.cache
def _window() -> Floats:
    window = np.asarray(get_window("hann", WINDOW), np.float32)
    return (window / np.sqrt((window**2).sum())).astype(np.float32)


@functools.cache
def _banks() -> Floats:
    """(BANDS, bins): triangles on the mel scale of O'Shaughnessy, each with unit sum."""
    tops = _hertz(np.linspace(_mels(LOWEST), _mels(HIGHEST), BANDS + 2))
    bins = np.fft.rfftfreq(LENGTH, 1 / SAMPLE_RATE)
    rise = (bins - tops[:-2, None]) / np.diff(tops)[:-1, None]
    fall = (tops[2:, None] - bins) / np.diff(tops)[1:, None]
    banks = np.maximum(0, np.minimum(rise, fall)) + 1e-9
    return (banks / banks.sum(1, keepdims=True)).astype(np.float32)


@functools.cache
def _spread() -> Floats:
    """(bins, BANDS): from a figure a band to a smooth figure a bin."""
    banks = _banks() / _banks().max(1, keepdims=True)
    return (banks / banks.sum(0, keepdims=True)).T.astype(np.float32)


def _mels(hertz: float) -> float:
    return 2595.0 * float(np.log10(1 + hertz / 700.0))


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700.0 * (10 ** (mels / 2595.0) - 1)
