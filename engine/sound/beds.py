"""Beds of ambience: each a stretch of stereo noise that never repeats, made from its own random numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE

from .filters import Signal, band_pass, drift, high_pass, level_of_one, low_pass, pink, resonate
from .grains import scattered
from .water import bubbles

Bed = NDArray[np.float64]


def _wide(make: Callable[[], Signal], share: float = 0.5) -> Bed:
    """(count, 2): ``share`` of it the same in both ears, the rest each ear's own."""
    middle = make()
    return np.stack([share * middle + (1.0 - share) * make() for _ in range(2)], axis=1)


def _panned(mono: Signal, pan: float) -> Bed:
    angle = (1.0 + pan) * np.pi / 4.0
    return mono[:, None] * np.sqrt(2.0) * np.array([np.cos(angle), np.sin(angle)])


def _above(signal: Signal, cutoff: float) -> Signal:
    """Without what shakes a loudspeaker and is not heard: it would use up the bed's level."""
    return high_pass(high_pass(signal, cutoff), cutoff)


def air(count: int, rng: np.random.Generator) -> Bed:
    """Outdoors where nothing happens: far away, soft, low."""
    return _wide(lambda: low_pass(low_pass(high_pass(pink(count, rng), 60.0), 500.0), 2500.0), 0.3)


def room_tone(count: int, rng: np.random.Generator) -> Bed:
    """Indoors where nothing happens: ventilation behind walls."""
    return _wide(lambda: band_pass(low_pass(pink(count, rng), 350.0), 140.0, 0.4), 0.5)


def wind(count: int, rng: np.random.Generator) -> Bed:
    """Gusts: bands of noise that swell one after the other, higher as they grow (Farnell, Designing Sound, 2010, ch. 41)."""
    gust = drift(count, 2.6, rng)
    out = np.zeros((count, 2))
    for center, q, period in ((180.0, 0.6, 3.1), (420.0, 1.2, 1.7), (900.0, 2.0, 1.1), (1900.0, 1.5, 0.7)):
        swell = (0.25 + 0.75 * gust) * (0.3 + 0.7 * drift(count, period, rng)) * (center / 180.0) ** -0.5
        out += swell[:, None] * _wide(lambda c=center, q=q: level_of_one(band_pass(pink(count, rng), c, q)), 0.4)
    return out


def rain(count: int, rng: np.random.Generator) -> Bed:
    """A field of drops too many to count, and some near ones that can be counted."""
    field = _wide(lambda: high_pass(low_pass(pink(count, rng), 7500.0), 500.0), 0.2)
    field /= np.sqrt(np.mean(field**2))
    for side in range(2):
        number = int(90.0 * count / SAMPLE_RATE)
        starts = np.sort(rng.integers(0, count, number))
        pitch = np.exp(rng.normal(np.log(3500.0), 0.5, number)).clip(900.0, 12_000.0)
        near = scattered(count, starts, pitch, rng.uniform(4e-4, 2e-3, number), rng.gamma(1.5, 1.0, number))
        field[:, side] += 0.45 * level_of_one(near)
    return field


def birds(count: int, rng: np.random.Generator) -> Bed:
    """Calls from the trees: each bird has its own phrase of sliding whistles, and its own place."""
    out = np.zeros((count, 2))
    for place in range(5):
        pan, distance = rng.uniform(-0.8, 0.8), rng.uniform(0.25, 1.0)
        base, length = rng.uniform(2400.0, 5200.0), rng.uniform(0.06, 0.16)
        syllables = [
            (rng.uniform(-0.35, 0.35), rng.uniform(0.8, 1.2), rng.uniform(0.0, 0.25)) for _ in range(rng.integers(2, 6))
        ]
        time = np.arange(int(length * SAMPLE_RATE)) / SAMPLE_RATE
        shape = np.sin(np.pi * time / length) ** 1.5
        voice = np.zeros(count)
        start = rng.uniform(0.05, 4.0) if place else 0.1
        while start < count / SAMPLE_RATE:
            for slide, height, trill in syllables:
                pitch = (
                    base
                    * height
                    * (1.0 + slide * (time / length - 0.5) + trill * 0.2 * np.sin(2.0 * np.pi * 28.0 * time))
                )
                note = shape * np.sin(2.0 * np.pi * np.cumsum(pitch) / SAMPLE_RATE)
                begin = int(start * SAMPLE_RATE)
                end = min(count, begin + note.size)
                if begin < end:
                    voice[begin:end] += note[: end - begin]
                start += length * rng.uniform(1.1, 1.5)
            start += 1.0 + rng.exponential(3.5)
        out += _panned(distance * low_pass(voice, 3000.0 + 9000.0 * distance), pan)
    return out + 0.01 * air(count, rng)


