"""Small filters and noises that the voices are made of; all mono, float64, at 48 kHz."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from sora_addon.contract import SAMPLE_RATE

Signal = NDArray[np.float64]

HIGHEST = 0.45 * SAMPLE_RATE


def low_pass(signal: Signal, cutoff: float) -> Signal:
    """One pole, -3 dB at ``cutoff`` Hz: causal and minimum-phase, so that an attack stays where it is."""
    keep = float(np.exp(-2.0 * np.pi * min(cutoff, HIGHEST) / SAMPLE_RATE))
    return np.asarray(lfilter([1.0 - keep], [1.0, -keep], signal))


def high_pass(signal: Signal, cutoff: float) -> Signal:
    """One pole and a zero at 0 Hz, -3 dB at ``cutoff`` Hz."""
    keep = float(np.exp(-2.0 * np.pi * min(cutoff, HIGHEST) / SAMPLE_RATE))
    gain = 0.5 * (1.0 + keep)
    return np.asarray(lfilter([gain, -gain], [1.0, -keep], signal))


def band_pass(signal: Signal, center: float, q: float) -> Signal:
    """Second order, 0 dB at ``center`` Hz (Bristow-Johnson, Audio EQ Cookbook)."""
    w = 2.0 * np.pi * min(max(center, 5.0), HIGHEST) / SAMPLE_RATE
    alpha = np.sin(w) / (2.0 * q)
    a0 = 1.0 + alpha
    return np.asarray(lfilter([alpha / a0, 0.0, -alpha / a0], [1.0, -2.0 * np.cos(w) / a0, (1.0 - alpha) / a0], signal))


def resonate(signal: Signal, frequency: float, decay: float) -> Signal:
    """A damped mode driven by ``signal``: impulse response e^(-decay t) sin(2 pi frequency t)."""
    radius = float(np.exp(-decay / SAMPLE_RATE))
    w = 2.0 * np.pi * frequency / SAMPLE_RATE
    return np.asarray(lfilter([0.0, radius * np.sin(w)], [1.0, -2.0 * radius * np.cos(w), radius * radius], signal))


def pink(count: int, rng: np.random.Generator) -> Signal:
    """(count,) noise at -3 dB an octave: three poles and zeros (Smith, Spectral Audio Signal Processing, 2011)."""
    white = rng.standard_normal(count)
    b = [0.049922035, -0.095993537, 0.050612699, -0.004408786]
    a = [1.0, -2.494956002, 2.017265875, -0.522189400]
    return np.asarray(lfilter(b, a, white))


def drift(count: int, period: float, rng: np.random.Generator) -> Signal:
    """(count,) slow random curve in [0, 1]: random points each ``period`` seconds, joined smoothly."""
    knots = rng.random(int(count / (period * SAMPLE_RATE)) + 3)
    place = np.arange(count) / (period * SAMPLE_RATE) + rng.random()
    whole = place.astype(int)
    part = place - whole
    blend = 0.5 - 0.5 * np.cos(np.pi * part)
    return knots[whole] * (1.0 - blend) + knots[whole + 1] * blend


def burst(count: int, center: float, decay: float, rng: np.random.Generator) -> Signal:
    """(count,) noise that is loudest at its first sample and falls to 1/e in ``decay`` seconds; peak 1."""
    if count <= 0:
        return np.zeros(0)
    noise = low_pass(high_pass(rng.standard_normal(count), center / 3.0), center * 1.8)
    noise *= np.exp(-np.arange(count) / (decay * SAMPLE_RATE))
    return peak_of_one(noise)


def peak_of_one(signal: Signal) -> Signal:
    """The signal scaled to a peak of 1; silence stays silence."""
    peak = float(np.max(np.abs(signal), initial=0.0))
    return signal / peak if peak > 1e-12 else np.zeros_like(signal)


def level_of_one(signal: Signal) -> Signal:
    """The signal scaled to an RMS of 1; silence stays silence."""
    level = float(np.sqrt(np.mean(np.square(signal)))) if signal.size else 0.0
    return signal / level if level > 1e-12 else np.zeros_like(signal)


def decibels(value: float) -> float:
    """The factor of amplitude that is ``value`` dB."""
    return float(10.0 ** (value / 20.0))
