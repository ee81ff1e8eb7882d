"""Materials of the vocabulary, each time a little different: colour, grain, polish."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import bpy
import numpy as np

from ... import compat
from ...contract.geometry import vector
from .. import pictures
from ..surfaces import Colour, surface
from . import vocabulary as known
from .plain import BLOCKED, BLOCKED_ROUGHNESS

TEXTURE = 256
"""Pixels of a side; clips are 256 wide."""
Make = Callable[[str, np.random.Generator], bpy.types.Material]


def stuff(name: str, draw: np.random.Generator) -> bpy.types.Material:
    """A new material of that kind, whose sound is set. Raises KeyError for a kind that is not known."""
    number = len(bpy.data.materials)
    material = _MAKE[name](f"{name.capitalize()} {number}", draw)
    material["kind"] = name
    material.sora.sound = known.SOUND_OF[name]
    return material


def blocked(name: str) -> bpy.types.Material:
    """What an artist leaves on a thing that is only blocked: middle grey that says nothing."""
    return surface(name, BLOCKED, roughness=BLOCKED_ROUGHNESS)


def glow(name: str, color: Colour, strength: float) -> bpy.types.Material:
    """Something that shines."""
    return surface(name, color, roughness=0.5, glow=strength)


def vivid(draw: np.random.Generator) -> Colour:
    """A saturated colour of any hue, scene linear."""
    red, green, blue = colorsys.hsv_to_rgb(draw.random(), draw.uniform(0.55, 0.92), draw.uniform(0.45, 0.9))
    return red**2.2, green**2.2, blue**2.2


def toned(tone: pictures.Tone, draw: np.random.Generator, spread: float = 0.12) -> pictures.Tone:
    """The tone, lighter or darker, warmer or colder, by about ``spread``."""
    light = 1.0 + draw.uniform(-spread, spread)
    shift = draw.uniform(-spread / 3, spread / 3)
    red, green, blue = tone
    return red * light * (1 + shift), green * light, blue * light * (1 - shift)


def _seed(draw: np.random.Generator) -> int:
    return int(draw.integers(1, 2**31))


def _steel(name: str, draw: np.random.Generator) -> bpy.types.Material:
    grey = draw.uniform(0.5, 0.68)
    if draw.random() < 0.4:
        tone = toned((0.74, 0.75, 0.77), draw, 0.05)
        brushed = pictures.boards(name, tone, size=TEXTURE, count=1, gap=0.0, seed=_seed(draw))
        return surface(name, image=brushed, roughness=draw.uniform(0.25, 0.45), metallic=1.0)
    return surface(name, (grey, grey * 1.01, grey * 1.03), roughness=draw.uniform(0.08, 0.35), metallic=1.0)


def _brass(name: str, draw: np.random.Generator) -> bpy.types.Material:
    gold = draw.uniform(0.0, 1.0)
    color = (0.80 + 0.1 * gold, 0.52 + 0.1 * gold, 0.20 + 0.05 * gold)
    return surface(name, color, roughness=draw.uniform(0.1, 0.38), metallic=1.0)


def _wood(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tones = ((0.60, 0.41, 0.24), (0.72, 0.52, 0.32), (0.42, 0.26, 0.15), (0.80, 0.66, 0.46))
    tone = toned(tones[int(draw.integers(len(tones)))], draw)
    count, gap = (1, 0.0) if draw.random() < 0.5 else (int(draw.integers(3, 6)), 0.03)
    image = pictures.boards(name, tone, size=TEXTURE, count=count, gap=gap, seed=_seed(draw))
    return surface(name, image=image, roughness=draw.uniform(0.35, 0.7))


def _glass(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tints = ((0.9, 0.95, 0.95), (0.55, 0.8, 0.86), (0.35, 0.7, 0.4), (0.85, 0.55, 0.25))
    color = tints[int(draw.integers(len(tints)))]
    return surface(name, color, roughness=draw.uniform(0.0, 0.06), transmission=draw.uniform(0.85, 1.0))


def _stone(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tones = ((0.67, 0.64, 0.58), (0.50, 0.50, 0.52), (0.62, 0.52, 0.44), (0.82, 0.80, 0.77))
    tone = toned(tones[int(draw.integers(len(tones)))], draw)
    image = pictures.speckle(name, tone, size=TEXTURE, depth=draw.uniform(0.2, 0.5), seed=_seed(draw))
    return surface(name, image=image, roughness=draw.uniform(0.5, 0.9))


def _brick(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tone = toned((0.58, 0.30, 0.21), draw, 0.2)
    image = pictures.bricks(name, tone, size=TEXTURE, rows=2 * int(draw.integers(4, 7)), seed=_seed(draw))
    return surface(name, image=image, roughness=draw.uniform(0.8, 0.95))


def _rubber(name: str, draw: np.random.Generator) -> bpy.types.Material:
    color = (0.025, 0.025, 0.027) if draw.random() < 0.3 else vector(0.7 * part for part in vivid(draw))
    return surface(name, color, roughness=draw.uniform(0.55, 0.8))


def _plastic(name: str, draw: np.random.Generator) -> bpy.types.Material:
    color = (0.8, 0.8, 0.78) if draw.random() < 0.15 else vivid(draw)
    return surface(name, color, roughness=draw.uniform(0.12, 0.4))


def _cloth(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tone = tuple(float(part) ** (1 / 2.2) for part in vivid(draw))
    image = weave(name, tone, check=draw.random() < 0.5, seed=_seed(draw))
    return surface(name, image=image, roughness=1.0)


def _wax(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tones: tuple[Colour, ...] = ((0.80, 0.58, 0.44), (0.62, 0.40, 0.28), (0.85, 0.80, 0.66), (0.70, 0.2, 0.15))
    material = surface(name, tones[int(draw.integers(len(tones)))], roughness=draw.uniform(0.3, 0.5))
    shader = compat.shader_tree(material).nodes["Principled BSDF"]
    shader.inputs["Subsurface Weight"].default_value = 0.6
    shader.inputs["Subsurface Scale"].default_value = 0.04
    return material


def _ice(name: str, draw: np.random.Generator) -> bpy.types.Material:
    image = pictures.speckle(name, (0.86, 0.94, 0.97), size=TEXTURE, depth=0.15, seed=_seed(draw))
    return surface(name, image=image, roughness=draw.uniform(0.08, 0.3), transmission=draw.uniform(0.55, 0.8), ior=1.31)


def _water(name: str, draw: np.random.Generator) -> bpy.types.Material:
    blue = draw.uniform(0.6, 1.4)
    return surface(name, (0.03, 0.08 * blue, 0.11 * blue), roughness=0.03, ior=1.33)


def _grass(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tone = toned((0.34, 0.47, 0.19), draw, 0.2)
    image = pictures.speckle(name, tone, size=TEXTURE, depth=0.75, seed=_seed(draw))
    return surface(name, image=image, roughness=0.95)


def _asphalt(name: str, draw: np.random.Generator) -> bpy.types.Material:
    image = pictures.speckle(name, toned((0.27, 0.27, 0.28), draw), size=TEXTURE, depth=0.5, seed=_seed(draw))
    return surface(name, image=image, roughness=draw.uniform(0.7, 0.9))


def _concrete(name: str, draw: np.random.Generator) -> bpy.types.Material:
    image = pictures.speckle(name, toned((0.56, 0.55, 0.53), draw), size=TEXTURE, depth=0.2, seed=_seed(draw))
    return surface(name, image=image, roughness=draw.uniform(0.6, 0.9))


def _tiles(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tones = ((0.56, 0.53, 0.49), (0.82, 0.80, 0.76), (0.35, 0.42, 0.48), (0.66, 0.40, 0.28))
    tone = toned(tones[int(draw.integers(len(tones)))], draw)
    image = pictures.tiles(name, tone, size=2 * TEXTURE, count=int(draw.integers(4, 9)), seed=_seed(draw))
    return surface(name, image=image, roughness=draw.uniform(0.2, 0.7))


def _gravel(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tone = toned((0.52, 0.49, 0.45), draw)
    image = pictures.speckle(name, tone, size=TEXTURE, depth=0.9, seed=_seed(draw))
    return surface(name, image=image, roughness=0.95)


def _sand(name: str, draw: np.random.Generator) -> bpy.types.Material:
    image = pictures.speckle(name, toned((0.76, 0.65, 0.47), draw), size=TEXTURE, depth=0.25, seed=_seed(draw))
    return surface(name, image=image, roughness=0.95)


def _snow(name: str, draw: np.random.Generator) -> bpy.types.Material:
    return surface(name, (0.86, 0.88, 0.92), roughness=0.9)


def _plaster(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tones = ((0.80, 0.76, 0.68), (0.70, 0.62, 0.50), (0.60, 0.66, 0.70), (0.74, 0.55, 0.45))
    tone = toned(tones[int(draw.integers(len(tones)))], draw)
    image = pictures.speckle(name, tone, size=TEXTURE, depth=0.16, seed=_seed(draw))
    return surface(name, image=image, roughness=0.9)


def _paint(name: str, draw: np.random.Generator) -> bpy.types.Material:
    tone = tuple(float(part) ** (1 / 2.2) for part in vivid(draw))
    image = pictures.boards(name, tone, size=TEXTURE, count=int(draw.integers(3, 7)), seed=_seed(draw))
    return surface(name, image=image, roughness=draw.uniform(0.3, 0.6))


def _leaf(name: str, draw: np.random.Generator) -> bpy.types.Material:
    green = draw.uniform(0.7, 1.3)
    return surface(name, (0.07, 0.17 * green, 0.05), roughness=0.6)


def weave(name: str, tone: pictures.Tone, *, check: bool, seed: int) -> bpy.types.Image:
    """Threads over and under, with broad checks of two shades if asked for."""
    y, x = np.mgrid[0:TEXTURE, 0:TEXTURE] / TEXTURE
    threads = 0.5 + 0.25 * (np.sin(2 * np.pi * 48 * x) * np.sin(2 * np.pi * 48 * y))
    light = 0.75 + 0.3 * threads + 0.08 * pictures.noise(TEXTURE, (6, 6), seed)
    tones = light[..., None] * np.array(tone)
    if check:
        bands = ((x * 4) % 1 < 0.5).astype(float) + ((y * 4) % 1 < 0.5)
        tones *= (0.55 + 0.3 * bands)[..., None]
    return pictures.picture(name, tones)


_MAKE: dict[str, Make] = {
    "steel": _steel,
    "brass": _brass,
    "wood": _wood,
    "glass": _glass,
    "stone": _stone,
    "brick": _brick,
    "rubber": _rubber,
    "plastic": _plastic,
    "cloth": _cloth,
    "wax": _wax,
    "ice": _ice,
    "water": _water,
    "grass": _grass,
    "asphalt": _asphalt,
    "concrete": _concrete,
    "tiles": _tiles,
    "gravel": _gravel,
    "sand": _sand,
    "snow": _snow,
    "plaster": _plaster,
    "paint": _paint,
    "leaf": _leaf,
}