def crickets(count: int, rng: np.random.Generator) -> Bed:
    """Night: a few near 4.5 kHz, each with its own beat of chirps."""
    out = np.zeros((count, 2))
    time = np.arange(count) / SAMPLE_RATE
    for _ in range(6):
        pulse = np.maximum(np.sin(2.0 * np.pi * rng.uniform(14.0, 19.0) * time + rng.uniform(0.0, 6.28)), 0.0) ** 2
        chirp = low_pass(
            np.where(np.sin(2.0 * np.pi * rng.uniform(0.7, 1.6) * time + rng.uniform(0.0, 6.28)) > -0.2, 1.0, 0.0), 60.0
        )
        tone = np.sin(2.0 * np.pi * rng.uniform(4100.0, 5000.0) * time + rng.uniform(0.0, 6.28))
        out += _panned(rng.uniform(0.2, 1.0) * pulse * chirp * tone, rng.uniform(-0.9, 0.9))
    return out


VOWELS = (
    (730.0, 1090.0, 2440.0),
    (530.0, 1840.0, 2480.0),
    (570.0, 840.0, 2410.0),
    (300.0, 870.0, 2240.0),
    (270.0, 2290.0, 3010.0),
)
"""Hz of three formants (Peterson and Barney, J. Acoust. Soc. Am. 24, 1952)."""


def crowd(count: int, rng: np.random.Generator) -> Bed:
    """Murmur without words: voices of pulses through formants, in the rhythm of syllables."""
    out = np.zeros((count, 2))
    for _ in range(9):
        pitch = rng.choice([115.0, 200.0]) * rng.uniform(0.85, 1.2) * (0.85 + 0.3 * drift(count, 0.35, rng))
        phase = np.cumsum(pitch) / SAMPLE_RATE
        pulses = np.diff(np.floor(phase), prepend=0.0) + 0.02 * rng.standard_normal(count)
        voice = np.zeros(count)
        for vowel in rng.permutation(len(VOWELS))[:2]:
            spoken = drift(count, 0.16, rng) ** 2 * (drift(count, 1.4, rng) > 0.35)
            spoken = low_pass(spoken, 12.0)
            for formant, share in zip(VOWELS[vowel], (1.0, 0.5, 0.2), strict=True):
                voice += share * spoken * band_pass(pulses, formant, 7.0)
        out += _panned(level_of_one(low_pass(voice, 2200.0)) * rng.uniform(0.3, 1.0), rng.uniform(-0.8, 0.8))
    return out


def hum(count: int, rng: np.random.Generator) -> Bed:
    """A machine that runs: harmonics of the mains' second, a fan's breath."""
    time = np.arange(count) / SAMPLE_RATE
    base = 50.0 * rng.uniform(0.99, 1.01)
    out = 0.5 * _wide(lambda: level_of_one(band_pass(pink(count, rng), 320.0, 0.5)), 0.5)
    for order in (1, 2, 3, 4, 6, 8, 10, 12):
        beat = 0.8 + 0.4 * (drift(count, 2.2, rng) - 0.5)
        tone = beat * np.sin(2.0 * np.pi * base * order * time + rng.uniform(0.0, 6.28)) / order**0.8
        out += _panned(0.6 * tone, rng.uniform(-0.4, 0.4))
    return out


