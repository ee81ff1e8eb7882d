"""What is heard where a backend makes sound of its own: that, the foley, or both, the backend's giving way at contacts.

The foley's contacts are exact to the sample; a model's are not. Where both sound at once two blows are heard for one, so
the model's sound gives way around each contact that the foley lets be heard, and stays whole everywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE, Shot, SoundMix

from ..sound import Stems, mix
from ..sound.stems import NAMES

Stereo = NDArray[np.float32]

JOINT = "joint"
"""Name of the stem that holds a backend's own sound."""
BEFORE = 0.02
"""Seconds by which the backend's sound has given way when a contact begins."""
HELD, RECOVERY = 0.12, 0.25
"""Seconds that it stays down after a contact at once, and that it takes to come back after any."""
LISTENED = 0.1
"""Seconds after a contact in which the foley must be heard."""
AUDIBLE = 10.0 ** (-50.0 / 20.0)
"""Peak of the foley above which a contact counts as heard."""
BY_CONTACT = ("impacts", "friction", "steps", "water")


def mixed(shot: Shot, stems: Stems, joint: Stereo | None, wanted: SoundMix, over_foley: bool) -> Stereo:
    """(N, 2) float32, not mastered yet.

    ``joint`` is the backend's own sound, (N, 2); None where it makes none: then the foley is heard whatever is wanted.
    ``over_foley``: it is what is to be added to the dry stems, which sound with it unless the foley alone is wanted.
    """
    dry = mix(stems, dict.fromkeys(NAMES, wanted.foley) if wanted.foley else None)
    if joint is None or wanted.use == "foley":
        return dry
    own = (joint * _gain(wanted.joint)).astype(np.float32)
    if over_foley:
        return dry + own
    if wanted.use == "joint":
        return own
    return (dry + own * ducking(shot, stems.as_dict(), wanted.duck)[:, None]).astype(np.float32)


def ducking(shot: Shot, stems: Mapping[str, Stereo], decibels: float) -> NDArray[np.float32]:
    """(N,) gain of the backend's sound: ``decibels`` down from each heard contact on, 1 away from them.

    Down to the sample at the contact's time, by a half cosine ``BEFORE`` it; held ``HELD`` seconds, or as long as what
    lasts lasts; back by a half cosine in ``RECOVERY`` seconds. Where contacts overlap the lowest gain stands.
    """
    count = shot.time.samples
    depth = np.zeros(count, np.float32)
    heard = np.max([np.abs(stems[name]).max(axis=1) for name in BY_CONTACT if name in stems], axis=0)
    for contact in shot.contacts:
        start = contact.time
        end = contact.until if contact.until is not None else start + HELD
        if start * SAMPLE_RATE >= count or (end + RECOVERY) * SAMPLE_RATE <= 0:
            continue
        first, last = _sample(start, count), _sample(max(end, start + LISTENED), count)
        if not heard[first : last + 1].size or float(heard[first : last + 1].max()) < AUDIBLE:
            continue
        low, high = _sample(start - BEFORE, count), _sample(end + RECOVERY, count)
        times = np.arange(low, high) / SAMPLE_RATE
        falls = (times - (start - BEFORE)) / BEFORE
        rises = (end + RECOVERY - times) / RECOVERY
        shape = 0.5 - 0.5 * np.cos(np.pi * np.clip(np.minimum(falls, rises), 0.0, 1.0))
        np.maximum(depth[low:high], shape.astype(np.float32), out=depth[low:high])
    return np.power(np.float32(10.0), -np.float32(decibels) / 20 * depth).astype(np.float32)


def _sample(seconds: float, count: int) -> int:
    return min(max(round(seconds * SAMPLE_RATE), 0), count)


def _gain(decibels: float) -> np.float32:
    return np.float32(10.0 ** (decibels / 20.0))
