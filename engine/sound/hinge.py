"""Things that close: the creak of the hinge before, the slam, the latch."""

from __future__ import annotations

import numpy as np

from sora_addon.contract import SAMPLE_RATE, Body, Contact, Shot

from .bodies import Resonator
from .filters import Signal, decibels, drift, level_of_one, peak_of_one, resonate
from .hertz import Blow
from .modal import ring_samples, struck

CREAK = 0.9
"""Seconds before the slam in which a hinge may be heard."""
QUIET_HINGE = 0.15
"""Metres: smaller lids have hinges that are not heard."""


def door(first: Resonator, second: Resonator) -> Resonator:
    """The one that swings."""
    return second if first.body.motion == "still" or first.mass > second.mass else first


def slam(contact: Contact, blow: Blow, leaf: Resonator, offset: float, most: int, rng: np.random.Generator) -> Signal:
    """(count,) mono, added to the blow itself: the air that is pushed out, and the latch that snaps in."""
    size = float(np.clip(leaf.sizes[1], 0.02, 3.0))
    out = np.zeros(min(most, int(0.5 * SAMPLE_RATE)))
    boom = np.array([float(np.clip(75.0 / size**0.6, 50.0, 600.0))])
    decay = 0.25 * boom + 12.0
    length = min(out.size, ring_samples(decay, 0.004))
    out[:length] += 0.8 * blow.peak * peak_of_one(struck(boom, decay, np.ones(1), 0.004, offset, length))

    start = int(rng.uniform(0.010, 0.018) * SAMPLE_RATE)
    rest = max(out.size - start, 0)
    click = np.array([1900.0, 2750.0, 4300.0, 6100.0]) * size**-0.2 * rng.uniform(0.93, 1.07, 4)
    out[start:] += (
        0.35 * blow.peak * peak_of_one(struck(click, 60.0 + 0.02 * click, rng.uniform(0.4, 1.0, 4), 8e-5, 0.0, rest))
    )
    return out


def turning(shot: Shot, body: Body, times: Signal) -> Signal:
    """(T,) rad/s of a body at those times; where its rows tell nothing, a swing that dies at the end of the interval."""
    if len(body.rows) < 2:
        return np.sin(np.pi * np.clip((times - times[0]) / (times[-1] - times[0]), 0.0, 1.0))
    spins = np.array([np.linalg.norm(row.spin) for row in body.rows])
    return np.interp(times * float(shot.time.rate), np.arange(spins.size), spins, left=0.0)


def creak(contact: Contact, shot: Shot, leaf: Resonator, rng: np.random.Generator) -> Signal:
    """(T,) mono that ends with ``contact.time``: stick and slip of the hinge, which drives the leaf's own modes.

    A slip each few milliradians (Serafin's friction models made simple): its rate follows the turning speed as a door's
    groan does, about 25 to 400 a second.
    """
    count = int(CREAK * SAMPLE_RATE)
    times = contact.time + (np.arange(count) - count) / SAMPLE_RATE
    turn = np.minimum(turning(shot, leaf.body, times), 8.0)
    # The faster a door, the less its hinge complains; one that does not turn is mute.
    heard = np.clip(turn / 0.15, 0.0, 1.0) / (1.0 + turn**2)
    rate = np.where(turn > 0.01, 25.0 + 110.0 * turn**0.7, 0.0) * (0.75 + 0.5 * drift(count, 0.12, rng))
    slips = np.diff(np.floor(np.cumsum(rate) / SAMPLE_RATE), prepend=0.0) * rng.uniform(0.4, 1.0, count)
    steel = leaf.sound in ("steel", "glass")
    base = 900.0 if steel else 420.0
    out = np.zeros(count)
    for ratio in (1.0, 1.83, 2.9, 4.6):
        out += resonate(slips, base * ratio * rng.uniform(0.9, 1.1), 60.0 if steel else 130.0) / ratio
    for frequency, decay in zip(leaf.frequencies[1:6], leaf.decays[1:6], strict=False):
        out += 0.3 * resonate(slips, float(frequency), float(decay) + 60.0)
    quiet = float(np.clip(leaf.sizes[1] / 0.8, 0.0, 1.0)) if leaf.sizes[1] > QUIET_HINGE else 0.0
    end = np.clip((contact.time - times) / 0.03, 0.0, 1.0) * np.clip((times - times[0]) / 0.1, 0.0, 1.0)
    return decibels(-40.0) * quiet * level_of_one(out) * heard * end
