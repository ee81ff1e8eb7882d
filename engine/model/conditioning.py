"""What the model is told of a shot: one function from shot and passes to arrays, for training and for taking alike.

Everything is laid into 0 to 1, so that a byte a value holds it well enough to learn from (``to_bytes``). Light and colour
are laid in as a display would show them, with a shoulder for what is brighter than white: products stay products there,
and dark is as well resolved as bright.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Room, Shot

from ..backends.looks import filmic
from ..backends.sketch import key_light, soften
from ..controls.edges import Edges, edges
from ..controls.lines import drawn
from ..media.colour import luminance, to_display, to_linear
from ..media.passes import Passes, Planes

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

LAYOUT: tuple[tuple[str, int], ...] = (
    ("guide", 3),
    ("base", 3),
    ("sun", 3),
    ("lamps", 3),
    ("world", 3),
    ("occlusion", 1),
    ("reflection", 3),
    ("reflection_known", 1),
    ("depth", 1),
    ("normal", 3),
    ("sky", 1),
    ("line", 1),
    ("crease", 1),
    ("roughness", 1),
    ("metallic", 1),
    ("transmission", 1),
    ("emission", 1),
    ("to_next", 2),
    ("from_previous", 2),
    ("upward", 1),
)
"""Planes in order, with their channels."""
CHANNELS = sum(count for _, count in LAYOUT)
WHERE: dict[str, slice] = {}
for _name, _count in LAYOUT:
    _start = max((part.stop for part in WHERE.values()), default=0)
    WHERE[_name] = slice(_start, _start + _count)

NUMBERS = 28
"""Figures that tell of a shot as a whole."""
FIGURES = slice(0, 22)
"""Of those, the ones that the network reads as they are."""
ENCLOSED = slice(18, 20)
"""Of those, what tells of the room, which is heard too."""
TINT, PLAIN_LIGHT = 20, 21
"""Of those, how far from white the light is, and whether it has no colour yet."""
LEVEL, AMBIENT = slice(22, 25), slice(25, 28)
"""Of those, logarithms of light, exact ones: what falls on what is seen, on the average; what air gives in the shot's light."""
LEAST_LEVEL, LEAST_AMBIENT = 0.08, 0.004
"""Light that counts as the least: little enough for a night, and not so little that a lamp in it would be lost."""
SCATTERED = float(1 / (4 * np.pi))
"""Of a sun's light (watts a square metre), what air gives in each direction if it scatters evenly."""
HALF_DEPTH = 4.0
"""Metres at which the depth plane is a half; it is the same for every shot, so that nothing pumps."""
PLAIN = 20.0
"""How fast light that has a colour stops counting as plain, which words may change."""
MOTION_SCALE = 12.0
"""A point that moves a twelfth of the picture's width in a frame is at tanh(1)."""


@dataclass(frozen=True)
class Conditioning:
    """What the model is told of some frames of a shot."""

    planes: Floats
    """(F, H, W, CHANNELS), each within 0 and 1."""
    rows: Bytes
    """(F, H, W): the row of ``texts`` that the body there has, counted from 1; 0 where it has no words."""
    texts: tuple[str, ...]
    """The words of bodies, at most 255 that differ."""
    numbers: Floats
    """(NUMBERS,) of the whole shot: ``shot_numbers``."""


def conditioning(shot: Shot, passes: Passes, frames: Sequence[int], numbers: Floats | None = None) -> Conditioning:
    """What the model is told of ``frames``, numbered as Blender counts, at the shot's own size.

    ``numbers`` of the shot are worked out from five of its frames where they are not given.
    """
    texts, row_of = words_of_bodies(shot)
    parts = []
    for number in frames:
        seen = passes.frame(number)
        lines = edges(seen["depth"], seen["normal"], seen["body"])
        parts.append(frame_told(shot, seen, lines, number, row_of))
    return Conditioning(
        planes=np.stack([planes for planes, _ in parts]),
        rows=np.stack([rows for _, rows in parts]),
        texts=texts,
        numbers=shot_numbers(shot, passes) if numbers is None else numbers,
    )


