"""The true sound of a clip: what the dry guide is to be turned into.

Richer than the foley in three ways: bodies ring in many more modes, in split pairs; rooms answer by image sources
(pyroomacoustics; Scheibler, Bezzam and Dokmanic, ICASSP 2018) with a diffuse tail after them; and the ambience that the
clip was drawn with lies under it all. Nothing recorded is used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyroomacoustics
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from sora_addon.contract import SAMPLE_RATE, Body, Box, Room, Shot, Sound, read_shot
from sora_addon.contract.geometry import vector

from ..media.sound_file import write_sound
from ..sound.atmosphere import BEDS
from ..sound.bodies import HIGHEST_MODE, Resonator, resonator
from ..sound.filters import decibels, low_pass
from ..sound.foley import foley
from ..sound.materials import MATERIALS, OCTAVES
from ..sound.room import Space
from ..sound.seeds import generator
from ..sound.stems import NAMES, Stems

Stereo = NDArray[np.float32]

HALF_WAVES = 18
"""Of the highest modes along a side."""
RICHNESS = 5
"""Times as many modes as the foley's, before each is split."""
SPLIT = 0.004
"""Half the distance of a pair over its frequency: no casting is quite even, so what rings, beats."""
HIGH_TILT = 0.5
"""Decay of the modes that the foley leaves out, against what its law says: radiation takes high modes first."""

EARS = 0.09
"""Metres from the middle of the head."""
ORDER = {"small room": 14, "tunnel": 10, "hall": 10, "cathedral": 8}
"""Of the image sources."""
DIRECT = 0.0013
"""Seconds after the direct sound in which only the ground answers; the foley has both."""
PRESENCE = 2.0
"""Of the room against the foley's: what is lived in is heard to be a place."""
PRA_LATENCY = 40
"""Samples by which pyroomacoustics delays all, for its fractional delays are as long on both sides."""
BED_OF = {
    "wind": "wind",
    "rain": "rain",
    "room tone": "room_tone",
    "birds": "birds",
    "crowd": "crowd",
    "machine hum": "hum",
}
UNDER = -6.0
"""dB of the quiet of a place under the ambience that is heard in it."""
DEEP_CUTOFF, DEEP_SPREAD = 900.0, 0.25
"""Hz; under water sound comes through the skull, dull, and the two ears hear nearly the same."""


@dataclass(frozen=True)
class Shell:
    """A shoebox: sides in metres and what its walls are."""

    sides: tuple[float, float, float]
    sound: Sound


SHELLS = {
    "small room": Shell((4.8, 6.2, 2.7), "wood"),
    "hall": Shell((11.0, 16.0, 5.5), "wood"),
    "cathedral": Shell((14.0, 30.0, 14.0), "stone"),
    "tunnel": Shell((5.2, 36.0, 3.2), "stone"),
}
"""Of the rooms, where the shot itself does not show the walls."""


def add_truth_sound(clip: Path) -> None:
    """Write truth/sound.wav and truth/stems of the clip in the folder ``clip``.

    Raises ContractError where the shot cannot be read, and KeyError for a room or an ambience that is not known.
    """
    drawn = json.loads((clip / "clip.json").read_text(encoding="utf-8"))
    stems = truth_stems(read_shot(clip / "shot", passes=False), drawn["room"], drawn["ambience"])
    (clip / "truth" / "stems").mkdir(parents=True, exist_ok=True)
    whole = np.zeros_like(stems.impacts)
    for name, stem in stems.as_dict().items():
        write_sound(clip / "truth" / "stems" / f"{name}.wav", stem)
        whole += stem
    write_sound(clip / "truth" / "sound.wav", whole)


def dry_shot(shot: Shot) -> Shot:
    """The shot in open air and without ambience: the foley of it is the guide."""
    return replace(shot, room=None, words=replace(shot.words, prompt="silence", style=""))


def truth_stems(shot: Shot, room: str, ambience: str) -> Stems:
    """(N, 2) stems of a shot that plays in that room of the vocabulary with that ambience. Same in, same out."""
    dry = foley(dry_shot(shot), voice=rich).as_dict()
    bed = _ambience(shot, room, ambience)
    if room in SHELLS:
        response = room_response(shot, room)
        wet = {name: dry[name] + _answered(dry[name], response) for name in NAMES if name != "ambience"}
    elif room == "underwater":
        wet = {name: _deep(dry[name]) for name in NAMES if name != "ambience"}
    elif room == "open air":
        wet = {name: dry[name] for name in NAMES if name != "ambience"}
    else:
        raise KeyError(room)
    return Stems(**wet, ambience=bed)


