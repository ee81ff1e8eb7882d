"""From the network's fields to two pictures: a photograph of the scene, and the light that falls on it were all of it clay.

Light adds up: sun, lamps and world are known apart, so the hour that words name is a gain of each, and what bounces once
more is a share of what is seen. The figures are learnt, the laws are not.

Weather that words alone tell is the same law in every shot, so it is written here and its figures are learnt: snow covers
what looks up, and air takes light away with distance and gives its own (Koschmieder, 1924).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from .mood import STRENGTH, VARIED, WARMTH

FIELDS = (("gain", 3), ("light", 3), ("free", 3), ("clay_gain", 3), ("clay_free", 3), ("soft", 1))
"""What the network gives for each pixel, with its channels; zeros leave the guide, and its light, as they are."""
FIELD_CHANNELS = sum(count for _, count in FIELDS)
GRADES = (
    ("covering", 1), ("cover", 3), ("airlight", 3), ("thick", 3),
    ("sun", 3), ("lamps", 3), ("world", 3), ("sky", 3), ("bounce", 3),
)  # fmt: skip
"""Numbers of a clip: how much of what looks up is covered and in what colour; logarithms of the light that air gives and of
how thick it is; logarithms of gains of sun, lamps, world and sky, and the share of seen light that bounces."""
GRADE = sum(count for _, count in GRADES)
WHITE = 0.7
"""Linear, before anything is learnt: colour of what covers."""
CLEAR = 0.12
"""Of light, what a metre of air takes before anything is learnt of how thick it is."""
BARE, STEEP = 0.45, 0.75
"""z of normals between which a cover begins and is whole."""
DIM = 0.01
"""Light that is everywhere, so that black is not divided by."""
FURTHEST = 6.0
"""Logarithm of the largest gain."""
TOE, STEEPNESS = 0.0031308, 12.92
"""Of sRGB: light under which it is straight, and how steep."""
SRGB = (0.3897, -1.0155, 1.2488, 0.3205, 0.0588)
"""The polynomial of sRGB to light, its highest power first; the lowest is 1."""
SHOULDER = 0.7
"""Of ``looks.filmic``."""


class Shown(NamedTuple):
    """Planes of the conditioning that pictures are put together from, each (N, C, H, W)."""

    guide: Tensor
    base: Tensor
    upward: Tensor
    """z of the normal in the world, -1 to 1."""
    metres: Tensor
    """Depth."""
    sun: Tensor
    lamps: Tensor
    world: Tensor
    sky: Tensor
    """1 where nothing is."""
    shining: Tensor
    """What materials send out by themselves."""
    open: Tensor
    """Share of the world that reaches a point."""
    outlines: Tensor
    creases: Tensor
    gain: Tensor
    """(N, 3, 1, 1): so many times as bright as the shot is the light here (``exposure``)."""
    ambient: Tensor
    """(N, 3, 1, 1) light that air gives before anything is learnt, as the shot is exposed."""


class Taken(NamedTuple):
    """Scene light of a frame, (N, 3, H, W) linear, as the shot is exposed."""

    clear: Tensor
    """Without the air before it."""
    photo: Tensor
    through: Tensor
    """Share of a surface's light that comes through the air."""
    airlight: Tensor
    """(N, 3, 1, 1)."""
    clay: Tensor
    """Light on a surface were everything clay."""
    base: Tensor
    """Colour of what is seen, snow where it lies."""
    shown: Shown


def compose(fields: Tensor, grade: Tensor, shown: Shown) -> Taken:
    """``fields`` (N, FIELD_CHANNELS, H, W); ``grade`` (N, GRADE) of each picture.

    A gain is between 0, which shuts the guide out, and 2.
    """
    gain, light, free, clay_gain, clay_free, soft = fields.split([count for _, count in FIELDS], 1)
    parts = [part[..., None, None] for part in grade.split([count for _, count in GRADES], 1)]
    covering, cover, airlight, thick, *gains = parts
    lit = relit(shown, *gains)
    base, radiance = coloured(shown.base), lit.radiance
    covered = ((shown.upward - BARE) / (STEEP - BARE)).clamp(0, 1) * _share(covering) * (1 - shown.sky)
    snow = WHITE * cover.clamp(-2, 0.3).exp()
    base, radiance = torch.lerp(base, snow.expand_as(base), covered), torch.lerp(radiance, snow * lit.light, covered)
    # passes have one sample a pixel: fine texture is smoother in truth, and no gain could smooth it
    seen = displayed(radiance)
    seen = torch.lerp(seen, _smoothed(seen), _share(soft))
    clear = 2 * torch.sigmoid(gain) * seen + shown.base * light + free
    clear = linear(_clipped(clear)) / shown.gain
    through = torch.exp(-CLEAR * thick.clamp(-FURTHEST, 3).exp() * shown.metres)
    airlight = shown.ambient * airlight.clamp(-FURTHEST, 2).exp()
    clay = linear(_clipped(2 * torch.sigmoid(clay_gain) * displayed(lit.light) + clay_free)) / shown.gain
    return Taken(clear, clear * through + airlight * (1 - through), through, airlight, clay, base, shown)