def shot_numbers(shot: Shot, passes: Passes) -> Floats:
    """(NUMBERS,) of a whole shot, each of the order of 1: how bright lamps, world, sky and colours are, what is closed
    in, where the sun stands, how far from white the light is, and how much there is of it."""
    exposure = np.float32(2.0**shot.view.exposure)
    first, count = shot.time.first, shot.time.frames
    middle = min(count - 1, count // 2)
    seen = passes.frame(first + count // 2)
    something = seen["body"] > 0
    sun, lamps = (_light(shot, seen, sunny)[something] * exposure for sunny in (True, False))
    sky = seen["preview"][~something] * exposure
    world = seen["world_light"][something] * exposure
    suns = [light for light in shot.lights if light.kind == "sun" and light.rows[middle].energy > 0]
    tint = _tint(shot, middle)
    figures = [
        np.log2(max(key_light(shot, passes), 1e-4)) / 4,
        *_shown_mean(np.asarray(sun + lamps, np.float32)),
        *_shown_mean(world),
        *_shown_mean(sky),
        *(to_display(seen["base_color"][something]).mean(0) if something.any() else np.zeros(3)),
        float(luminance(_shown_mean(sun))),
        float(luminance(_shown_mean(lamps))),
        float(seen["occlusion"][something].mean()) if something.any() else 1.0,
        float(something.mean()),
        suns[0].rows[middle].world[10] if suns else 0.0,
        float(shot.room is not None and shot.room.enclosed),
        _side(shot.room) if shot.room is not None and shot.room.enclosed else 0.0,
        tint,
        float(np.exp(-PLAIN * tint)),
        *_level(_shown_mean(np.asarray(sun + lamps, np.float32)), _shown_mean(world)),
        *_ambient(shot, middle),
    ]
    return np.asarray(figures, np.float32)


def _side(room: Room) -> float:
    """Logarithm of the room's size; half for a hall of 16 m."""
    sides = np.subtract(room.bounds.high, room.bounds.low)
    return float(np.log2(np.clip(sides, 1, 256)).mean() / 8)


def _level(*shown: Floats) -> Floats:
    """(3,) logarithm of light, from parts of it as they are displayed: means of what is displayed, which no lamp close to a
    wall outweighs."""
    light = np.sum([to_linear(part) for part in shown], 0)
    return np.log(np.maximum(light, LEAST_LEVEL)).astype(np.float32)


def _ambient(shot: Shot, frame: int) -> Floats:
    """(3,) logarithm of the light that air gives: of the world, and of suns that shine through it."""
    light = np.asarray(shot.world.colors[frame], np.float64)
    for one in shot.lights:
        if one.kind == "sun":
            light = light + SCATTERED * one.rows[frame].energy * np.asarray(one.rows[frame].color)
    return np.log(np.maximum(light * 2.0**shot.view.exposure, LEAST_AMBIENT)).astype(np.float32)


def _tint(shot: Shot, frame: int) -> float:
    """How far from white the most colourful of the lamps and the world are, 0 to 1: an artist's light, or none yet."""
    lit = [light.rows[frame].color for light in shot.lights if light.rows[frame].energy > 0]
    colours = np.asarray([*lit, shot.world.colors[frame]], np.float32)
    most = colours.max(1)
    return float(((most - colours.min(1)) / np.maximum(most, 1e-3)).max())


def to_bytes(planes: Floats) -> Bytes:
    """Values in 0 to 1 as bytes; ``from_bytes`` takes them back to within 1/510."""
    return (np.clip(planes, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def from_bytes(planes: Bytes) -> Floats:
    return planes.astype(np.float32) * np.float32(1 / 255)


def frame_told(shot: Shot, seen: Planes, lines: Edges, number: int, row_of: dict[int, int]) -> tuple[Floats, Bytes]:
    """``planes`` (H, W, CHANNELS) and ``rows`` (H, W) of the frame ``number``, from all its passes and the lines in them;
    ``row_of`` is that of ``words_of_bodies``."""
    exposure = np.float32(2.0**shot.view.exposure)
    height, width = seen["depth"].shape
    soft = lines.any
    planes = np.empty((CHANNELS, height, width), np.float32)

    def put(name: str, value: NDArray) -> None:
        planes[WHERE[name]] = np.moveaxis(value, -1, 0) if value.ndim == 3 else value

    put("guide", filmic(soften(seen["preview"] * exposure, soft)))
    put("base", to_display(soften(seen["base_color"], soft)))
    put("sun", filmic(soften(_light(shot, seen, True) * exposure, soft)))
    put("lamps", filmic(soften(_light(shot, seen, False) * exposure, soft)))
    put("world", filmic(soften(seen["world_light"] * exposure, soft)))
    put("occlusion", np.clip(seen["occlusion"], 0, 1))
    put("reflection", filmic(seen["reflection"][..., :3] * exposure))
    put("reflection_known", np.clip(seen["reflection"][..., 3], 0, 1))
    depth = seen["depth"]
    put("depth", np.where(np.isfinite(depth), HALF_DEPTH / (HALF_DEPTH + np.maximum(depth, 0)), 0))
    put("normal", seen["normal"] * 0.5 + 0.5)
    # the third row of the camera's matrix is the world's z in the camera's axes
    up = np.asarray(shot.camera[number - shot.time.first].world[8:11], np.float32)
    put("upward", np.clip((seen["normal"] @ up) * 0.5 + 0.5, 0, 1))
    put("sky", (seen["body"] == 0).astype(np.float32))
    put("line", drawn(lines.outline | lines.occlusion))
    put("crease", drawn(lines.crease))
    material, place = np.unique(seen["material"], return_inverse=True)
    known = {one.index: one for one in shot.materials}
    for name in ("roughness", "metallic", "transmission"):
        put(name, np.array([getattr(known.get(int(i)), name, 0.0) for i in material])[place].reshape(height, width))
    emitted = [getattr(known.get(int(i)), "emission", (0.0, 0.0, 0.0)) for i in material]
    put("emission", filmic(luminance(np.array(emitted, np.float32)) * exposure)[place].reshape(height, width))
    for name in ("to_next", "from_previous"):
        moved = np.nan_to_num(seen[name]) * np.float32(MOTION_SCALE / width)
        put(name, np.tanh(moved) * 0.5 + 0.5)
    body, place = np.unique(seen["body"], return_inverse=True)
    rows = np.array([row_of.get(int(i), 0) for i in body], np.uint8)[place].reshape(height, width)
    return planes.transpose(1, 2, 0), rows


def _light(shot: Shot, seen: Planes, sunny: bool) -> Floats:
    """(H, W, 3) light of all suns, or of all other lamps."""
    light = np.zeros((*seen["depth"].shape, 3), np.float32)
    for index, lamp in enumerate(shot.lights):
        if (lamp.kind == "sun") == sunny:
            light = light + seen[f"light_{index:03d}"]
    return light


def _shown_mean(linear: Floats) -> Floats:
    """(3,) mean of (N, 3) scene light as it is displayed; black where there is none."""
    return filmic(linear).mean(0) if len(linear) else np.zeros(3, np.float32)


def words_of_bodies(shot: Shot) -> tuple[tuple[str, ...], dict[int, int]]:
    """The texts, and the row (from 1) of each body that has one. What bodies are called is not told, only their words."""
    of_material = {material.index: material.words for material in shot.materials}
    said: dict[int, str] = {}
    for body in shot.bodies:
        words = body.words or next((of_material[i] for i in body.materials if of_material.get(i)), "")
        if words:
            said[body.index] = words
    texts = tuple(dict.fromkeys(said.values()))[:255]
    rows = {text: row for row, text in enumerate(texts, 1)}
    return texts, {index: rows[text] for index, text in said.items() if text in rows}
