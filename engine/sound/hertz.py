"""How hard and how long two bodies press on each other, and how loud that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sora_addon.contract import Contact

from .bodies import HEAVIEST, LIGHTEST, Resonator
from .filters import decibels
from .materials import MATERIALS, pair_loudness

SHORTEST, LONGEST = 3e-5, 0.012
"""Seconds that a contact may take: what 48 kHz can tell, and what still sounds like one blow."""
FASTEST, SLOWEST = 60.0, 1e-3
"""Metres a second."""

REFERENCE_PEAK = decibels(-9.0)
"""Peak of a 1 kg steel ball that was dropped from 1 m, 3 m away."""
REFERENCE_MASS, REFERENCE_SPEED, REFERENCE_DISTANCE = 1.0, 4.43, 3.0


@dataclass(frozen=True)
class Blow:
    """``speed`` m/s along the normal, ``mass`` kg that is stopped, ``time`` s of contact, ``peak`` at 3 m."""

    speed: float
    mass: float
    time: float
    peak: float


def blow(contact: Contact, first: Resonator, second: Resonator) -> Blow:
    """The blow of a contact of two bodies.

    Contact time of two elastic spheres, 2.87 (m^2 / (R E*^2 v))^(1/5) with 1/E* the sum of (1 - nu^2) / E (Hertz 1882;
    Johnson, Contact Mechanics, 1985, section 11.4): hard, light and fast blows are short, and so bright. The peak
    grows with m^0.33 v^0.7: less than pressure does, more than loudness (sones) does, so that one mix holds a dropped
    pin and a dropped anvil.
    """
    speed = float(np.clip(contact.speed, 0.0, FASTEST))
    one, two = first.mass, second.mass
    mass = one * two / (one + two)
    if contact.impulse is not None and speed > SLOWEST:
        bounce = max(first.body.restitution, second.body.restitution)
        mass = contact.impulse / (speed * (1.0 + bounce))
    mass = float(np.clip(mass, LIGHTEST, HEAVIEST))
    radii = [max(first.radius, 1e-4), max(second.radius, 1e-4)]
    radius = radii[0] * radii[1] / (radii[0] + radii[1])
    give = sum((1.0 - item.material.poisson**2) / item.material.young for item in (first, second))
    time = 2.87 * (mass**2 * give**2 / (radius * max(speed, SLOWEST))) ** 0.2
    return Blow(speed, mass, float(np.clip(time, SHORTEST, LONGEST)), peak(mass, speed, first, second))


def peak(mass: float, speed: float, first: Resonator, second: Resonator) -> float:
    """Peak sample value, 3 m away, of a blow of that mass and speed."""
    if speed <= 0.0:
        return 0.0
    level = (mass / REFERENCE_MASS) ** 0.33 * (speed / REFERENCE_SPEED) ** 0.7
    wet = "water" in (first.sound, second.sound)
    # A splash is the water's: it matters little what the thing that fell is made of.
    cushion = MATERIALS["water"].loudness if wet else pair_loudness(first.sound, second.sound)
    return REFERENCE_PEAK * level * decibels(cushion)
