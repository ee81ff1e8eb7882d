"""Water: the slap of its surface, and the bubbles that sing in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE

from .filters import Signal, band_pass, burst, low_pass, peak_of_one

SMALLEST_BUBBLE, LARGEST_BUBBLE = 3e-4, 0.05
"""Metres of radius."""
RISE = 0.1
"""How much a bubble's pitch climbs as it nears the surface, in units of its decay (van den Doel 2005)."""
LONGEST_SPLASH = 1.6
"""Seconds."""


def minnaert(radius: float) -> float:
    """Hz of an air bubble of that radius (m) in water: sqrt(3 gamma p / rho) / (2 pi r) (Minnaert, Phil. Mag. 16, 1933)."""
    return float(np.sqrt(3.0 * 1.4 * 101_325.0 / 998.0) / (2.0 * np.pi * radius))


def bubble_decay(radius: float) -> float:
    """1/s, radiation and heat: 0.13 / r + 0.0072 r^(-3/2) (van den Doel, ACM Trans. Applied Perception 2(4), 2005)."""
    return 0.13 / radius + 0.0072 * radius**-1.5


def bubbles(
    count: int, starts: NDArray[np.int64], radii: NDArray[np.float64], gains: NDArray[np.float64], rise: float = RISE
) -> Signal:
    """(count,) sum of bubbles, each from its own sample on.

    a e^(-d t) sin(2 pi f (1 + rise d t) t) with f after Minnaert and d as in ``bubble_decay``: van den Doel,
    "Physically based models for liquid sounds", ACM Trans. Applied Perception 2(4), 2005.
    """
    out = np.zeros(count)
    for start, radius, gain in zip(starts, radii, gains, strict=True):
        decay = bubble_decay(float(radius))
        length = min(count - int(start), int(7.0 / decay * SAMPLE_RATE) + 1)
        if length <= 0:
            continue
        time = np.arange(length) / SAMPLE_RATE
        pitch = np.minimum(minnaert(float(radius)) * (1.0 + rise * decay * time), 20_000.0)
        # A cavity closes within a cycle or two: bubbles swell, the slap alone is sharp.
        swell = 1.0 - np.exp(-0.7 * minnaert(float(radius)) * time)
        out[start : start + length] += gain * swell * np.exp(-decay * time) * np.sin(2.0 * np.pi * pitch * time)
    return out


def splash(size: float, speed: float, most: int, rng: np.random.Generator) -> Signal:
    """(count,) mono: a thing ``size`` metres large meets water at ``speed`` m/s; peak 1, at most ``most`` samples.

    The slap stands at sample 0; then the cavity closes and its air sings (after about 2.3 sqrt(size / g), where the
    speed allows a cavity at all: Franz, J. Acoust. Soc. Am. 31, 1959; Glasheen and McMahon, Phys. Fluids 8, 1996),
    and droplets fall back.
    """
    size = float(np.clip(size, 1e-3, 3.0))
    speed = float(np.clip(speed, 0.05, 40.0))
    vigour = float(np.clip(speed * size**0.5, 0.01, 8.0))
    length = 0.08 + min(LONGEST_SPLASH, 0.9 * vigour**0.5)
    count = min(most, int(length * SAMPLE_RATE))
    if count <= 0:
        return np.zeros(0)

    decay = 0.004 + 0.030 * min(size, 1.0) ** 0.5
    center = float(np.clip(900.0 * size**-0.35 * speed**0.2, 500.0, 7000.0))
    out = burst(count, center, decay, rng)
    wash = low_pass(low_pass(rng.standard_normal(count), center), 2.0 * center)
    time = np.arange(count) / SAMPLE_RATE
    wash = band_pass(wash, center, 0.5) * np.exp(-time / (0.16 * length)) * np.minimum(time / 0.015, 1.0)
    out += 0.25 * min(vigour, 1.0) ** 0.5 * peak_of_one(wash)

    cavity = min(2.3 * (size / 9.81) ** 0.5, 0.5 * length)
    largest = float(np.clip(0.22 * size, 8e-4, LARGEST_BUBBLE))
    starts, radii, gains = [int(cavity * SAMPLE_RATE)], [largest], [0.35]
    number = int(np.clip(6.0 + 70.0 * vigour, 6, 260))
    delays = rng.gamma(1.6, 0.16 * length, number) + 0.3 * cavity
    sizes = np.clip(largest * rng.power(0.8, number), SMALLEST_BUBBLE, largest)
    starts += [int(delay * SAMPLE_RATE) for delay in delays]
    radii += list(sizes)
    gains += list(
        0.40
        * (sizes / largest) ** 0.4
        * rng.uniform(0.2, 1.0, number)
        * np.exp(-3.0 * delays / length)
        / (1.0 + 0.02 * number)
    )
    out += bubbles(count, np.array(starts), np.array(radii), np.array(gains))
    fade = min(count, SAMPLE_RATE // 50)
    out[count - fade :] *= np.linspace(1.0, 0.0, fade)
    return peak_of_one(out)


def drop(radius: float, speed: float, rng: np.random.Generator) -> Signal:
    """(count,) mono: a drop of that radius (m) falls into water; peak 1.

    Its tick, then the one bubble that it takes under (Pumphrey, Crum and Bjorno, J. Acoust. Soc. Am. 85, 1989; small
    rain sings near 14 kHz, larger drops lower).
    """
    count = SAMPLE_RATE // 20
    size = float(np.clip(radius * rng.uniform(0.3, 0.9), SMALLEST_BUBBLE, 6e-3))
    out = 0.8 * burst(count, 5000.0, 0.0015 + 0.0002 * speed, rng)
    start = int(rng.uniform(0.002, 0.009) * SAMPLE_RATE)
    out += bubbles(count, np.array([start]), np.array([size]), np.array([rng.uniform(0.3, 0.9)]))
    out[-480:] *= np.linspace(1.0, 0.0, 480)
    return peak_of_one(out)
