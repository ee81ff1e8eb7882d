"""When sounds begin: an onset detector that knows nothing of how the sound was made.

First, the log energy in some thirty bands, a millisecond apart, against the most that each band and its neighbours had
in the twenty milliseconds before (after SuperFlux: Boeck and Widmer, DAFx 2013). Its peaks say where something begins,
give or take the window. Then each start is placed to the sample on the waveform, whitened by what the sound before it
foretells, at the change of variance that Akaike's criterion prefers (Maeda 1985, as seismology picks arrivals), so that
a blow is found under the ringing of an earlier one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.ndimage import maximum_filter1d
from scipy.signal import butter, lfilter, sosfilt

from sora_addon.contract import SAMPLE_RATE

Doubles = NDArray[np.float64]

HOP = 48
"""Samples: one millisecond."""
WINDOW = 512
LOWEST, HIGHEST, BANDS = 80.0, 16_000.0, 30
"""Hertz, and bands between, spaced evenly in logarithm."""
LOOK_BACK = 20
"""Hops before, whose loudest a band must rise above."""
OPENING = 500
"""Hops at the start, whose usual level tells what was heard before the clip."""
FLOOR = 60.0
"""Decibels below the loudest moment under which nothing is heard."""
RISE = 1.7
"""Decibels, mean over bands, that make an onset."""
APART = 30
"""Hops between two onsets at least."""
BEFORE, AFTER = 960, 480
"""Samples around a coarse onset, between which its start is sought."""
ORDER = 24
"""Past samples that foretell the next."""
SPLIT = 600.0
"""Hertz between dull and bright."""
LEARN = 4800
"""Samples before, from which the foretelling is learnt."""
BLOCK = 4096
"""Hops that are held in memory at a time."""


@dataclass(frozen=True)
class Onset:
    time: float
    """Seconds."""
    rise: float
    """Decibels, mean over bands."""


def find_onsets(samples: NDArray[np.float32], rate: int = SAMPLE_RATE) -> list[Onset]:
    """Onsets in order of time. ``samples`` (N,) or (N, channels)."""
    wave = np.asarray(samples, np.float64)
    wave = wave[:, None] if wave.ndim == 1 else wave
    if not len(wave) or not np.abs(wave).max() > 0:
        return []
    flux = rises(band_levels(wave, rate))
    found = []
    for hop in peaks(flux):
        start = refine(wave, hop * HOP, rate)
        if not found or start - found[-1].time * rate > APART * HOP / 2:
            found.append(Onset(start / rate, float(flux[hop])))
    return found


def band_levels(wave: Doubles, rate: int) -> NDArray[np.float32]:
    """(hops, bands) decibels, channels added as powers; row h is centred at sample h * HOP."""
    window = np.hanning(WINDOW + 1)[:-1]
    frequencies = np.fft.rfftfreq(WINDOW, 1 / rate)
    corners = np.geomspace(LOWEST, HIGHEST, BANDS + 1)
    bank = np.zeros((len(frequencies), BANDS))
    for band, (low, high) in enumerate(pairwise(corners)):
        middle, half = (low + high) / 2, max((high - low), rate / WINDOW)
        bank[:, band] = np.clip(1 - np.abs(frequencies - middle) / half, 0, None)
    # mirrored at the start, for a hiss that the clip cuts into is no click
    padded = np.pad(wave, ((WINDOW // 2, 0), (0, 0)), "reflect" if len(wave) > 1 else "edge")
    padded = np.concatenate([padded, np.zeros((WINDOW, wave.shape[1]))])
    hops = len(wave) // HOP + 1
    power = np.empty((hops, BANDS), np.float32)
    for first in range(0, hops, BLOCK):
        count = min(BLOCK, hops - first)
        total = 0.0
        for channel in range(wave.shape[1]):
            part = padded[first * HOP : (first + count - 1) * HOP + WINDOW, channel]
            cut = np.lib.stride_tricks.sliding_window_view(part, WINDOW)[::HOP]
            total = total + np.abs(np.fft.rfft(cut * window)) ** 2
        power[first : first + count] = total @ bank
    # nor is a ring that it cuts off an onset: windows beyond the end hear what the last whole one heard
    whole = max((len(wave) - WINDOW // 2) // HOP, 0)
    power[whole + 1 :] = power[whole]
    # a floor a band would call the hiss of a silent band an onset: one floor for all
    return 10 * np.log10(np.maximum(power, power.max() * 10 ** (-FLOOR / 10)))


def rises(levels: NDArray[np.float32]) -> Doubles:
    """(hops,) decibels, mean over bands, above the most of the twenty milliseconds before; neighbours count as before."""
    wide = maximum_filter1d(levels, 3, axis=1)
    past = maximum_filter1d(wide, LOOK_BACK, axis=0, origin=(LOOK_BACK - 1) // 2, mode="nearest")
    # a hiss that is there from the start began before the clip: its usual level is its past
    before = np.percentile(wide[:OPENING], 70, axis=0)
    delayed = np.concatenate([np.repeat(before[None].astype(np.float32), 6, 0), past[:-6]])[: len(levels)]
    return np.clip(levels - delayed, 0, None).mean(1).astype(np.float64)


def peaks(flux: Doubles) -> list[int]:
    """Hops where ``flux`` is the greatest of its surroundings and more than ``RISE``."""
    greatest = maximum_filter1d(flux, 2 * APART + 1)
    found: list[int] = []
    for hop in np.flatnonzero((flux >= greatest) & (flux > RISE)):
        if not found or hop - found[-1] > APART:
            found.append(int(hop))
    return found


def refine(wave: Doubles, near: int, rate: int) -> float:
    """The sample at which the sound begins whose coarse onset is ``near``."""
    first, last = max(near - BEFORE, 0), min(near + AFTER, len(wave))
    # the side that hears it better
    channel = int(np.argmax((wave[first:last] ** 2).sum(0)))
    whole = wave[max(first - LEARN, 0) : last, channel]
    rest = whiten(whole, len(whole) - (last - first))
    # a dull blow in hiss stands out below, a click over rumble above: where the change is surest
    heard = [rest, *(sosfilt(butter(2, SPLIT, kind, fs=rate, output="sos"), rest) for kind in ("low", "high"))]
    changes = [variance_change(band[-(last - first) :]) for band in heard]
    return float(first + max(changes, key=lambda change: change[1])[0])


def whiten(wave: Doubles, known: int) -> Doubles:
    """What linear prediction, learnt on the first ``known`` samples, does not foretell of ``wave``."""
    past = wave[:known]
    if known < 4 * ORDER or not (past**2).sum() > 0:
        return wave
    lags = np.array([past[: known - lag] @ past[lag:] for lag in range(ORDER + 1)])
    lags[0] *= 1 + 1e-6
    weights = solve_toeplitz(lags[:ORDER], lags[1:])
    return np.asarray(lfilter(np.concatenate([[1.0], -weights]), [1.0], wave))


def variance_change(wave: Doubles) -> tuple[int, float]:
    """The index that best parts ``wave`` into two pieces of different variance, and the log likelihood that it gains."""
    count = len(wave)
    energy = np.cumsum(wave**2)
    total = energy[-1]
    least = max(total, 1e-30) * 1e-9 / count
    index = np.arange(8, count - 8)
    before = np.maximum(energy[index - 1] / index, least)
    after = np.maximum((total - energy[index - 1]) / (count - index), least)
    criterion = index * np.log(before) + (count - index) * np.log(after)
    best = int(np.argmin(criterion))
    return int(index[best]), float(count * np.log(max(total / count, least)) - criterion[best]) / 2