def rich(body: Body, seed: int) -> Resonator:
    """The foley's resonator of that body, with the modes that it leaves out, each split into two that beat."""
    base = resonator(body, seed)
    plate = np.maximum(base.sizes[:2], 1e-3)
    m, n = (grid.ravel().astype(float) for grid in np.meshgrid(*[np.arange(HALF_WAVES)] * 2, indexing="ij"))
    wave = _wave(m, n, plate)
    scale = float(np.median(base.frequencies / _wave(base.orders[:, 0], base.orders[:, 1], plate)))
    draw = generator(seed, "rich modes", body.id)
    frequencies = scale * wave * (1.0 + 0.02 * draw.standard_normal(wave.size))
    above = np.flatnonzero((frequencies > base.frequencies[-1]) & (frequencies < HIGHEST_MODE) & (m + n > 0))
    above = above[np.argsort(frequencies[above], kind="stable")][: (RICHNESS - 1) * base.frequencies.size]
    law = np.polyfit(base.frequencies, base.decays, 1) if base.frequencies.size > 1 else (0.0, base.decays[0])
    high_decays = np.maximum(np.polyval(law, frequencies[above]), base.decays.max()) / HIGH_TILT
    frequencies = np.concatenate([base.frequencies, frequencies[above]])
    decays = np.concatenate([base.decays, high_decays])
    orders = np.concatenate([base.orders, np.stack([m[above], n[above]], axis=1)])
    apart = SPLIT * draw.uniform(0.2, 1.0, frequencies.size)
    both = np.concatenate([frequencies * (1.0 - apart), frequencies * (1.0 + apart)])
    order = np.argsort(both, kind="stable")
    return replace(
        base, frequencies=both[order], decays=np.tile(decays, 2)[order], orders=np.tile(orders, (2, 1))[order]
    )