class Lit(NamedTuple):
    """(N, 3, H, W) linear."""

    radiance: Tensor
    light: Tensor


def relit(shown: Shown, sun: Tensor, lamps: Tensor, world: Tensor, sky: Tensor, bounce: Tensor) -> Lit:
    """The guide, and the light on a white surface, under other light: logarithms of gains (N, 3, 1, 1), zeros of which
    leave it as it is.

    ``bounce``: of the mean light that comes from all that is seen, the share that each point gets once more.
    """
    dim = DIM * _gain(world)
    planes = [linear(plane) for plane in (shown.sun, shown.lamps, shown.world)]
    light = sum((_gain(gain) * plane for gain, plane in zip((sun, lamps, world), planes, strict=True)), dim)
    ratio = light / (sum(planes) + DIM)
    ratio = torch.lerp(ratio, torch.ones_like(ratio), shown.shining.clamp(0, 1))
    ratio = torch.lerp(ratio, _gain(sky).expand_as(ratio), shown.sky)
    radiance = linear(shown.guide) * ratio
    things = 1 - shown.sky
    mean = (radiance * things).mean((2, 3), keepdim=True) / things.mean((2, 3), keepdim=True).clamp(min=0.05)
    bounced = bounce * mean * shown.open * things
    return Lit((radiance + bounced * coloured(shown.base)).clamp(min=0), (light + bounced).clamp(min=0))


def linear(shown: Tensor) -> Tensor:
    """Scene light of what is displayed by ``looks.filmic``; the curve of sRGB as the polynomial that is nearest as displayed
    (off by 0.0032 at most)."""
    light = coloured(shown)
    over = ((light - SHOULDER) / (1 - SHOULDER)).clamp(0, 0.95)
    return torch.where(light > SHOULDER, SHOULDER + (1 - SHOULDER) * over / (1 - over), light)


def coloured(shown: Tensor) -> Tensor:
    """The same without the shoulder, which colours have not: they end at white."""
    light = torch.zeros_like(shown)
    for factor in SRGB:
        light = (light + factor) * shown
    return light


def displayed(light: Tensor, shoulder: float = SHOULDER) -> Tensor:
    """The other way round; ``looks.filmic``."""
    return encoded(_shouldered(light, shoulder))


def encoded(light: Tensor) -> Tensor:
    """sRGB of light from 0 to 1 (Hable and Taylor, 2012)."""
    root = light.clamp(min=TOE).sqrt()
    fourth = root.sqrt()
    curve = 0.662002687 * root + 0.684122060 * fourth - 0.323583601 * fourth.sqrt() - 0.0225411470 * light
    return torch.where(light > TOE, curve, STEEPNESS * light)


def _shouldered(light: Tensor, shoulder: float) -> Tensor:
    over = ((light - shoulder) / (1 - shoulder)).clamp(min=0)
    return torch.where(light > shoulder, shoulder + (1 - shoulder) * over / (over + 1), light)


def _gain(logarithm: Tensor) -> Tensor:
    return logarithm.clamp(-FURTHEST, FURTHEST).exp()


def _clipped(picture: Tensor) -> Tensor:
    """Within 0 and 1, with the gradient of what is not."""
    return picture + (picture.clamp(0, 1) - picture).detach()


def _smoothed(picture: Tensor) -> Tensor:
    """By a tent over 3x3 pixels."""
    padded = functional.pad(picture, (1, 1, 1, 1), mode="replicate")
    return functional.avg_pool2d(functional.avg_pool2d(padded, 2, 1), 2, 1)


def enlarge(fields: Tensor, height: int, width: int) -> Tensor:
    """Fields of a small picture for a large one: they are smooth, and the large guide brings what is sharp."""
    return functional.interpolate(fields, (height, width), mode="bilinear", align_corners=False)


def _share(numbers: Tensor) -> Tensor:
    """From 0 to 1, with a little gradient beyond."""
    return functional.leaky_relu(1 - functional.leaky_relu(1 - numbers, 0.01), 0.01)


def mooded(mood: Tensor) -> Tensor:
    """(B, GRADE) to add to the grades of clips; ``mood`` (B, MOOD), zeros change nothing."""
    grade = mood.new_zeros(len(mood), GRADE)
    warm = mood.new_tensor([1.0, 0.0, -1.0])
    start = 0
    for name, count in GRADES:
        if name in VARIED:
            which = VARIED.index(name)
            strong, warmth = mood[:, which, None], mood[:, which + len(VARIED), None]
            grade[:, start : start + count] = STRENGTH * strong + WARMTH * warmth * warm
        start += count
    return grade
