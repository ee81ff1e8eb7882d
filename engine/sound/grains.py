"""Clouds of short grains: gravel, snow, cloth, cardboard, crackling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE

from .filters import Signal, peak_of_one
from .materials import Grains

LONGEST_GRAIN = 0.02
"""Seconds."""


def scattered(
    count: int,
    starts: NDArray[np.int64],
    frequencies: NDArray[np.float64],
    rings: NDArray[np.float64],
    gains: NDArray[np.float64],
) -> Signal:
    """(count,) sum of damped sines, each from its own sample on: e^(-t / ring) sin(2 pi f t)."""
    out = np.zeros(count)
    if not starts.size or count <= 0:
        return out
    length = int(min(5.0 * float(rings.max()), LONGEST_GRAIN) * SAMPLE_RATE) + 1
    time = np.arange(1, length + 1) / SAMPLE_RATE
    for part in range(0, starts.size, 512):  # blocks, so that memory does not grow with the cloud
        chosen = slice(part, part + 512)
        waves = np.exp(-time / rings[chosen, None]) * np.sin(2.0 * np.pi * frequencies[chosen, None] * time)
        waves *= gains[chosen, None]
        place = starts[chosen, None] + np.arange(length)
        kept = place < count
        out += np.bincount(place[kept], weights=waves[kept], minlength=count)
    return out


def cloud(count: int, grains: Grains, number: int, length: float, rng: np.random.Generator) -> Signal:
    """(count,) ``number`` grains, the first at sample 0, thinning out to 1/e over ``length`` seconds; peak 1.

    Grains as particles with random energy that collide ever less often: PhISEM (Cook, Computer Music Journal 21(3),
    1997).
    """
    number = max(1, number)
    delays = rng.exponential(length, number)
    delays[0] = 0.0
    frequencies = np.minimum(grains.center * np.exp(grains.spread * rng.standard_normal(number)), 16_000.0)
    rings = grains.ring * rng.uniform(0.5, 1.5, number)
    gains = rng.standard_normal(number) * np.exp(-0.7 * delays / length)
    gains[0] = 1.5
    return peak_of_one(scattered(count, (delays * SAMPLE_RATE).astype(np.int64), frequencies, rings, gains))