def _wave(m: NDArray[np.float64], n: NDArray[np.float64], plate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared wave number of a free plate's modes, as ``engine.sound.bodies`` counts them."""
    return np.square(np.where(m > 0, m + 0.5, 0.0) / plate[0]) + np.square(np.where(n > 0, n + 0.5, 0.0) / plate[1])


def room_response(shot: Shot, room: str) -> NDArray[np.float64]:
    """(K, 2) what the room gives back of a sound from where the contacts are, for a direct sound of 1 at sample 0.

    Image sources up to ``ORDER``, then noise that decays at each octave's rate, as loud as they are where they thin out.
    All of it is as loud as the foley has a room (``Space.send``): real walls would drown a blow three metres away, and a
    dubbing stage does not let them.
    """
    low, high, sound = _walls(shot, room)
    ears, source = _ears(shot, low, high)
    material = pyroomacoustics.Material(
        energy_absorption={
            "description": sound,
            "coeffs": list(MATERIALS[sound].absorption),
            "center_freqs": [float(hertz) for hertz in OCTAVES],
        }
    )
    box = pyroomacoustics.ShoeBox(
        high - low, fs=SAMPLE_RATE, materials=material, max_order=ORDER[room], air_absorption=True
    )
    box.add_source(source - low)
    box.add_microphone_array((ears - low).T)
    box.compute_rir()
    answers = box.rir or []
    count = shot.time.samples
    away = np.linalg.norm(ears - source, axis=1)
    early = np.zeros((count, 2))
    for ear in range(2):
        begin = PRA_LATENCY + int(away.min() / box.c * SAMPLE_RATE)
        heard = np.asarray(answers[ear][0])[begin : begin + count]
        early[: len(heard), ear] = heard * (4.0 * np.pi * away.mean())
    early[: int(DIRECT * SAMPLE_RATE)] = 0.0
    space = Space(replace(shot, room=Room(Box(vector(low), vector(high)), True, sound)))
    mixing = int(ORDER[room] * float((high - low).min()) / box.c * SAMPLE_RATE)
    whole = _with_tail(early, space, mixing)
    return whole * (PRESENCE * space.send / max(float(np.sqrt(np.sum(np.square(whole), axis=0).mean())), 1e-9))


def _with_tail(early: NDArray[np.float64], space: Space, mixing: int) -> NDArray[np.float64]:
    """(K, 2) image sources that give way to the diffuse tail in the half before sample ``mixing``."""
    count, before = len(early), mixing // 2
    if mixing >= count:
        return early
    tail = np.zeros((count, 2))
    diffuse = space.tail(count)
    tail[: len(diffuse)] = diffuse
    sparse, dense = (float(np.mean(np.square(part[before:mixing]))) for part in (early, tail))
    share = np.clip((np.arange(count) - before) / (mixing - before), 0.0, 1.0)[:, None]
    return early * np.sqrt(1.0 - share) + np.sqrt(sparse / max(dense, 1e-20)) * tail * np.sqrt(share)


def _walls(shot: Shot, room: str) -> tuple[NDArray[np.float64], NDArray[np.float64], Sound]:
    """Two corners and what the walls are: the shot's own where it shows them, else those of the vocabulary."""
    shell = SHELLS[room]
    if shot.room is not None and shot.room.enclosed:
        low, high = np.asarray(shot.room.bounds.low, float), np.asarray(shot.room.bounds.high, float)
        if (high - low).min() > 1.5 and (high - low).max() < 80.0:
            return low, high, shell.sound
    sides = np.asarray(shell.sides)
    low = np.array([-0.5 * sides[0], -0.58 * sides[1], 0.0])
    return low, low + sides, shell.sound


def _ears(
    shot: Shot, low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(2, 3) both ears at the middle of the shot, and (3,) the middle of its contacts, a hand's breadth off the walls."""
    camera = np.asarray(shot.camera[len(shot.camera) // 2].world, float).reshape(4, 4)
    head, right = camera[:3, 3], camera[:3, 0]
    points = np.array([contact.point for contact in shot.contacts], float).reshape(-1, 3)
    source = points.mean(axis=0) if len(points) else head + 2.0 * camera[:3, 2]
    inside = 0.15
    source = np.clip(source, low + inside, high - inside)
    head = np.clip(head, low + inside + EARS, high - inside - EARS)
    if np.linalg.norm(head - source) < 0.3:
        head = np.clip(head - 0.5 * camera[:3, 2], low + inside + EARS, high - inside - EARS)
    return np.stack([head - EARS * right, head + EARS * right]), source


def _answered(stem: Stereo, response: NDArray[np.float64]) -> Stereo:
    """What the room adds to a stem: it is fed with both channels, as the sound goes all ways."""
    if not stem.any():
        return np.zeros_like(stem)
    sent = stem.mean(axis=1)
    ears = [fftconvolve(sent, response[:, ear])[: len(stem)] for ear in range(2)]
    return np.stack(ears, axis=1).astype(np.float32)


def _deep(stem: Stereo) -> Stereo:
    middle = stem.mean(axis=1, keepdims=True)
    near = middle + DEEP_SPREAD * (stem - middle)
    ears = [low_pass(low_pass(near[:, ear].astype(np.float64), DEEP_CUTOFF), 2.0 * DEEP_CUTOFF) for ear in range(2)]
    return (1.6 * np.stack(ears, axis=1)).astype(np.float32)


def _ambience(shot: Shot, room: str, ambience: str) -> Stereo:
    """The quiet of the place, and the bed that was drawn, each as loud as a recordist might have it."""
    quiet = "air" if room == "open air" else "room_tone"
    chosen = BED_OF[ambience] if ambience != "none" else None
    count = shot.time.samples
    out = np.zeros((count, 2))
    for name, lower in ((quiet, UNDER if chosen else 0.0), (chosen, 0.0)):
        if name is None:
            continue
        make, level = BEDS[name]
        draw = generator(shot.words.seed, "truth bed", name)
        # made longer than heard, so that what comes and goes is caught at any moment of it
        long = make(max(count, 2 * SAMPLE_RATE), draw)
        begin = int(draw.integers(0, len(long) - count + 1))
        rms = max(float(np.sqrt(np.mean(np.square(long)))), 1e-9)
        out += long[begin : begin + count] * (decibels(level + lower + draw.uniform(-2.0, 2.0)) / rms)
    if room == "underwater":
        return _deep((2.0 * out).astype(np.float32))
    return out.astype(np.float32)
