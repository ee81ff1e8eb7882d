"""Of one clip many lessons: what an artist could have blocked it as.

Light is linear, so a clip under brighter or warmer light is its passes and its truth times a colour. Its lamps may be white
and its world grey, as they are before anybody lights a scene: then words alone tell the hour. And a body may be grey, so that
words alone tell what it is made of. The truth stays exact in all of them, and costs no render.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import LightRow, Material, Shot, World
from sora_addon.export.draft import draft
from sora_addon.scenes.training.plain import BLOCKED, BLOCKED_ROUGHNESS, GREY, WHITE, plain_energy
from sora_addon.scenes.training.words import body_words

from ..media.passes import Passes, Planes

Floats = NDArray[np.float32]

DARKER, BRIGHTER = -1.5, 0.8
"""Stops."""
TINT = 0.12
"""Spread of the logarithm of a channel beside the others."""
BARE_SHARE = 0.5
"""Of the variants, those with a body that words alone tell of."""
DIM, MOST = 0.005, 30.0
"""Light beside which a draft is compared with another, and the largest ratio of the two."""
NONE = np.ones(3, np.float32)


@dataclass(frozen=True)
class Variant:
    """How a clip was blocked, and how bright its truth is."""

    gain: Floats
    """(3,) of all light, in the passes and in the truth."""
    plain: bool = False
    """White lamps, grey world."""
    bare: int | None = None
    """Index of the body that is grey."""
    words: str = ""
    """What that body is said to be."""


def as_it_is() -> Variant:
    return Variant(NONE)


def drawn(shot: Shot, drawn_clip: dict[str, Any], turn: int) -> Variant:
    """The variant of a clip's frame: as it is, under other light, plain, plain and as bright as chance will have it."""
    random = np.random.default_rng([int(drawn_clip["seed"]), turn, 21])
    gain = 2.0 ** random.uniform(DARKER, BRIGHTER) * np.exp(TINT * random.standard_normal(3))
    plain = turn % 4 >= 2 and not drawn_clip.get("lit", drawn_clip.get("hour") == "studio")
    # a tint would say that plain light has its colour already, whose hour words alone tell
    if plain or drawn_clip.get("words_light"):
        gain = np.full(3, 2.0 ** random.uniform(DARKER / 2, BRIGHTER / 2))
    bare, words = _bare(shot, drawn_clip, random)
    return Variant(gain.astype(np.float32) if turn % 2 else NONE, plain, bare, words)


def _bare(shot: Shot, drawn_clip: dict[str, Any], random: np.random.Generator) -> tuple[int | None, str]:
    made_of = {body["name"]: body for body in drawn_clip["bodies"] if not body["words_only"]}
    things = [body for body in shot.bodies if body.name in made_of]
    if not things or random.random() >= BARE_SHARE:
        return None, ""
    body = things[int(random.integers(len(things)))]
    about = made_of[body.name]
    return body.index, body_words(about["material"], about["shape"], random)


class Blocked(Passes):
    """The passes of a clip as a variant has them."""

    def __init__(self, folder: Path, shot: Shot, variant: Variant) -> None:
        """``shot`` as it was exported."""
        super().__init__(folder, shot)
        self.exported = Passes(folder, shot)
        self.variant = variant
        self.shown = blocked_shot(shot, variant)

    def frame(self, number: int, only: Iterable[str] | None = None) -> Planes:
        planes = blocked(self.exported.frame(number), self.shot, self.shown, number, self.variant)
        return planes if only is None else {name: planes[name] for name in only}


def blocked_shot(shot: Shot, variant: Variant) -> Shot:
    """The shot with its light and its bodies as the variant has them."""
    gain = variant.gain.tolist()

    def lit(colour: tuple[float, ...]) -> Any:
        return tuple(part * factor for part, factor in zip(colour, gain, strict=True))

    lights = []
    for light in shot.lights:
        rows = light.rows
        if variant.plain:
            rows = [replace(row, color=WHITE, energy=plain_energy(light.kind, row.energy)) for row in rows]
        lights.append(replace(light, rows=[replace(row, color=lit(row.color)) for row in rows]))
    world = World([lit(GREY if variant.plain else colour) for colour in shot.world.colors])
    materials = [replace(one, emission=lit(one.emission)) for one in shot.materials]
    bodies = shot.bodies
    if variant.bare is not None:
        index = max((one.index for one in materials), default=0) + 1
        materials.append(Material(index, "Blocked", BLOCKED, BLOCKED_ROUGHNESS))
        bodies = [
            replace(body, materials=[index], words=variant.words) if body.index == variant.bare else body
            for body in bodies
        ]
    return replace(shot, lights=lights, world=world, materials=materials, bodies=bodies)


def blocked(planes: Planes, shot: Shot, shown: Shot, number: int, variant: Variant) -> Planes:
    """The passes of ``shot``, in its frame ``number``, as ``shown`` has them."""
    row = number - shot.time.first
    before, planes = planes, dict(planes)
    something = (planes["body"] > 0)[..., None]
    for index, (light, other) in enumerate(zip(shot.lights, shown.lights, strict=True)):
        name = f"light_{index:03d}"
        planes[name] = _lamp(planes[name], light.rows[row], other.rows[row], variant)
    world = np.asarray(shown.world.colors[row], np.float32)
    if variant.plain:
        planes["world_light"] = world * planes["occlusion"][..., None] * something
    else:
        planes["world_light"] = planes["world_light"] * variant.gain
    here = planes["body"] == variant.bare
    if variant.bare is not None:
        planes["base_color"] = np.where(here[..., None], np.asarray(BLOCKED, np.float32), planes["base_color"])
        planes["material"] = np.where(here, shown.materials[-1].index, planes["material"]).astype(np.uint32)
    was, drafted = _draft(before, shot, row), _draft(planes, shown, row)
    ratio = overall = variant.gain
    if variant.plain:
        # highlights and reflections are not in the draft: they are as much brighter as it is
        ratio = np.minimum((drafted + DIM) / (was + DIM), MOST)
        overall = (drafted.mean((0, 1)) + DIM) / (was.mean((0, 1)) + DIM)
    behind = world if variant.plain else planes["preview"] * variant.gain
    lit = np.where(here[..., None], drafted, planes["preview"] * ratio)
    planes["preview"] = np.where(something, lit, behind).astype(np.float32)
    planes["reflection"] = (planes["reflection"] * np.append(overall, np.float32(1))).astype(np.float32)
    return planes


def _draft(planes: Planes, shot: Shot, row: int) -> Floats:
    light = planes["world_light"]
    for index in range(len(shot.lights)):
        light = light + planes[f"light_{index:03d}"]
    world = np.asarray(shot.world.colors[row], np.float32)
    facing, around = planes["normal"][..., 2], planes["world_light"]
    made = draft(planes["base_color"], facing, planes["material"], shot.materials, light, around, world)
    return np.maximum(made, 0).astype(np.float32)


def _lamp(light: Floats, before: LightRow, after: LightRow, variant: Variant) -> Floats:
    if not variant.plain:
        return light * variant.gain
    strongest = int(np.argmax(before.color))
    power = before.color[strongest] * before.energy
    if not power:
        return light
    white = light[..., strongest : strongest + 1] * np.float32(after.energy / power)
    return np.asarray(white * np.asarray(after.color, np.float32), np.float32)
