"""From the network's fields to a picture: what lies on the ground, a guide that is corrected, light of its own, a grade
for the clip, ink, and the air before it all.

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
)  # fmt: skip
"""Numbers of a clip: colour matrix and offset, two of the tone curve, vignette, colour of the ink and how it is pressed;
how much of what looks up is covered and in what colour; how much air there is, its colour and how thick it is."""
GRADE = sum(count for _, count in GRADES)
CLEAR = 0.12
"""Of light, what a metre of air takes before anything is learnt of how thick it is."""
BARE, STEEP = 0.45, 0.75
"""z of normals between which a cover begins and is whole."""
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


def compose(fields: Tensor, grade: Tensor, shown: Shown) -> Tensor:
    """A picture (N, 3, H, W) as displayed, 0 to 1 but not clipped.

    ``fields`` (N, FIELD_CHANNELS, H, W); ``grade`` (N, GRADE) of each picture. A gain is between 0, which shuts the
    guide out, and 2.
    """
    gain, light, free, ink, soft = fields.split([count for _, count in FIELDS], 1)
    parts = grade.split([count for _, count in GRADES], 1)
    matrix, offset, bend, skew, fall, pen, press, covering, cover, air, airlight, thick = parts
    guide, base, lines, radius, upward, metres = shown
    covered = ((upward - BARE) / (STEEP - BARE)).clamp(0, 1) * _clip(covering)
    on_it = (guide / base.clamp(min=BLACK)).clamp(max=2)
    guide = torch.lerp(guide, _clip(cover) * on_it, covered)
    base = torch.lerp(base, _clip(cover).expand_as(base), covered)
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
    taken = _clip(air) * -torch.expm1(-CLEAR * _clip(thick).clamp(-4, 4).exp() * metres)
    return torch.lerp(picture, _clip(airlight).expand_as(picture), taken)


def enlarge(fields: Tensor, height: int, width: int) -> Tensor:
    """Fields of a small picture for a large one: they are smooth, and the large guide brings what is sharp."""
    return functional.interpolate(fields, (height, width), mode="bilinear", align_corners=False)


def _blurred(picture: Tensor) -> Tensor:
    return functional.avg_pool2d(functional.pad(picture, (2, 2, 2, 2), mode="replicate"), 5, 1)


def _clip(numbers: Tensor) -> Tensor:
    return numbers[..., None, None]
