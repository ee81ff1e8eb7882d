"""Whether a job fits this machine, before it is begun: memory, disk, time; and what would make it fit. No bpy here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from typing import Literal

from ..contract.messages import BackendInfo, Welcome

PIXELS, FRAMES = 512 * 288, 120
"""Of the shot that ``BackendInfo.memory`` is told for: 5 s at 24 a second."""
SAMPLE_BYTES = 2 * 4
SPARE = 0.9
"""Share of a memory that a job may need; the system and Blender need the rest."""
LEAST_PERCENT = 10
LEAST_SECONDS = 1.0


@dataclass(frozen=True)
class Shape:
    """What a job is to make."""

    frames: int
    width: int
    height: int
    rate: float
    lights: int = 1

    @property
    def pixels(self) -> int:
        return self.width * self.height


@dataclass(frozen=True)
class Mend:
    """What would make it fit: a saving of the backend's by name, a size as a share of this one, or so many frames."""

    kind: Literal["saving", "size", "frames"]
    saving: str = ""
    share: float = 1.0
    frames: int = 0
    slower: float = 1.0
    place: int = 0
    """Of the backend whose saving it is; 0 is the first."""


@dataclass(frozen=True)
class Verdict:
    """Bytes needed and there; 0 there where that is not known, or not asked for."""

    memory: int
    memory_there: int
    where: Literal["memory", "card"]
    disk: int
    disk_free: int
    place: int = 0
    """Of the backend whose memory is spoken of; 0 is the first."""
    mends: tuple[Mend, ...] = ()

    @property
    def memory_fits(self) -> bool:
        return not self.memory_there or self.memory <= SPARE * self.memory_there

    @property
    def disk_fits(self) -> bool:
        return not self.disk_free or self.disk <= self.disk_free


def memory_needed(info: BackendInfo, shape: Shape, keeps: float = 1.0) -> int:
    """Bytes, from what the backend declares: its weights, and what grows with pixels and with the frames held at once."""
    grows = max(info.memory - info.weights, 0)
    held, usual = (min(count, info.window or count) for count in (shape.frames, FRAMES))
    return round(keeps * (info.weights + grows * shape.pixels / PIXELS * held / usual))


def memory_there(info: BackendInfo, welcome: Welcome) -> tuple[int, Literal["memory", "card"]]:
    """Bytes of the memory that the backend works in, and which it is; 0 for a backend elsewhere."""
    if info.runs_on == "elsewhere":
        return 0, "memory"
    if info.runs_on == "card" and welcome.card_memory:
        return welcome.card_memory, "card"
    return welcome.memory, "memory"


def disk_needed(shape: Shape, frame_bytes: int, pictures: int) -> int:
    """Bytes at most: the shot's passes, uncompressed, a picture of each backend and one for measuring, the sound, the clip."""
    samples = round(shape.frames / shape.rate * 48_000) * SAMPLE_BYTES * 9
    return shape.frames * (frame_bytes + (pictures + 1) * shape.pixels * 3) + samples + 16 * 2**20


def verdict(
    infos: Sequence[BackendInfo],
    welcome: Welcome,
    shape: Shape,
    frame_bytes: int,
    disk_free: int,
    savings: Sequence[str] = (),
) -> Verdict:
    """Of the backends of a job, in order; the one that needs the most of its memory is spoken of.

    ``savings``: by place, the way of needing less that the backend is told already; '' for none.
    """
    pictures = sum(info.makes_picture for info in infos) or 1
    disk = disk_needed(shape, frame_bytes, pictures)
    places = [
        (memory_needed(info, shape, _keeps(info, name)), *memory_there(info, welcome), place, name)
        for place, (info, name) in enumerate(zip_longest(infos, savings[: len(infos)], fillvalue=""))
        if isinstance(info, BackendInfo)
    ]
    tight = max(places, key=lambda one: one[0] / one[1] if one[1] else 0.0, default=(0, 0, "memory", 0, ""))
    needed, there, where, place, name = tight
    plain = Verdict(needed, there, where, disk, disk_free, place)
    mends: list[Mend] = []
    if not plain.memory_fits:
        mends += _memory_mends(infos[place], shape, there, name, place)
    if not plain.disk_fits:
        mends += _disk_mends(shape, frame_bytes, disk_free, pictures)
    return replace(plain, mends=tuple(mends))


def _keeps(info: BackendInfo, saving: str) -> float:
    return next((one.keeps for one in info.savings if one.name == saving), 1.0)


def _memory_mends(info: BackendInfo, shape: Shape, there: int, saving: str, place: int) -> list[Mend]:
    """The cheapest saving that is enough; else, or beside it, a smaller picture and fewer frames where those are."""
    room, keeps = SPARE * there, _keeps(info, saving)
    fitting = (one for one in info.savings if one.name != saving and memory_needed(info, shape, one.keeps) <= room)
    mends = [Mend("saving", one.name, slower=one.slower, place=place) for one in islice(fitting, 1)]
    grows = memory_needed(info, shape) - info.weights
    if grows > 0 and room > keeps * info.weights:
        share = (room / keeps - info.weights) / grows
        side = share**0.5
        if LEAST_PERCENT / 100 <= side < 1:
            mends.append(Mend("size", share=side))
        held = min(shape.frames, info.window or shape.frames)
        frames = int(held * share)
        if info.window is None and frames >= LEAST_SECONDS * shape.rate:
            mends.append(Mend("frames", frames=frames))
    return mends


def _disk_mends(shape: Shape, frame_bytes: int, free: int, pictures: int) -> list[Mend]:
    each = disk_needed(Shape(1, shape.width, shape.height, shape.rate), frame_bytes, pictures) - 16 * 2**20
    frames = int((free - 16 * 2**20) / each) if each else 0
    mends = []
    side = (max(frames, 0) / shape.frames) ** 0.5
    if LEAST_PERCENT / 100 <= side < 1:
        mends.append(Mend("size", share=side))
    if frames >= LEAST_SECONDS * shape.rate:
        mends.append(Mend("frames", frames=frames))
    return mends
