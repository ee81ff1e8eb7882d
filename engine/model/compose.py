"""From the network's fields to a picture: a guide that is lit anew, what lies on the ground, corrections and light of its
own, a grade for the clip, ink, and the air before it all.

Light adds up: sun, lamps and world are known apart, so the hour that words name is a gain of each, and what bounces once
more is a share of what is seen. The figures are learnt, the laws are not.

Weather that words alone tell is the same law in every shot, so it is written here and its figures are learnt: snow and wet
cover what looks up, and air takes light away with distance and gives its own (Koschmieder, 1924)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

FIELDS = (("gain", 3), ("light", 3), ("free", 3), ("ink", 1), ("soft", 1))
"""What the network gives for each pixel, with its channels; zeros leave the guide as it is."""
FIELD_CHANNELS = sum(count for _, count in FIELDS)
GRADES = (
    ("matrix", 9), ("offset", 3), ("bend", 3), ("skew", 3), ("fall", 3), ("pen", 3), ("press", 1),
    ("covering", 1), ("cover", 3), ("air", 1), ("airlight", 3), ("thick", 3),
    ("sun", 3), ("lamps", 3), ("world", 3), ("sky", 3), ("bounce", 3),
)  # fmt: skip
"""Numbers of a clip: colour matrix and offset, two of the tone curve, vignette, colour of the ink and how it is pressed;
how much of what looks up is covered and in what colour; how much air there is, its colour and how thick it is; logarithms
of gains of sun, lamps, world and sky, and the share of seen light that bounces."""
GRADE = sum(count for _, count in GRADES)
OF_STYLE = ("matrix", "offset", "bend", "skew", "fall", "pen", "press")
"""Those that a style alone decides; the others, light and air, are the scene's and the words'."""
WHITE, HAZE = 0.85, 0.55
"""Colours, before anything is learnt, of what covers and of what the air gives."""
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
SHOULDER = 0.7
"""Of ``looks.filmic``."""
BLACK = 0.08
"""Displayed colours under which the light on them cannot be told."""


class Shown(NamedTuple):
    """Planes of the conditioning that a picture is put together from, each (N, C, H, W)."""

    guide: Tensor
    base: Tensor
    lines: Tensor
    radius: Tensor
    """Squared distance from the picture's centre over that of a corner."""
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


def compose(fields: Tensor, grade: Tensor, shown: Shown) -> Tensor:
    """A picture (N, 3, H, W) as displayed, 0 to 1 but not clipped.

    ``fields`` (N, FIELD_CHANNELS, H, W); ``grade`` (N, GRADE) of each picture. A gain is between 0, which shuts the
    guide out, and 2.
    """
    gain, light, free, ink, soft = fields.split([count for _, count in FIELDS], 1)
    parts = grade.split([count for _, count in GRADES], 1)
    matrix, offset, bend, skew, fall, pen, press, covering, cover, air, airlight, thick, *gains = parts
    base, lines, radius, upward, metres = shown.base, shown.lines, shown.radius, shown.upward, shown.metres
    guide = relit(shown, *map(_clip, gains))
    covered = ((upward - BARE) / (STEEP - BARE)).clamp(0, 1) * _share(covering)
    cover, airlight = _clip(cover + WHITE), _clip(airlight + HAZE)
    on_it = (guide / base.clamp(min=BLACK)).clamp(max=2)
    guide = torch.lerp(guide, cover * on_it, covered)
    base = torch.lerp(base, cover.expand_as(base), covered)
    # passes have one sample a pixel: what truth shows smooth, haze, paint or fine texture, no gain could smooth
    guide = torch.lerp(guide, _blurred(guide), soft)
    picture = 2 * torch.sigmoid(gain) * guide + base * light + free
    turn = matrix.reshape(-1, 3, 3) + torch.eye(3, dtype=matrix.dtype, device=matrix.device)
    picture = torch.einsum("nij,njhw->nihw", turn, picture) + _clip(offset)
    inside = picture.clamp(0, 1)
    arch = inside * (1 - inside)
    picture = picture + arch * (_clip(bend) + _clip(skew) * (1 - 2 * inside))
    picture = picture * (1 - _clip(fall) * radius)
    inked = ink * (1 + _clip(press)) * lines
    picture = picture * (1 - inked) + inked * _clip(pen)
    taken = _share(air) * -torch.expm1(-CLEAR * _clip(thick).clamp(-4, 4).exp() * metres)
    return torch.lerp(picture, airlight.expand_as(picture), taken)


def relit(shown: Shown, sun: Tensor, lamps: Tensor, world: Tensor, sky: Tensor, bounce: Tensor) -> Tensor:
    """(N, 3, H, W) the guide under other light: logarithms of gains (N, 3, 1, 1), zeros of which leave it as it is.

    ``bounce``: of the mean light that comes from all that is seen, the share that each point gets once more.
    """
    dim = DIM * _gain(world)
    planes = [linear(plane) for plane in (shown.sun, shown.lamps, shown.world)]
    lit = sum((_gain(gain) * plane for gain, plane in zip((sun, lamps, world), planes, strict=True)), dim)
    ratio = lit / (sum(planes) + DIM)
    ratio = torch.lerp(ratio, torch.ones_like(ratio), shown.shining.clamp(0, 1))
    ratio = torch.lerp(ratio, _gain(sky).expand_as(ratio), shown.sky)
    before = linear(shown.guide)
    radiance = before * ratio
    things = 1 - shown.sky
    mean = (radiance * things).mean((2, 3), keepdim=True) / things.mean((2, 3), keepdim=True).clamp(min=0.05)
    radiance = radiance + bounce * mean * linear(shown.base) * shown.open * things
    return shown.guide + displayed(radiance) - displayed(before)


def linear(shown: Tensor) -> Tensor:
    """Scene light of what is displayed by ``looks.filmic``; the curve of sRGB as a polynomial (Hable and Taylor, 2012)."""
    light = shown * (shown * (shown * 0.305306011 + 0.682171111) + 0.012522878)
    over = ((light - SHOULDER) / (1 - SHOULDER)).clamp(0, 0.95)
    return torch.where(light > SHOULDER, SHOULDER + (1 - SHOULDER) * over / (1 - over), light)


def displayed(light: Tensor) -> Tensor:
    """The other way round."""
    over = ((light - SHOULDER) / (1 - SHOULDER)).clamp(min=0)
    light = torch.where(light > SHOULDER, SHOULDER + (1 - SHOULDER) * over / (over + 1), light)
    root = light.clamp(min=TOE).sqrt()
    fourth = root.sqrt()
    curve = 0.662002687 * root + 0.684122060 * fourth - 0.323583601 * fourth.sqrt() - 0.0225411470 * light
    return torch.where(light > TOE, curve, STEEPNESS * light)


def _gain(logarithm: Tensor) -> Tensor:
    return logarithm.clamp(-FURTHEST, FURTHEST).exp()


def enlarge(fields: Tensor, height: int, width: int) -> Tensor:
    """Fields of a small picture for a large one: they are smooth, and the large guide brings what is sharp."""
    return functional.interpolate(fields, (height, width), mode="bilinear", align_corners=False)


def _blurred(picture: Tensor) -> Tensor:
    return functional.avg_pool2d(functional.pad(picture, (2, 2, 2, 2), mode="replicate"), 5, 1)


def _share(numbers: Tensor) -> Tensor:
    """Not below 0 to speak of: air and cover are laid on, never taken off. Above, 1 may be passed a little, as fits best."""
    return functional.leaky_relu(_clip(numbers), 0.01)


def _clip(numbers: Tensor) -> Tensor:
    return numbers[..., None, None]
