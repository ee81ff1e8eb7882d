"""From a shot to its stems: every contact at its own sample, heard from where the camera stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, spline_filter1d

from sora_addon.contract import SAMPLE_RATE, Body, Contact, Shot

from .atmosphere import ambience
from .bodies import Resonator, resonator
from .filters import Signal, low_pass
from .friction import along, envelope, texture
from .hertz import blow
from .hinge import creak, door, slam
from .impact import impact
from .listener import SPEED_OF_SOUND, Listener, air_cutoff, tamed
from .rain import rain
from .room import LONGEST_TAIL, Space
from .seeds import generator, microseconds
from .stems import NAMES, Stems, knee
from .steps import ground_and_foot, step
from .water import splash

INAUDIBLE = 1e-5
"""Peak: what is 100 dB under full scale is not made."""
LEAD = 1.0
"""Seconds."""
CONTROL = 256
"""Samples between two looks at where a moving sound is."""
FASTEST_SOURCE = 0.7 * SPEED_OF_SOUND
Progress = Callable[[int, int], None]
Voice = Callable[[Body, int], Resonator]


def foley(shot: Shot, progress: Progress | None = None, voice: Voice = resonator) -> Stems:
    """The sound of a shot, as stems of exactly ``shot.time.samples`` samples at 48 kHz.

    The same shot gives the same samples, bit for bit. Every voice draws from its own random numbers, seeded by the
    shot's seed and the identity of its bodies and contact: other bodies change nothing in it. ``progress`` is called
    with events done and events in all; what it raises ends the work. ``voice`` makes a resonator of a body and a seed.
    """
    return _Session(shot, progress or (lambda done, total: None), voice).run()


class _Session:
    def __init__(self, shot: Shot, progress: Progress, voice: Voice) -> None:
        self.shot = shot
        self.voice = voice
        self.seed = shot.words.seed
        self.count = shot.time.samples
        self.listener = Listener(shot)
        self.space = Space(shot)
        self.bodies = {body.index: body for body in shot.bodies}
        self.known: dict[int, Resonator] = {}
        self.stems = {name: np.zeros((self.count, 2), dtype=np.float32) for name in NAMES}
        self.sent: dict[str, NDArray[np.float32]] = {}
        self.progress = progress

    def run(self) -> Stems:
        single: list[Contact] = []
        drops: list[tuple[Contact, Resonator, Resonator]] = []
        for contact in self.shot.contacts:
            if contact.time * SAMPLE_RATE >= self.count or (contact.until or contact.time) < -LONGEST_TAIL:
                continue
            first, second = (self.bodies[index] for index in contact.bodies)
            if contact.lasts or "particles" not in (first.motion, second.motion):
                single.append(contact)
            elif first.motion == "particles":
                drops.append((contact, self.resonator(first.index), self.resonator(second.index)))
            else:
                drops.append((contact, self.resonator(second.index), self.resonator(first.index)))
        total = len(single) + (1 if drops else 0) + 2
        done = 0
        twins: Counter[tuple[str | int, ...]] = Counter()
        for contact in single:
            self.progress(done, total)
            identity = self.identity(contact)
            twins[identity] += 1
            self.sound(contact, generator(self.seed, *identity, twins[identity]))
            done += 1
        if drops:
            self.progress(done, total)
            for name in ("impacts", "water"):
                wet = [drop for drop in drops if (name == "water") == ("water" in (drop[1].sound, drop[2].sound))]
                if wet:
                    rain(wet, self.listener, self.seed, self.stems[name], self.send(name))
            done += 1
        self.progress(done, total)
        for name, sent in self.sent.items():
            self.space.reverberate(sent, self.stems[name])
        self.progress(done + 1, total)
        self.stems["ambience"] = ambience(self.shot, self.listener)
        self.progress(total, total)
        return Stems(**{name: knee(stem) for name, stem in self.stems.items()})

    def identity(self, contact: Contact) -> tuple[str | int, ...]:
        first, second = (self.bodies[index].id for index in contact.bodies)
        return contact.kind, first, second, microseconds(contact.time)

    def resonator(self, index: int) -> Resonator:
        if index not in self.known:
            self.known[index] = self.voice(self.bodies[index], self.seed)
        return self.known[index]

    def send(self, name: str) -> NDArray[np.float32]:
        return self.sent.setdefault(name, np.zeros(self.count, dtype=np.float32))

    def sound(self, contact: Contact, rng: np.random.Generator) -> None:
        first, second = (self.resonator(index) for index in contact.bodies)
        if contact.lasts:
            self.lasting(contact, first, second, rng)
            return
        start = int(np.ceil(contact.time * SAMPLE_RATE - 1e-6))
        offset = max(0.0, start - contact.time * SAMPLE_RATE)
        frame = self.listener.frame(contact.time)
        most = self.count - start
        if contact.kind == "step":
            ground, foot = ground_and_foot(first.body, second.body)
            down, up = self.resonator(ground.index), self.resonator(foot.index)
            if down.sound == "water":
                self.place("water", contact, start, 0.25 * splash(0.12, contact.speed, most, rng))
            else:
                self.place("steps", contact, start, step(contact, up, down, frame, offset, most, rng))
            return
        hit = blow(contact, first, second)
        if hit.peak * float(self.listener.hear_one(contact.time, contact.point).gains.max()) < INAUDIBLE:
            return
        if contact.kind == "splash" or "water" in (first.sound, second.sound):
            # Water sounds by what falls in: its size, not that of the lake.
            thing = second if first.sound == "water" else first
            size = float(np.prod(thing.sizes) ** (1.0 / 3.0))
            self.place("water", contact, start, hit.peak * splash(min(size, 3.0), contact.speed, most, rng))
            return
        made = impact(contact, hit, first, second, frame, offset, most, rng)
        if contact.kind == "close":
            leaf = door(first, second)
            both = slam(contact, hit, leaf, offset, most, rng)
            both[: made.size] += made[: both.size]
            made = both if both.size >= made.size else np.concatenate([both, made[both.size :]])
            groan = creak(contact, self.shot, leaf, rng)
            self.place("friction", contact, start - groan.size, groan)
        self.place("impacts", contact, start, made)

    def place(self, name: str, contact: Contact, start: int, mono: Signal) -> None:
        """Add what sounds at one point to a stem: the direct sound, mirrors, and what the tail is fed with."""
        peak = float(np.max(np.abs(mono), initial=0.0))
        if peak <= 0.0:
            return
        heard = self.listener.hear_one(contact.time, contact.point)
        loud = float(heard.gains.max())
        eased = tamed(peak * loud) / (peak * loud)
        aired = _aired(mono, float(heard.distance[0]))
        stem = self.stems[name]
        for ear in range(2):
            _add(
                stem[:, ear],
                start + round(float(heard.delays[0, ear]) * SAMPLE_RATE),
                aired,
                eased * float(heard.gains[0, ear]),
            )
        point = np.array([contact.point], dtype=np.float64)
        images, mirror = self.space.images(point)
        for image in images:
            seen = self.listener.hear(np.array([contact.time]), image)
            late = max(0.0, float(seen.distance[0] - heard.distance[0]) / SPEED_OF_SOUND)
            for ear in range(2):
                begin = start + round((late + float(seen.delays[0, ear])) * SAMPLE_RATE)
                _add(stem[:, ear], begin, aired, eased * mirror * _apart(late) * float(seen.gains[0, ear]))
        if self.space.enclosed:
            _add(self.send(name), start, mono, eased)

    def lasting(self, contact: Contact, first: Resonator, second: Resonator, rng: np.random.Generator) -> None:
        """Add a roll or a slide, heard along its way.

        Doppler comes from reading the texture later or sooner as the way to the camera grows or shrinks; the envelope
        is laid on after it, so the picture's clock holds though the pitch bends.
        """
        end = contact.time if contact.until is None else contact.until
        start, stop = max(0, int(np.ceil(contact.time * SAMPLE_RATE))), min(self.count, int(end * SAMPLE_RATE) + 1)
        if stop - start < 2:
            return
        times = np.arange(start, stop) / SAMPLE_RATE
        # What went on long before the shot left no trace that is heard.
        begun = max(contact.time, -LEAD)
        whole = begun + np.arange(int((times[-1] - begun) * SAMPLE_RATE) + 2) / SAMPLE_RATE
        grain = texture(contact, whole, first, second, rng)
        level = envelope(contact, times, first, second)

        looks = np.append(times[::CONTROL], times[-1])
        _, path = along(contact, looks)
        heard = self.listener.hear(looks, path)
        drawn = heard.distance - heard.distance[0]
        steps = np.clip(np.diff(drawn), *(np.array([-1, 1])[:, None] * FASTEST_SOURCE * np.diff(looks)))
        drawn = np.concatenate([[0.0], np.cumsum(steps)]) / SPEED_OF_SOUND
        name = "water" if "water" in (first.sound, second.sound) else "friction"
        stem = self.stems[name]
        middle = len(looks) // 2
        grain = _aired(grain, float(heard.distance[middle]))
        loud = np.interp(times, looks, heard.gains.max(axis=1)) * level
        eased = np.where(loud > 0.08, 0.08 * np.power(np.maximum(loud, 1e-9) / 0.08, 0.5), loud) / np.maximum(
            loud, 1e-9
        )
        level = level * eased
        spline = spline_filter1d(grain, order=3, mode="mirror")
        for ear in range(2):
            late = np.interp(times, looks, drawn + heard.delays[:, ear])
            read = (times - late - begun) * SAMPLE_RATE
            voice = map_coordinates(spline, [read], order=3, mode="mirror", prefilter=False)
            stem[start:stop, ear] += (voice * level * np.interp(times, looks, heard.gains[:, ear])).astype(np.float32)
        dry = (grain[-times.size :] * level).astype(np.float32)
        images, mirror = self.space.images(path[middle : middle + 1])
        for image in images:
            seen = self.listener.hear(looks[middle : middle + 1], image)
            late = max(0.0, float(seen.distance[0] - heard.distance[middle]) / SPEED_OF_SOUND)
            for ear in range(2):
                begin = start + round((late + float(seen.delays[0, ear])) * SAMPLE_RATE)
                _add(stem[:, ear], begin, dry, mirror * _apart(late) * float(seen.gains[0, ear]))
        if self.space.enclosed:
            _add(self.send(name), start, dry, 1.0)


def _apart(late: float) -> float:
    """How much of a mirror image is heard: one that falls on its source is in the source's own level already."""
    return min(1.0, late / 0.001)


def _aired(mono: Signal, distance: float) -> Signal:
    cutoff = air_cutoff(distance)
    return low_pass(mono, cutoff) if cutoff < 20_000.0 else mono


def _add(track: NDArray[np.float32], start: int, sound: NDArray[np.floating], gain: float) -> None:
    begin, end = max(start, 0), min(start + sound.size, track.size)
    if begin < end:
        track[begin:end] += (gain * sound[begin - start : end - start]).astype(np.float32)
