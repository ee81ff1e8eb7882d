"""What a seed draws: a balanced choice of every list, and plain numbers. No bpy here."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, TypeVar

import numpy as np

from . import vocabulary as known

Set = Literal["look", "sync", "held", "heard", "varied"]
"""``look`` to see, ``sync`` to hear; ``held`` and ``heard`` are the same, kept from learning.

``varied`` is kept from learning too: each scene, blocked in plain light and clear air, in the truth of every hour and
weather that can be had in the open, which words alone tell.
"""
T = TypeVar("T")

SIZES: dict[Set, tuple[int, int]] = {
    "look": (256, 144),
    "sync": (96, 54),
    "held": (256, 144),
    "heard": (96, 54),
    "varied": (256, 144),
}
FRAMES: dict[Set, int] = {"look": 4, "sync": 48, "held": 6, "heard": 48, "varied": 1}
SAMPLES: dict[Set, int] = {"look": 6, "sync": 0, "held": 64, "heard": 0, "varied": 16}
HELD_SETS: tuple[Set, ...] = ("held", "heard", "varied")
VARIED: tuple[tuple[str, str], ...] = (
    *(("hour", hour) for hour in known.HOURS if hour != "studio"),
    *(("air", air) for air in known.AIRS if air != "underwater"),
)
"""What is varied, and the value, of each clip of a scene of the set ``varied``, in the order of its seeds."""
PLAYED = 60
"""Frames that every scene is simulated for; a clip is a window of them."""
CLAY_SHARE = 1 / 3
"""Of the `look` clips, those that have a clay render."""


@dataclass(frozen=True)
class Recipe:
    """Everything that was chosen for a clip by name; finer numbers come from ``rng(seed, topic)``."""

    seed: int
    set: Set
    place: str
    room: str
    hour: str
    air: str
    event: str
    move: str
    ground: str
    ambience: str
    materials: tuple[str, ...]
    """Of the things that move, in the order in which they are made."""
    shapes: tuple[str, ...]
    size: tuple[int, int]
    frames: int
    samples: int
    clay: bool
    words_light: bool
    """The shot is exported in neutral light; only the words say the hour."""
    words_air: bool
    """The shot is exported dry and clear; only the words say the weather. True for all weathers but wet ground."""
    words_bodies: bool
    """The first thing is exported as grey plastic; only its words say what it is made of."""
    varied: str = ""
    """What is varied about the scene of a ``varied`` clip."""
    version: int = known.VERSION
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Kept from learning: other shapes, other moves."""
        return self.set in HELD_SETS

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def rng(seed: int, topic: str) -> np.random.Generator:
    """Random numbers of one topic of a clip: what another topic draws changes nothing here."""
    return np.random.default_rng([seed, zlib.crc32(topic.encode())])


def balanced(values: Sequence[T], seed: int, topic: str) -> T:
    """One of ``values``; over any block of len(values) seeds that starts at a multiple of it, each comes up once."""
    block, place = divmod(seed, len(values))
    return values[int(rng(block, f"order of {topic}").permutation(len(values))[place])]


def recipe(seed: int, which: Set, *, frames: int | None = None, samples: int | None = None) -> Recipe:
    """The recipe of the clip ``seed`` of the set ``which``. The same arguments give the same recipe on every machine."""
    if which == "varied":
        return _varied(seed, frames, samples)
    held = which in HELD_SETS
    hour = balanced(known.HOURS, seed, f"{which} hour")
    place = _place(seed, which, hour)
    room = place if place in known.ROOMS else "open air"
    air = _air(seed, which, place)
    event = balanced(known.EVENTS, seed, f"{which} event")
    shapes = known.HELD_SHAPES if held else known.SHAPES
    flips = rng(seed, "flips").random(4)
    return Recipe(
        seed=seed,
        set=which,
        place=place,
        room=room,
        hour=hour,
        air=air,
        event=event,
        move=balanced(known.MOVES, seed, f"{which} move"),
        ground=_ground(seed, which, place),
        ambience=_ambience(seed, which, room, air),
        materials=tuple(balanced(known.BODY_MATERIALS, seed * 4 + k, f"{which} material") for k in range(4)),
        shapes=tuple(balanced(shapes, seed * 4 + k, f"{which} shape") for k in range(4)),
        size=SIZES[which],
        frames=FRAMES[which] if frames is None else frames,
        samples=SAMPLES[which] if samples is None else samples,
        clay=bool(which == "held" or (which == "look" and flips[0] < CLAY_SHARE)),
        words_light=bool(flips[1] < 0.35),
        words_air=bool(air not in ("clear", "rain") or flips[2] < 0.5),
        words_bodies=bool(flips[3] < 0.3),
    )


def base_of(seed: int) -> int:
    """The seed that a ``varied`` clip shares with those of the same scene."""
    return seed - seed % len(VARIED)


def _varied(seed: int, frames: int | None, samples: int | None) -> Recipe:
    base = base_of(seed)
    topic, value = VARIED[seed - base]
    places = known.OPEN_PLACES
    plain = recipe(base, "held", frames=frames or FRAMES["varied"], samples=samples or SAMPLES["varied"])
    place = places[base // len(VARIED) % len(places)]
    scene = replace(
        plain, set="varied", place=place, room="open air", hour="overcast", air="clear", ambience="none", clay=False,
        ground=_ground(base, "varied", place), words_light=True, words_air=True, words_bodies=False, varied=topic,
    )  # fmt: skip
    return replace(scene, **{topic: value})


def styles_of(made: Recipe) -> tuple[str, ...]:
    """The styles that a clip can teach: those of clay only where clay was rendered, none without truth."""
    if not made.samples:
        return ()
    return tuple(style for style in known.STYLES if made.clay or style not in known.CLAY_STYLES)


def _place(seed: int, which: Set, hour: str) -> str:
    if hour == "studio":
        return "studio"
    places = [*known.OPEN_PLACES, "small room", "hall", "cathedral", "tunnel", "underwater"]
    return balanced(places, seed, f"{which} place")


def _air(seed: int, which: Set, place: str) -> str:
    if place == "underwater":
        return "underwater"
    air = balanced(("clear", "clear", "rain", "rain", "snow", "fog", "dust"), seed, f"{which} air")
    outdoors = place in known.OPEN_PLACES
    return air if outdoors or air in ("fog", "dust") else "clear"


def _ground(seed: int, which: Set, place: str) -> str:
    fitting = {
        "yard": ("stone", "brick", "tiles", "gravel", "wood", "grass"),
        "street": ("asphalt", "concrete", "stone", "brick"),
        "hills": ("grass", "sand", "gravel", "grass"),
        "ruins": ("stone", "sand", "gravel", "tiles"),
        "roof": ("concrete", "steel", "gravel", "wood"),
        "studio": ("concrete", "wood", "cloth", "tiles"),
        "small room": ("wood", "cloth", "tiles", "concrete"),
        "hall": ("wood", "stone", "tiles", "concrete"),
        "cathedral": ("stone", "tiles"),
        "tunnel": ("concrete", "gravel", "asphalt", "steel"),
        "underwater": ("sand", "stone", "gravel"),
    }[place]
    return balanced(fitting, seed // len(known.PLACES), f"{which} ground {place}")


def _ambience(seed: int, which: Set, room: str, air: str) -> str:
    if air == "rain":
        return "rain"
    drawn = balanced(known.AMBIENCES, seed, f"{which} ambience")
    if room == "underwater":
        return "none"
    if room == "open air":
        return "wind" if drawn in ("rain", "room tone") else drawn
    return "room tone" if drawn in ("wind", "rain", "birds") else drawn
