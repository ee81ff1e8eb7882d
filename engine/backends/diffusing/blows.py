"""A model's sounds of contacts, put where the contacts are.

A model that is asked to fill a gap in sound fills it somewhere: its grid is some 90 ms wide, and it may take its time. So
the start of what it made is looked for near each contact, and moved onto the contact's own sample. How loud a blow is the
scene knows better than the model: it takes the loudness of the foley's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE, Shot

Stereo = NDArray[np.float32]

AT_ONCE = ("impact", "step", "splash", "close")
TAIL = 0.5
"""Seconds of a blow that are taken."""
APART = 0.03
"""Seconds; what is nearer than that is heard as one blow."""
REACH = 0.15
"""Seconds around a contact in which the model's sound may start."""
ATTACK, RELEASE = 0.001, 0.08
"""Seconds of the fades into a blow, which end with its contact, and out of it."""
HOP = 24
"""Samples between two looks for a start, half a millisecond."""
AROUND = 10
"""Hops before and after, whose loudness is compared."""
LISTENED = 0.1
AUDIBLE = 10.0 ** (-50.0 / 20.0)
"""Peak of the foley above which a contact is heard at all."""
MOST_GAIN = 10.0 ** (24.0 / 20.0)


@dataclass(frozen=True)
class Blow:
    """A contact that is heard: its sample, and how many after it are its own."""

    at: int
    length: int


def blows_of(shot: Shot, foley: Stereo) -> list[Blow]:
    """Contacts that happen at once and that (N, 2) ``foley`` lets be heard, in order."""
    times = sorted(one.time for one in shot.contacts if one.kind in AT_ONCE and one.time >= 0)
    kept: list[int] = []
    for time in times:
        at = round(time * SAMPLE_RATE)
        heard = foley[at : at + round(LISTENED * SAMPLE_RATE)]
        if not len(heard) or float(np.abs(heard).max()) < AUDIBLE:
            continue
        if not kept or at - kept[-1] > APART * SAMPLE_RATE:
            kept.append(at)
    ends = [*kept, len(foley)][1:]
    return [Blow(at, min(end - at, round(TAIL * SAMPLE_RATE))) for at, end in zip(kept, ends, strict=True)]


def placed(base: Stereo, made: Stereo, foley: Stereo, blows: Sequence[Blow]) -> Stereo:
    """``base`` (N, 2) with each blow's sound taken from ``made`` (N, 2), its start on the blow's sample.

    As loud as in ``foley`` (N, 2). Outside the blows and their fades it is ``base``, to the bit.
    """
    out = base.copy()
    for blow in blows:
        start = start_near(made, blow.at)
        attack = min(round(ATTACK * SAMPLE_RATE), blow.at, start)
        length = min(blow.length, len(made) - start)
        segment = made[start - attack : start + length]
        release = min(round(RELEASE * SAMPLE_RATE), length // 2)
        share = np.ones(attack + length, np.float32)
        share[:attack] = np.arange(attack) / max(attack, 1)
        share[attack + length - release :] *= np.linspace(1, 0, release, endpoint=False, dtype=np.float32)
        span = slice(blow.at - attack, blow.at + length)
        gain = _gain(foley[blow.at : blow.at + length], made[start : start + length])
        out[span] += share[:, None] * (segment * gain - out[span])
    return out


def start_near(made: Stereo, at: int) -> int:
    """The sample within ``REACH`` of ``at`` where loudness rises the most."""
    reach, edge = round(REACH * SAMPLE_RATE), AROUND * HOP
    low, high = max(0, at - reach - edge), min(len(made), at + reach + edge)
    power = np.square(made[low:high].astype(np.float64)).sum(1)
    hops = power[: len(power) // HOP * HOP].reshape(-1, HOP).sum(1)
    if len(hops) <= 2 * AROUND:
        return at
    total = np.concatenate([[0.0], np.cumsum(hops)])
    here = np.arange(AROUND, len(hops) - AROUND + 1)
    before, after = total[here] - total[here - AROUND], total[here + AROUND] - total[here]
    floor = 1e-9 + 1e-4 * after.max()
    coarse = int(here[np.argmax(np.log((after + floor) / (before + floor)))]) * HOP
    # To the sample: the first that is a quarter as loud as the loudest of the next milliseconds.
    near = np.sqrt(power[max(0, coarse - HOP) : coarse + AROUND * HOP])
    first = int(np.argmax(near >= 0.25 * near.max())) if near.size and near.max() > 0 else HOP
    return low + max(0, coarse - HOP) + first


def _gain(wanted: Stereo, found: Stereo) -> float:
    count = round(LISTENED * SAMPLE_RATE)
    loud, own = (float(np.sqrt(np.mean(np.square(one[:count]))) if len(one) else 0.0) for one in (wanted, found))
    return 0.0 if own == 0 else min(loud / own, MOST_GAIN)
