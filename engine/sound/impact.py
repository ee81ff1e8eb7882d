"""One blow: both bodies ring, their surfaces crackle, what is made of pieces scatters."""

from __future__ import annotations

import numpy as np

from sora_addon.contract import SAMPLE_RATE, Contact

from .bodies import Resonator
from .filters import Signal, burst, decibels, low_pass, peak_of_one
from .grains import cloud
from .hertz import Blow
from .modal import ring_samples, struck

ASPERITY_SHARE, ASPERITY_TIME = 0.18, 0.15
"""Rough surfaces meet at points first: a share of the force in a fraction of the time keeps high modes alive."""
ASPERITY_SPEED = 3.0
"""Metres a second below which the share shrinks: a soft touch hardly crushes the points, and is dull."""


def impact(
    contact: Contact,
    blow: Blow,
    first: Resonator,
    second: Resonator,
    frame: int,
    offset: float,
    most: int,
    rng: np.random.Generator,
) -> Signal:
    """(count,) mono sound of a blow at a distance of 3 m, at most ``most`` samples; its loudest sample is ``blow.peak``.

    ``offset`` is how far, in samples (0 to 1), the first sample lies after the contact.
    """
    if blow.peak <= 0.0 or most <= 0:
        return np.zeros(0)
    pair = (first, second)
    count = min(most, max(_length(item, blow) for item in pair))
    out = np.zeros(count)
    for item in pair:
        if item.sound == "water":
            continue
        ring = min(count, ring_samples(item.decays, blow.time))
        out[:ring] += _weight(item, blow) * _ringing(item, contact, blow, frame, offset, ring)
    thud = _thud(first, second, blow, offset, count)
    out[: thud.size] += thud
    out = peak_of_one(out)

    # The quicker the blow, the more of it goes into the surface's own noise.
    haste = float(np.clip(blow.speed, 0.05, 12.0)) ** 0.35
    for item in pair:
        noise = item.material.burst
        decay = noise.decay + 0.25 * blow.time
        center = noise.center * float(np.clip(blow.speed, 0.1, 12.0)) ** 0.12
        length = min(count, int(6.0 * decay * SAMPLE_RATE) + 1)
        out[:length] += 0.6 * noise.gain * haste * burst(length, center, decay, rng)
        grains = item.material.grains
        if grains is not None:
            number = int(np.clip(grains.count * blow.speed**0.5 * (1.0 + blow.mass) ** 0.3, 3, 400))
            length = min(count, int((6.0 * grains.length + 0.02) * SAMPLE_RATE))
            out[:length] += grains.gain * cloud(length, grains, number, grains.length, rng)
    return blow.peak * peak_of_one(out)


def _length(item: Resonator, blow: Blow) -> int:
    noise = item.material.burst.decay + 0.25 * blow.time
    pieces = item.material.grains.length if item.material.grains is not None else 0.0
    return max(ring_samples(item.decays, blow.time), int((6.0 * max(noise, pieces) + 0.02) * SAMPLE_RATE) + 1)


def _weight(item: Resonator, blow: Blow) -> float:
    """How much of the blow's sound a body gives: hard things ring out, a floor thuds, what is heavy hardly moves."""
    yields = (1.0 + item.mass / max(20.0 * blow.mass, 1e-9)) ** -0.25
    return decibels(item.material.loudness) * (0.35 if item.grounded else max(yields, 0.3))


def _ringing(item: Resonator, contact: Contact, blow: Blow, frame: int, offset: float, count: int) -> Signal:
    gains = item.gains(contact.point, frame)
    smooth = struck(item.frequencies, item.decays, gains, blow.time, offset, count)
    sharp = struck(item.frequencies, item.decays, gains, ASPERITY_TIME * blow.time, offset, count)
    # Against what the modes would give for an instant blow: a slow one leaves them at rest. The root keeps some of
    # their voice, which the ear goes by when it names a material.
    share = ASPERITY_SHARE * min(1.0, blow.speed / ASPERITY_SPEED) ** 0.5
    ringing = ((1.0 - share) * smooth + share * sharp) / float(np.sum(gains))
    return peak_of_one(ringing) * float(np.max(np.abs(ringing), initial=0.0)) ** 0.5


def _thud(first: Resonator, second: Resonator, blow: Blow, offset: float, count: int) -> Signal:
    """What a floor does under a heavy thing: the lump of soil or slab beneath bobs once or twice on its spring."""
    floors = [item for item in (first, second) if item.grounded]
    if not floors:
        return np.zeros(0)
    frequency = float(np.clip(150.0 * blow.mass**-0.22, 45.0, 320.0))
    decay = np.array([0.35 * frequency + 20.0])
    strength = 0.30 * float(np.clip(blow.mass, 1e-4, 30.0)) ** 0.25 * decibels(floors[0].material.loudness)
    length = min(count, ring_samples(decay, blow.time))
    wave = struck(np.array([frequency]), decay, np.ones(1), blow.time, offset, length)
    return strength * low_pass(wave, 4.0 * frequency)