def sea(count: int, rng: np.random.Generator) -> Bed:
    """Waves that come in, break and run back, some six to ten seconds apart."""
    out = 0.25 * _wide(lambda: level_of_one(_above(low_pass(pink(count, rng), 400.0), 80.0)), 0.4)
    time = np.arange(count) / SAMPLE_RATE
    at = -rng.uniform(0.0, 6.0)
    while at < count / SAMPLE_RATE:
        begin, end = max(0, int((at - 2.5) * SAMPLE_RATE)), min(count, int((at + 6.5) * SAMPLE_RATE))
        size = rng.uniform(0.5, 1.0)
        if end - begin > SAMPLE_RATE // 100:
            part = time[begin:end] - at
            swell = np.where(part < 0.0, np.exp(part / 0.8), np.exp(-part / 2.2)) * np.clip(
                (6.5 - part) / 1.5, 0.0, 1.0
            )
            swell *= np.clip((part + 2.5) / 0.5, 0.0, 1.0)
            foam = np.exp(-np.square(np.maximum(part - 0.5, 0.0) / 3.0)) * np.clip((part + 1.0) / 1.5, 0.0, 1.0)
            for side in range(2):
                noise = pink(end - begin, rng)
                low, high = (
                    level_of_one(_above(low_pass(noise, 500.0), 80.0)),
                    level_of_one(high_pass(low_pass(noise, 6000.0), 900.0)),
                )
                out[begin:end, side] += size * swell * (low + 1.2 * foam * high)
        at += rng.uniform(5.5, 9.5)
    return out


def stream(count: int, rng: np.random.Generator) -> Bed:
    """Running water: many bubbles, many sizes (van den Doel 2005), over a soft rush."""
    out = 0.5 * _wide(lambda: level_of_one(band_pass(pink(count, rng), 700.0, 0.4)), 0.3)
    for side in range(2):
        number = int(140.0 * count / SAMPLE_RATE)
        radii = 8e-4 * (1.0 - rng.random(number)) ** -0.45
        gains = rng.standard_normal(number) * (radii / 8e-4) ** 0.5
        sung = bubbles(count, np.sort(rng.integers(0, count, number)), np.minimum(radii, 9e-3), gains)
        out[:, side] += level_of_one(sung)
    return out


def fire(count: int, rng: np.random.Generator) -> Bed:
    """Flames lap low, gas hisses, wood cracks (Farnell, Designing Sound, 2010, ch. 34)."""
    out = (0.4 + 0.6 * drift(count, 0.25, rng))[:, None] * _wide(
        lambda: level_of_one(_above(low_pass(low_pass(pink(count, rng), 180.0), 400.0), 80.0)), 0.6
    )
    out += 0.15 * _wide(lambda: level_of_one(high_pass(pink(count, rng), 2500.0)) * drift(count, 0.4, rng) ** 3, 0.4)
    for side in range(2):
        number = int(9.0 * count / SAMPLE_RATE)
        starts = np.sort(rng.integers(0, count, number))
        cracks = scattered(
            count,
            starts,
            rng.uniform(900.0, 6000.0, number),
            rng.uniform(3e-4, 1.5e-3, number),
            rng.pareto(2.2, number).clip(0.0, 8.0),
        )
        out[:, side] += 1.2 * cracks
    return out


def traffic(count: int, rng: np.random.Generator) -> Bed:
    """A town beyond: tyres and motors, some passing."""
    out = _wide(lambda: level_of_one(_above(low_pass(low_pass(pink(count, rng), 220.0), 900.0), 60.0)), 0.4)
    for _ in range(3):
        swell = drift(count, 2.4, rng) ** 3
        tyres = level_of_one(band_pass(pink(count, rng), rng.uniform(500.0, 900.0), 0.7))
        motor = level_of_one(resonate(rng.standard_normal(count), rng.uniform(55.0, 90.0), 25.0))
        out += _panned(0.7 * swell * (tyres + 0.8 * motor), rng.uniform(-0.7, 0.7))
    return out
