"""Ambience of a shot: what its words and its cues ask for, well under what happens in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE, Cue, Shot

from . import beds
from .filters import decibels
from .keywords import asks_for_silence, beds_in
from .listener import REFERENCE_DISTANCE, Listener
from .seeds import generator

BEDS: dict[str, tuple[Callable[[int, np.random.Generator], beds.Bed], float]] = {
    "wind": (beds.wind, -46.0),
    "rain": (beds.rain, -47.0),
    "birds": (beds.birds, -50.0),
    "crickets": (beds.crickets, -53.0),
    "crowd": (beds.crowd, -47.0),
    "hum": (beds.hum, -49.0),
    "sea": (beds.sea, -44.0),
    "stream": (beds.stream, -47.0),
    "fire": (beds.fire, -48.0),
    "traffic": (beds.traffic, -48.0),
    "room_tone": (beds.room_tone, -60.0),
    "air": (beds.air, -62.0),
}
"""How each is made, and its RMS in dBFS."""
CUE_LIFT = 8.0
"""dB: what the artist placed by hand stands further in front than what the prompt hints at."""
STRETCH, OVERLAP = 20 * SAMPLE_RATE, SAMPLE_RATE
"""Samples that are made at once, and over which one stretch fades into the next: no loop, and bounded memory."""
EASE = 0.05
"""Seconds over which a cue sets in and ends."""
CONTROL = 0.02
"""Seconds between two looks at where a sounding body is."""


def ambience(shot: Shot, listener: Listener) -> NDArray[np.float32]:
    """(N, 2) beds of the shot's words over all of it, and of its cues over their time.

    Where the words name none there is faint air, or room tone within walls; where they ask for silence there is none.
    """
    out = np.zeros((shot.time.samples, 2), dtype=np.float32)
    words = f"{shot.words.prompt} , {shot.words.style}"
    names = beds_in(words, shot.words.negative)
    indoors = shot.room is not None and shot.room.enclosed
    if not names and not asks_for_silence(words):
        names = ["room_tone" if indoors else "air"]
    for name in names:
        # Weather is heard through the walls, muffled by being softer.
        behind = -8.0 if indoors and name in ("wind", "rain", "traffic", "birds", "sea") else 0.0
        _lay(out, name, 0, shot.time.samples, behind, None, shot, "words")
    for i, cue in enumerate(shot.cues):
        if cue.kind == "dialogue":
            continue
        end = float(shot.time.duration) if cue.end is None else cue.end
        start, stop = round(cue.start * SAMPLE_RATE), min(round(end * SAMPLE_RATE), shot.time.samples)
        if stop <= max(start, 0):
            continue
        for name in beds_in(cue.words):
            place = _place(shot, cue, listener, start, stop)
            _lay(out, name, start, stop, CUE_LIFT + cue.gain, place, shot, f"cue {i} {cue.words}")
    return out


def unheard(shot: Shot) -> list[Cue]:
    """The cues that make no sound: dialogue, which nobody speaks yet, and words that no bed is known for."""
    return [cue for cue in shot.cues if cue.kind == "dialogue" or not beds_in(cue.words)]


Place = Callable[[NDArray[np.int64]], NDArray[np.float64]]


def _place(shot: Shot, cue: Cue, listener: Listener, start: int, stop: int) -> Place | None:
    """Gains (T, 2) at (T,) samples of a cue that comes from a body; None where it is all around."""
    if cue.speaker is None:
        return None
    rows = shot.body(cue.speaker).rows
    centers = np.array([(row.world[3], row.world[7], row.world[11]) for row in rows])
    looks = np.arange(max(start, 0) / SAMPLE_RATE, max(stop, 0) / SAMPLE_RATE + CONTROL, CONTROL)
    frames = np.clip(looks * float(shot.time.rate), 0.0, len(rows) - 1.0)
    path = np.stack([np.interp(frames, np.arange(len(rows)), centers[:, axis]) for axis in range(3)], axis=1)
    gains = listener.hear(looks, path).gains
    # A bed from one body is no louder near the lens than a voice is.
    gains = np.minimum(gains, REFERENCE_DISTANCE)

    def at(samples: NDArray[np.int64]) -> NDArray[np.float64]:
        times = samples / SAMPLE_RATE
        return np.stack([np.interp(times, looks, gains[:, ear]) for ear in range(2)], axis=1)

    return at


def _lay(
    out: NDArray[np.float32],
    name: str,
    start: int,
    stop: int,
    gain: float,
    place: Place | None,
    shot: Shot,
    identity: str,
) -> None:
    """Add a bed to samples ``start`` to ``stop``. Each stretch has its own random numbers, the same wherever it is cut."""
    make, level = BEDS[name]
    factor = decibels(level + gain)
    ease = int(min(EASE * SAMPLE_RATE, max(1, (stop - start) // 4)))
    step = STRETCH - OVERLAP
    part = max(0, (-start - OVERLAP) // step)
    while (begin := start + part * step) < stop:
        count = min(STRETCH, stop - begin)
        bed = make(count, generator(shot.words.seed, "bed", name, identity, part))
        bed *= factor / max(float(np.sqrt(np.mean(np.square(bed)))), 1e-9)
        samples = begin + np.arange(count)
        fade = np.ones(count)
        if part:
            fade *= np.sin(0.5 * np.pi * np.clip((samples - begin) / OVERLAP, 0.0, 1.0))
        if begin + STRETCH < stop:
            fade *= np.cos(0.5 * np.pi * np.clip((samples - (begin + STRETCH - OVERLAP)) / OVERLAP, 0.0, 1.0))
        if identity != "words":
            fade *= np.clip((samples - start) / ease, 0.0, 1.0) * np.clip((stop - samples) / ease, 0.0, 1.0)
        if place is not None:
            bed = bed.mean(axis=1, keepdims=True) * place(samples)
        low = max(begin, 0)
        if low < begin + count:
            out[low : begin + count] += (bed * fade[:, None])[low - begin :].astype(np.float32)
        if begin + count >= stop:
            return
        part += 1
