"""What the tests of sound hear: level, pitch, decay, by plain signal arithmetic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, find_peaks, sosfiltfilt

from engine.sound import foley, mix
from sora_addon.contract import SAMPLE_RATE, Shot

Doubles = NDArray[np.float64]


def heard(made: Shot) -> Doubles:
    """(N,) the mix of a shot, both ears averaged."""
    return mix(foley(made)).mean(axis=1).astype(np.float64)


def cut(wave: NDArray[np.floating], start: float, end: float) -> Doubles:
    """The samples between two times in seconds."""
    return np.asarray(wave[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)], np.float64)


def level(wave: NDArray[np.floating]) -> float:
    """Root mean square in dBFS; -300 for silence."""
    return float(10 * np.log10(np.mean(np.square(wave, dtype=np.float64)) + 1e-30))


def peak(wave: NDArray[np.floating]) -> float:
    """Highest sample in dBFS; -300 for silence."""
    return float(20 * np.log10(np.abs(wave).max(initial=0.0) + 1e-15))


def centroid(wave: NDArray[np.floating]) -> float:
    """Hz about which the power of the spectrum balances."""
    power = np.abs(np.fft.rfft(wave)) ** 2
    return float(power @ np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE) / power.sum())


def lowest(wave: NDArray[np.floating], low: float = 60.0) -> float:
    """Hz of the lowest partial above ``low`` that is within 20 dB of the strongest."""
    count = 1 << 18
    power = np.abs(np.fft.rfft(wave * np.hanning(2 * len(wave))[len(wave) :], count)) ** 2
    power[: int(low / SAMPLE_RATE * count)] = 0.0
    heights, _ = find_peaks(power, height=power.max() / 100)
    return float(heights[0] * SAMPLE_RATE / count)


def fall(wave: NDArray[np.floating], decibels: float = 30.0) -> float:
    """Seconds until what is left of the energy (Schroeder 1965) is that much less than all of it."""
    left = np.cumsum(np.square(wave[::-1], dtype=np.float64))[::-1]
    return float(np.argmax(left < left[0] * 10 ** (-decibels / 10)) / SAMPLE_RATE)


def octave(wave: NDArray[np.floating], center: float, parts: int = 1) -> Doubles:
    """The octave band around ``center`` Hz, or the middle one of its ``parts``, without delay."""
    edges = [center * 2 ** (-0.5 / parts), center * 2 ** (0.5 / parts)]
    return sosfiltfilt(butter(4, edges, "band", fs=SAMPLE_RATE, output="sos"), np.asarray(wave, np.float64))


def reverberation(*waves: NDArray[np.floating]) -> float:
    """RT60 in seconds by Schroeder's backward integral, mean of all ``waves``, from -5 to -25 dB (ISO 3382's T20)."""
    left = np.mean([np.cumsum(np.square(wave[::-1], dtype=np.float64))[::-1] for wave in waves], axis=0)
    curve = 10 * np.log10(left / left[0] + 1e-12)
    first, last = int(np.argmax(curve < -5)), int(np.argmax(curve < -25))
    slope = np.polyfit(np.arange(first, last) / SAMPLE_RATE, curve[first:last], 1)[0]
    return float(-60 / slope)
