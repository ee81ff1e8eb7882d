"""Rolling and sliding: bumps that pass under the contact at its speed shake both bodies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE, Contact, Sound

from .bodies import HEAVIEST, Resonator
from .filters import Signal, band_pass, decibels, high_pass, level_of_one, low_pass, resonate
from .materials import MATERIALS, pair_loudness

MOST_MODES = 10
EASE = 0.02
"""Seconds over which a contact that lasts sets in and ends."""
ROLL_LEVEL, SLIDE_LEVEL = decibels(-40.0), decibels(-36.0)
"""RMS, 3 m away, of 1 kg of steel on steel at a metre a second."""
MOST_BUMPS = 1_000_000
LAYERS = ((1.0, 1.0), (0.37, 0.55), (0.13, 0.35), (0.041, 0.25))
"""Sizes of bumps upon bumps, and their heights: a fractal surface, whose spectrum has no teeth."""
PIECES: frozenset[Sound] = frozenset({"gravel", "snow", "cardboard"})


def along(contact: Contact, times: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Speeds (T,) m/s and points (T, 3) of a contact that lasts, at (T,) seconds."""
    end = contact.time if contact.until is None else contact.until
    knots = np.linspace(contact.time, end, len(contact.speeds))
    points = np.asarray(contact.points, dtype=np.float64)
    places = np.stack([np.interp(times, knots, points[:, axis]) for axis in range(3)], axis=1)
    return np.minimum(np.interp(times, knots, contact.speeds), 100.0), places


def envelope(contact: Contact, times: NDArray[np.float64], first: Resonator, second: Resonator) -> Signal:
    """(T,) RMS at 3 m: by speed and the lighter body's mass, eased in and out. Silent where nothing moves."""
    speeds, _ = along(contact, times)
    end = contact.time if contact.until is None else contact.until
    mass = min(first.mass, second.mass)
    mass = 1.0 if mass >= HEAVIEST else mass
    level = ROLL_LEVEL if contact.kind == "roll" else SLIDE_LEVEL
    level *= mass**0.3 * decibels(0.8 * pair_loudness(first.sound, second.sound))
    level = min(level, decibels(-26.0))
    ease = min(EASE, 0.25 * (end - contact.time))
    rise = np.clip((times - contact.time) / ease, 0.0, 1.0)
    fall = np.clip((end - times) / ease, 0.0, 1.0)
    smooth = 0.5 - 0.5 * np.cos(np.pi * np.minimum(rise, fall))
    return level * np.power(speeds, 0.9) / (1.0 + 0.08 * speeds) * smooth


def texture(
    contact: Contact, times: NDArray[np.float64], first: Resonator, second: Resonator, rng: np.random.Generator
) -> Signal:
    """(T,) the sound's grain at (T,) seconds 1/48000 apart, of RMS 1; ``envelope`` gives its level.

    A profile of random heights is read at the place where the contact is, so its band widens with speed and stands
    still with the body (van den Doel, Kry and Pai, FoleyAutomatic, SIGGRAPH 2001: fractal noise, low-passed at
    speed over size of a bump; Rath and Rocchesso, IEEE MultiMedia 12(2), 2005, for rolling: the body bridges small
    bumps and comes round once a turn), and drives the modes of both bodies.
    """
    speeds, _ = along(contact, times)
    travelled = np.cumsum(speeds) / SAMPLE_RATE
    rough = min(max(first.material.roughness, second.material.roughness), 2.5e-3)
    rolls = contact.kind == "roll"
    mover = first if first.mass <= second.mass else second
    radius = max(0.5 * float(mover.sizes[1]), 2e-3)
    if rolls:
        rough *= 1.0 + 2.0 * min(radius, 0.5) ** 0.5
    in_pieces = first.sound in PIECES or second.sound in PIECES
    force = np.zeros(times.size)
    for finer, weight in LAYERS:
        bump = max(rough * finer, float(travelled[-1]) / MOST_BUMPS, 1e-6)
        profile = _profile(int(travelled[-1] / bump) + 4, in_pieces, rng)
        force += weight * np.interp(travelled / bump + rng.random(), np.arange(profile.size), profile)
    if rolls:
        turn = travelled / (2.0 * np.pi * radius) * 2.0 * np.pi
        force *= 1.0 + 0.30 * np.sin(turn + rng.uniform(0.0, 6.28)) + 0.15 * np.sin(2.0 * turn + rng.uniform(0.0, 6.28))

    shaken = np.zeros(times.size)
    for item in (first, second):
        weight = decibels(item.material.loudness) * (0.5 if item.grounded else 1.0)
        # A body that is held at its contact rings shorter than one that flies off.
        held = (2.0 if rolls else 3.5) * item.decays + 15.0
        own = np.zeros(times.size)
        for frequency, decay in zip(item.frequencies[:MOST_MODES], held[:MOST_MODES], strict=True):
            own += resonate(force, float(frequency), float(decay)) * (frequency / item.frequencies[0]) ** 0.3
        shaken += weight * level_of_one(own)
    hiss_center = max(MATERIALS[item.sound].burst.center for item in (first, second))
    hiss = high_pass(low_pass(force, 1.6 * hiss_center), 120.0 if rolls else 250.0)
    if rolls:
        rumble = band_pass(force, float(np.clip(60.0 / radius**0.4, 70.0, 600.0)), 0.8)
        mixed = level_of_one(shaken) + 0.45 * level_of_one(hiss) + 0.6 * level_of_one(rumble)
    else:
        mixed = 0.6 * level_of_one(shaken) + level_of_one(hiss)
    return level_of_one(mixed)


def _profile(count: int, in_pieces: bool, rng: np.random.Generator) -> Signal:
    """(count,) heights: fine noise with a few larger bumps; where pieces are turned over, mostly those."""
    heights = rng.standard_normal(count)
    if in_pieces:
        return heights * np.where(rng.random(count) < 0.25, 1.8, 0.15)
    return heights + 0.08 * heights**3
