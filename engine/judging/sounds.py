"""How near made sound comes to true sound, and whether the picture alone tells when something is heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.signal import find_peaks

from sora_addon.contract import SAMPLE_RATE, Shot

from ..measure.onsets import Onset, find_onsets
from ..measure.sound import WITHIN, heard_contacts, precision
from ..model.mel import HOP, SILENCE, SPREAD, mel, render
from ..model.sampler import sample
from ..sound import foley, mix
from ..training.batch import Batch
from .held import Held, Judge

Floats = NDArray[np.float32]

NEAR = 0.05
"""Seconds between an onset foretold from the picture and its contact."""
PROMINENT = 0.25
"""Rise of the mean log-mel, a frame, that is an onset; in units of ``SPREAD``. From 0.2 to 0.35 all is one on ``sync`` clips."""


@dataclass(frozen=True)
class Heard:
    """Of one sound of a clip, against the truth: mean log-mel distance in decibels, onsets in milliseconds and shares."""

    distance: float
    onset: float
    recall: float
    """Of separable contacts: those whose onset can be told in the true sound."""
    of_all: float
    """The same of all ``heard_contacts``, among them those that ring over one another in truth, too."""
    precision: float


def heard(held: Held, judge: Judge) -> dict[str, Heard]:
    """The model, beside the dry stems, silence and the truth itself."""
    true, dry = held.clip.sound(), mix(foley(held.shot), None)
    made = render(_mel(held.told(None), held, judge), dry, judge.seed)
    sounds = {"model": made, "stems": dry, "silence": np.zeros_like(dry), "truth": true}
    contacts = np.array([contact.time for contact in heard_contacts(held.shot)])
    separable, _ = _matched(contacts, _times(find_onsets(true)), WITHIN)
    known = np.asarray(held.kept.truth_mel)
    return {name: _against(sound, known, held.shot, contacts, separable) for name, sound in sounds.items()}


def _against(
    sound: Floats, truth: Floats, shot: Shot, contacts: NDArray[np.float64], separable: NDArray[np.intp]
) -> Heard:
    distance = float(np.abs(mel(sound) - truth).mean()) * SPREAD
    onsets = find_onsets(sound)
    found, late = _matched(contacts, _times(onsets), WITHIN)
    exact = precision(onsets, shot) if len(contacts) else None
    return Heard(
        distance,
        1000 * float(np.median(np.abs(late))) if len(late) else float("nan"),
        len(np.intersect1d(found, separable)) / len(separable) if len(separable) else float("nan"),
        len(found) / len(contacts) if len(contacts) else float("nan"),
        float("nan") if exact is None else exact,
    )


def foretold(held: Iterable[Held], judge: Judge, random: np.random.Generator) -> tuple[float, float]:
    """F1 at 50 ms of onsets told from pictures alone, and the same with the pictures of another clip.

    Contacts, stems and what is excited by events are withheld: the network is told silence, and its mel is read alone.
    """
    counts, shuffled = np.zeros(3), np.zeros(3)
    clips = [one for one in held if len(heard_contacts(one.shot))]
    told = [_rises(_mel(one.told(None, stems=False, words=False), one, judge)) for one in clips]
    other = np.roll(np.arange(len(clips)), 1 + int(random.integers(max(len(clips) - 1, 1))))
    for index, one in enumerate(clips):
        contacts = np.array([contact.time for contact in heard_contacts(one.shot)])
        counts += _hits(contacts, told[index])
        shuffled += _hits(contacts, told[other[index]])
    return _f1(counts), _f1(shuffled)


def _mel(batch: Batch, held: Held, judge: Judge) -> Floats:
    """(BANDS, T) that the model makes of the whole clip."""
    generator = torch.Generator().manual_seed(judge.seed)
    mel_noise = torch.randn(batch.mel.shape, generator=generator)
    with torch.inference_mode():
        made = sample(judge.network, batch.told, held.noise(judge), mel_noise, judge.steps, joined=judge.joined)
    return made.mel[0].numpy()


def _rises(values: Floats) -> NDArray[np.float64]:
    """Seconds at which the mean of the bands leaps."""
    level = np.maximum(values, SILENCE).mean(0)
    flux = np.maximum(level[2:] - level[:-2], 0)
    found, _ = find_peaks(flux, height=PROMINENT, distance=8)
    return (found + 1.5) * HOP / SAMPLE_RATE


def _times(onsets: list[Onset]) -> NDArray[np.float64]:
    return np.array([onset.time for onset in onsets])


def _matched(
    contacts: NDArray[np.float64], onsets: NDArray[np.float64], within: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Places of contacts that onsets follow, each used once, and the seconds by which they do."""
    if not len(onsets) or not len(contacts):
        return np.zeros(0, np.intp), np.zeros(0)
    off = onsets[None, :] - contacts[:, None]
    rows, columns = linear_sum_assignment(np.minimum(np.abs(off), within))
    late = off[rows, columns]
    near = np.abs(late) < within
    return rows[near], late[near]


def _hits(contacts: NDArray[np.float64], onsets: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([len(_matched(contacts, onsets, NEAR)[0]), len(contacts), len(onsets)], float)


def _f1(counts: NDArray[np.float64]) -> float:
    hits, contacts, onsets = counts
    return float(2 * hits / max(contacts + onsets, 1))
