"""Loudness and true peak, and the master that keeps them: EBU R 128, ITU-R BS.1770-4.

Samples are (N, 2) float32 at 48 kHz throughout.
"""

from __future__ import annotations

import math

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d
from scipy.signal import oaconvolve, upfirdn

from sora_addon.contract import SAMPLE_RATE

Samples = NDArray[np.float32]

CEILING = -1.0
"""dBTP that a master never passes (EBU R 128, point k)."""
HIGHEST = 10.0 ** (CEILING / 20.0)
AIM = -1.3
"""dBTP that the limiter aims at: room for what its own moving gain adds between samples, and for other meters."""
SHORTEST = round(0.4 * SAMPLE_RATE)
"""Samples of one gating block; shorter sound has no loudness."""
REACH = 72
"""Samples that the limiter looks ahead and behind, 1.5 ms."""
RELEASE = 100.0 / SAMPLE_RATE
"""Decibels a sample by which the gain comes back at most."""
BLOCK = SAMPLE_RATE
"""Samples that are oversampled at a time; eight times a long take would not fit into memory."""
MOST_REDUCTION = 12.0
"""Decibels that the limiter may take from a peak to reach a loudness; a louder target is not reached."""

_FIRST = [0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625]
_FIRST += [0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500]
_SECOND = [-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250]
_SECOND += [0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375]
ANNEX = np.array([_FIRST, _SECOND, _SECOND[::-1], _FIRST[::-1]]).T.ravel()
"""The 48 taps of ITU-R BS.1770-4, annex 2, four phases interleaved."""
FINE = np.kaiser(8 * 32, 7.0) * np.sinc((np.arange(8 * 32) - 127.5) / 8.0)
"""Eight times oversampled: near half the sample rate the annex reads up to 0.7 dB less than some meters do."""


def loudness(samples: Samples) -> float | None:
    """Integrated loudness in LUFS (BS.1770-4, gated); None where there is none: silence, or less than 0.4 s."""
    if len(samples) < SHORTEST or not samples.any():
        return None
    value = float(pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples.astype(np.float64)))
    return value if math.isfinite(value) else None


def true_peak(samples: Samples) -> float:
    """Highest true peak of both channels in dBTP; -inf in silence.

    Never less than BS.1770-4's meter (annex 2, four times oversampled) reads, nor than one of eight times.
    """
    peak = float(_peaks(samples).max(initial=0.0))
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf


def _peaks(samples: Samples) -> NDArray[np.float64]:
    """(N,) highest magnitude of either channel at each sample and between it and its neighbours."""
    highest = np.abs(samples).max(axis=1, initial=0.0).astype(np.float64)
    if highest.any():
        for taps, factor in ((ANNEX, 4), (FINE, 8)):
            highest = np.maximum(highest, _between(samples, taps, factor))
    return highest


def _between(samples: Samples, taps: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    """(N,) highest magnitude of the oversampled signal, from half a sample before each sample to half a sample after."""
    reach = len(taps) // factor
    padded = np.pad(samples, ((2 * reach, 2 * reach), (0, 0)))
    highest = np.empty(len(samples) + 2 * reach)
    # An even number of taps delays by (taps - 1) / 2: the phases lie at odd halves of a fine step around the sample.
    start = reach * factor + (len(taps) - factor) // 2
    for first in range(0, len(highest), BLOCK):
        last = min(first + BLOCK, len(highest))
        piece = padded[first : last + 2 * reach].astype(np.float64)
        fine = np.abs(upfirdn(taps, piece, up=factor, axis=0)).max(axis=1)
        highest[first:last] = fine[start : start + factor * (last - first)].reshape(-1, factor).max(axis=1)
    # What the filter rings before the first sample and after the last one counts with those.
    before, within, after = np.split(highest, [reach, len(highest) - reach])
    within[0] = max(within[0], before.max())
    within[-1] = max(within[-1], after.max())
    return within


def master(samples: Samples, target_lufs: float | None) -> Samples:
    """The samples as they are delivered: never above -1 dBTP, and at ``target_lufs`` where that is asked.

    As many samples come back, none moved in time: the limiter's gain is symmetric about each peak (a minimum over
    1.5 ms to either side, smoothed by a window of the same length; its release is 100 dB a second). Samples that need
    nothing come back as they were; silence stays silence. A target that would take more than 12 dB from the peaks is
    approached as far as those allow. Sound without a loudness (under 0.4 s) is only limited.
    """
    peaks = _peaks(samples)
    measured = loudness(samples) if target_lufs is not None else None
    if target_lufs is None or measured is None:
        return _limit(samples, peaks)
    most = HIGHEST * 10.0 ** (MOST_REDUCTION / 20.0) / float(peaks.max())
    gain = 10.0 ** ((target_lufs - measured) / 20.0)
    made = samples
    for _ in range(4):
        # Limiting takes loudness away, so the gain before it is raised by what is missing after it.
        gain = min(gain, most)
        made = _limit((samples * gain).astype(np.float32), peaks * gain)
        reached = loudness(made)
        if reached is None or abs(reached - target_lufs) < 0.05 or gain == most:
            break
        gain *= 10.0 ** ((target_lufs - reached) / 20.0)
    return made


def _limit(samples: Samples, peaks: NDArray[np.float64]) -> Samples:
    if peaks.max(initial=0.0) <= HIGHEST * (1.0 - 1e-6):
        return samples.copy()
    needed = np.minimum(0.0, AIM - 20.0 * np.log10(np.maximum(peaks, 1e-9)))
    held = minimum_filter1d(needed, 2 * REACH + 1, mode="nearest")
    steps = RELEASE * np.arange(len(held))
    released = np.minimum.accumulate(held - steps) + steps
    window = np.hanning(2 * REACH + 3)[1:-1]
    padded = np.pad(released, REACH, mode="edge")
    smooth = oaconvolve(padded, window / window.sum(), mode="valid")
    made = (samples * np.power(10.0, np.minimum(smooth, 0.0) / 20.0)[:, None]).astype(np.float32)
    # A moving gain can lift what lies between samples by a hair: what is left of it is taken from the whole.
    excess = float(_peaks(made).max()) / HIGHEST
    return made if excess <= 1.0 - 1e-6 else (made / (excess * (1.0 + 1e-6))).astype(np.float32)
