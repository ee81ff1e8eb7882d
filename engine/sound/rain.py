"""Thousands of particles that hit: rain, gravel, sparks. A few voices for all, each drop in its own place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE, Contact, Sound

from .bodies import Resonator
from .filters import Signal, low_pass, peak_of_one
from .hertz import blow, peak
from .impact import impact
from .listener import Listener, air_cutoff, tamed
from .materials import MATERIALS
from .seeds import generator, scatter
from .water import drop

VOICES = 12
VOICE_SPEED = 7.0
"""Metres a second at which they are made; a drop's own speed sets its level."""
LONGEST_VOICE = 0.12
"""Seconds."""
DROP_RADIUS, PIECE_RADIUS = 1.5e-3, 4e-3
"""Metres, of rain (Marshall and Palmer, J. Meteorology 5, 1948) and of other particles whose mass nobody tells."""
NEAR, FAR = 12.0, 45.0
"""Metres: drops nearer than the one, up to the other and beyond share the air's low-pass of 6, 25 and 80 m."""
SURFACE_SHARE = 0.3
"""How much of a drop's energy a surface turns into sound, against a solid piece of its mass."""


def particle_mass(contact: Contact, particles: Resonator) -> float:
    """Kilograms of one particle: from the impulse where it is known, else a usual drop or piece."""
    if contact.impulse is not None and contact.speed > 1e-3:
        return float(np.clip(contact.impulse / contact.speed, 1e-8, 1.0))
    radius = DROP_RADIUS if particles.sound == "water" else PIECE_RADIUS
    return particles.material.density * 4.19 * radius**3


def rain(
    contacts: Sequence[tuple[Contact, Resonator, Resonator]],
    listener: Listener,
    seed: int,
    into: NDArray[np.float32],
    sent: NDArray[np.float32],
) -> None:
    """Add the hits of ``(contact, particles, target)`` to (N, 2) ``into``, and mono to (N,) ``sent``.

    Hits of like particles of one system on one material share ``VOICES`` voices; which of them, and how loud, hangs on the
    hit's own time and place, not on the other hits.
    """
    groups: dict[tuple[str, Sound, int], list[tuple[Contact, Resonator, Resonator]]] = defaultdict(list)
    for contact, particles, target in contacts:
        size = round(np.log2(particle_mass(contact, particles)) / 3.0)
        groups[particles.body.id, target.sound, size].append((contact, particles, target))
    for (_, _, size), group in groups.items():
        _group(group, 8.0**size, listener, seed, into, sent)


def _group(
    group: Sequence[tuple[Contact, Resonator, Resonator]],
    mass: float,
    listener: Listener,
    seed: int,
    into: NDArray[np.float32],
    sent: NDArray[np.float32],
) -> None:
    count = into.shape[0]
    particles = group[0][1]
    times = np.array([contact.time for contact, _, _ in group])
    points = np.array([contact.point for contact, _, _ in group], dtype=np.float64)
    heard = listener.hear(times, points)
    keys = np.round(times * 1e6).astype(np.int64) * 1_000_003 + np.round(
        np.sum(points * [31, 57, 91], axis=1) * 1e4
    ).astype(np.int64)
    strength = np.array(
        [peak(particle_mass(contact, item), contact.speed, item, target) for contact, item, target in group]
    )
    if particles.sound == "water":
        strength *= SURFACE_SHARE
    strength *= 10.0 ** ((scatter(keys, 1) - 0.5) * 0.4)
    loud = np.maximum(heard.gains.max(axis=1), 1e-9)
    eased = np.array([tamed(value) for value in strength * loud]) / loud
    gains = (heard.gains * eased[:, None]).astype(np.float32)
    voice = (scatter(keys, 2) * VOICES).astype(int)
    air = np.searchsorted([NEAR, FAR], heard.distance)
    starts = np.ceil((times[:, None] + heard.delays) * SAMPLE_RATE - 1e-6).astype(np.int64)

    # One target stands for its material: the one that comes first in the shot, whatever is hit later.
    target = min((item for _, _, item in group), key=lambda item: item.body.index)
    bank = _voices(group[0][0], mass, particles, target, seed)
    shaded = [[low_pass(item, air_cutoff(far)).astype(np.float32) for item in bank] for far in (6.0, 25.0, 80.0)]
    for i in range(len(group)):
        wave = shaded[air[i]][voice[i]]
        for ear in range(2):
            start = int(starts[i, ear])
            begin, end = max(start, 0), min(start + wave.size, count)
            if begin < end:
                into[begin:end, ear] += gains[i, ear] * wave[begin - start : end - start]
        start = int(starts[i].min())
        begin, end = max(start, 0), min(start + wave.size, count)
        if begin < end:
            sent[begin:end] += np.float32(eased[i]) * wave[begin - start : end - start]


def _voices(contact: Contact, mass: float, particles: Resonator, target: Resonator, seed: int) -> list[Signal]:
    rng = generator(seed, "rain", particles.body.id, target.sound, round(np.log2(mass)))
    radius = (mass / (4.19 * particles.material.density)) ** (1.0 / 3.0)
    speed = VOICE_SPEED
    most = int(LONGEST_VOICE * SAMPLE_RATE)
    voices = []
    for _ in range(VOICES):
        size = radius * float(np.exp(0.3 * rng.standard_normal()))
        if target.sound == "water":
            voices.append(drop(size, speed, rng))
            continue
        bit = replace(particles, mass=mass, sizes=np.full(3, 2.0 * size))
        hit = replace(contact, kind="impact", speed=speed, impulse=None, point=_somewhere(target, rng))
        if particles.sound == "water":
            # A drop has no modes of its own in air: what it hits is what sounds.
            bit = replace(bit, material=replace(MATERIALS["water"], young=2e7))
        made = impact(hit, replace(blow(hit, bit, target), peak=1.0), bit, target, 0, 0.0, most, rng)
        made[-960:] *= np.linspace(1.0, 0.0, made[-960:].size)
        voices.append(peak_of_one(made))
    return voices


def _somewhere(target: Resonator, rng: np.random.Generator) -> tuple[float, float, float]:
    low, high = np.asarray(target.body.bounds.low), np.asarray(target.body.bounds.high)
    local = low + (high - low) * rng.random(3)
    world = np.asarray(target.body.row(0).world).reshape(4, 4)
    x, y, z = world[:3, :3] @ local + world[:3, 3]
    return float(x), float(y), float(z)
