"""sound.onset: whether what is heard begins when things touch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from sora_addon.contract import Contact, Shot

from .figure import Figure
from .onsets import Onset, find_onsets

SEPARATE = 0.060
"""Seconds within which a contact is drowned by one at least as loud."""
AUDIBLE = -46.0
"""Decibels under the loudest contact below which one is not asked for."""
REACH = 0.250
"""Seconds that sound as a whole may be early or late by and still be told."""
TOGETHER = 0.050
"""Seconds about the common lag within which an onset may belong to a contact."""
WITHIN = 0.030
"""Seconds of recall and precision."""
CROWD = 8.0
"""Contacts a second of one particle system above which they are a texture and not events."""


@dataclass(frozen=True)
class Pair:
    contact: float
    onset: float

    @property
    def late(self) -> float:
        return self.onset - self.contact


def sound_onset(samples: NDArray[np.float32], shot: Shot) -> Figure:
    """Milliseconds, median of the absolute error. ``samples`` (N, channels) at 48 kHz, from the first frame on."""
    wanted = heard_contacts(shot)
    if not wanted:
        return Figure("sound.onset", "ms", None, note="nothing touches loudly enough to be heard by itself")
    onsets = find_onsets(samples)
    times = np.array([contact.time for contact in wanted])
    lag = common_lag(times, np.array([onset.time for onset in onsets]))
    left_out = np.array([one.time for one in shot.contacts if not one.lasts and one not in wanted])
    pairs = [pair for pair in matched(times, onsets, lag) if not of_another(pair, left_out, lag)]
    detail = {
        "contacts": len(wanted),
        "contacts_left_out": sum(not contact.lasts for contact in shot.contacts) - len(wanted),
        "onsets": len(onsets),
        "recall_30ms": sum(abs(pair.late) <= WITHIN for pair in pairs) / len(wanted),
        "precision_30ms": precision(onsets, shot),
        "missed_at": [float(time) for time in times if time not in {pair.contact for pair in pairs}],
    }
    if not pairs:
        return Figure("sound.onset", "ms", None, detail, f"none of {len(wanted)} contacts is heard")
    late = 1000 * np.array([pair.late for pair in pairs])
    detail |= {
        "p95": float(np.percentile(np.abs(late), 95)),
        "max": float(np.abs(late).max()),
        "offset": float(late.mean()),
        "matched": len(pairs),
        "late_ms": {f"{pair.contact:.4f}": round(1000 * pair.late, 3) for pair in pairs},
    }
    return Figure("sound.onset", "ms", float(np.median(np.abs(late))), detail)


def heard_contacts(shot: Shot) -> list[Contact]:
    """Contacts that happen at once, within the shot, and stand out from others near in time."""
    duration = float(shot.time.duration)
    particles = {body.index for body in shot.bodies if body.motion == "particles"}
    at_once = [contact for contact in shot.contacts if not contact.lasts and 0 <= contact.time < duration]
    crowds = {
        index for index in particles if sum(index in contact.bodies for contact in at_once) > CROWD * max(duration, 1.0)
    }
    at_once = [contact for contact in at_once if not crowds & set(contact.bodies)]
    levels = {id(contact): level(contact, shot) for contact in at_once}
    loudest = max(levels.values(), default=0.0)
    kept: list[Contact] = []
    for contact in sorted(at_once, key=lambda contact: (-levels[id(contact)], contact.time)):
        if levels[id(contact)] - loudest < AUDIBLE:
            break
        if all(abs(contact.time - other.time) >= SEPARATE for other in kept):
            kept.append(contact)
    return sorted(kept, key=lambda contact: contact.time)


def level(contact: Contact, shot: Shot) -> float:
    """Decibels, on a scale of its own: the blow, and how far from the camera it falls."""
    frame = min(int(contact.time * float(shot.time.rate)), shot.time.frames - 1)
    eye = np.array(shot.camera[frame].world).reshape(4, 4)[:3, 3]
    distance = max(float(np.linalg.norm(np.array(contact.point) - eye)), 0.1)
    blow = contact.speed if contact.impulse is None else contact.impulse
    return float(20 * np.log10(max(blow, 1e-9) / distance))


def common_lag(contacts: NDArray[np.float64], onsets: NDArray[np.float64]) -> float:
    """Seconds by which the onsets as a whole follow the contacts: where most differences agree, the nearest to none.

    None, where too few agree on it for how far away it is: a hiss has onsets enough for any contact to find one.
    """
    if not len(onsets):
        return 0.0
    off = (onsets[None, :] - contacts[:, None]).ravel()
    off = off[np.abs(off) <= REACH]
    if not len(off):
        return 0.0
    agree = np.exp(-0.5 * ((off[:, None] - off[None, :]) / 0.004) ** 2).sum(1)
    # a contact more has to agree for each tenth of a second further away
    belief = agree - np.abs(off) / 0.1
    best = int(np.argmax(belief))
    return float(off[best]) if belief[best] > 0.0 else 0.0


def matched(contacts: NDArray[np.float64], onsets: list[Onset], lag: float) -> list[Pair]:
    """Contacts and onsets, each used once, with the least total distance from the common lag."""
    if not onsets:
        return []
    starts = np.array([onset.time for onset in onsets])
    off = np.abs(starts[None, :] - contacts[:, None] - lag)
    rows, columns = linear_sum_assignment(np.minimum(off, TOGETHER))
    return [
        Pair(float(contacts[row]), float(starts[column]))
        for row, column in zip(rows, columns, strict=True)
        if off[row, column] < TOGETHER
    ]


def of_another(pair: Pair, left_out: NDArray[np.float64], lag: float) -> bool:
    """Whether the onset is not its contact's, which was not heard, but that of a contact which was left out."""
    own = abs(pair.late - lag)
    return own > WITHIN and bool(len(left_out)) and float(np.abs(pair.onset - left_out - lag).min()) < own


def precision(onsets: list[Onset], shot: Shot) -> float | None:
    """Share of onsets that lie within 30 ms of any contact, however soft, or in a roll or slide; cues may add others."""
    if not onsets:
        return None
    good = 0
    for onset in onsets:
        good += any(
            contact.time - WITHIN <= onset.time <= (contact.until or contact.time) + WITHIN for contact in shot.contacts
        )
    return good / len(onsets)
