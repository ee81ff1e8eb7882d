"""Footsteps: a heel that strikes, a sole that rolls down, on whatever ground there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sora_addon.contract import SAMPLE_RATE, Body, Contact, Sound

from .bodies import Resonator
from .filters import Signal, band_pass, peak_of_one
from .grains import cloud
from .hertz import blow, peak
from .impact import impact
from .materials import MATERIALS

HEEL_MASS = 3.0
"""Kilograms that a heel stops: the foot and part of the leg, not the walker."""
SLOWEST_HEEL, FASTEST_HEEL = 0.15, 4.0
FEET: frozenset[Sound] = frozenset({"body", "cloth", "generic"})


def ground_and_foot(first: Body, second: Body) -> tuple[Body, Body]:
    """Which of the two is walked on. The normal points from the second to the first, so a foot mostly comes first."""

    def footlike(body: Body) -> int:
        return (body.motion == "deforming") * 2 + (body.sound == "body") * 2 + (body.motion == "moving")

    return (first, second) if footlike(second) > footlike(first) else (second, first)


def step(
    contact: Contact,
    foot: Resonator,
    ground: Resonator,
    frame: int,
    offset: float,
    most: int,
    rng: np.random.Generator,
) -> Signal:
    """(count,) mono footstep 3 m away, the heel at ``contact.time``; at most ``most`` samples.

    Heel and ball of the foot are two blows some 80 to 160 ms apart, later in a slow step (Cook, Modeling Bill's Gait,
    AES 22, 2002; Turchet et al., 2010), between them the sole presses on the ground: pieces crunch, boards creak low.
    """
    speed = float(np.clip(contact.speed, SLOWEST_HEEL, FASTEST_HEEL))
    shoe = replace(foot, body=replace(foot.body, sound="rubber" if foot.sound in FEET else foot.sound))
    shoe = replace(shoe, material=MATERIALS[shoe.sound], mass=HEEL_MASS)
    heel = replace(contact, kind="impact", speed=speed, impulse=None)
    strike = blow(heel, shoe, ground)
    # The hard edge of a heel meets the ground, not the whole soft sole.
    strike = replace(strike, time=min(strike.time, 0.0025), peak=1.6 * peak(HEEL_MASS, speed, shoe, ground))
    out = np.zeros(min(most, int(0.7 * SAMPLE_RATE)))
    _add(out, 0, impact(heel, strike, shoe, ground, frame, offset, out.size, rng))

    gap = int(float(np.clip(0.13 - 0.03 * (speed - 1.0), 0.06, 0.18)) * rng.uniform(0.9, 1.1) * SAMPLE_RATE)
    toe = replace(strike, time=0.008, speed=0.4 * speed, peak=0.35 * strike.peak)
    _add(out, gap, impact(heel, toe, shoe, ground, frame, 0.0, max(out.size - gap, 0), rng))

    grains = ground.material.grains
    if grains is not None:
        length = min(out.size, int(0.45 * SAMPLE_RATE))
        crunch = cloud(length, grains, 3 * grains.count, 0.12, rng)
        time = np.arange(length) / SAMPLE_RATE
        press = np.exp(-(((time - gap / SAMPLE_RATE) / 0.06) ** 2)) + 0.6 * np.exp(-time / 0.03)
        _add(out, 0, 0.8 * strike.peak * peak_of_one(crunch * press))
    sole = np.arange(min(out.size, gap + SAMPLE_RATE // 10)) / SAMPLE_RATE
    scuff = band_pass(rng.standard_normal(sole.size), 0.6 * ground.material.burst.center, 0.6)
    scuff *= np.sin(np.pi * np.minimum(sole / max(sole[-1] if sole.size else 1.0, 1e-3), 1.0)) ** 2
    _add(out, 0, 0.05 * strike.peak * peak_of_one(scuff))
    return out


def _add(out: Signal, start: int, sound: Signal) -> None:
    end = min(out.size, start + sound.size)
    if end > start:
        out[start:end] += sound[: end - start]
