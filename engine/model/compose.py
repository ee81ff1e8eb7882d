"""From the network's fields to a picture: a guide that is corrected, light of its own, ink, and a grade for the clip."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

FIELDS = (("gain", 3), ("light", 3), ("free", 3), ("ink", 1), ("soft", 1))
"""What the network gives for each pixel, with its channels; zeros leave the guide as it is."""
FIELD_CHANNELS = sum(count for _, count in FIELDS)
GRADES = (("matrix", 9), ("offset", 3), ("bend", 3), ("skew", 3), ("fall", 3), ("pen", 3), ("press", 1))
"""Numbers of a clip: colour matrix and offset, two of the tone curve, vignette, colour of the ink and how it is pressed."""
GRADE = sum(count for _, count in GRADES)


def compose(fields: Tensor, grade: Tensor, guide: Tensor, base: Tensor, lines: Tensor, radius: Tensor) -> Tensor:
    """A picture (N, 3, H, W) as displayed, 0 to 1 but not clipped.

    ``fields`` (N, FIELD_CHANNELS, H, W); ``grade`` (N, GRADE) of each picture; ``guide`` and ``base`` (N, 3, H, W) and
    ``lines`` (N, 1, H, W) are planes of the conditioning; ``radius`` (N, 1, H, W) is the squared distance from the
    picture's centre over that of a corner. A gain is between 0, which shuts the guide out, and 2.
    """
    gain, light, free, ink, soft = fields.split([count for _, count in FIELDS], 1)
    # passes have one sample a pixel: what truth shows smooth, haze, paint or fine texture, no gain could smooth
    guide = torch.lerp(guide, _blurred(guide), soft)
    picture = 2 * torch.sigmoid(gain) * guide + base * light + free
    matrix, offset, bend, skew, fall, pen, press = grade.split([count for _, count in GRADES], 1)
    turn = matrix.reshape(-1, 3, 3) + torch.eye(3, dtype=matrix.dtype, device=matrix.device)
    picture = torch.einsum("nij,njhw->nihw", turn, picture) + _clip(offset)
    inside = picture.clamp(0, 1)
    arch = inside * (1 - inside)
    picture = picture + arch * (_clip(bend) + _clip(skew) * (1 - 2 * inside))
    picture = picture * (1 - _clip(fall) * radius)
    inked = ink * (1 + _clip(press)) * lines
    return picture * (1 - inked) + inked * _clip(pen)


def enlarge(fields: Tensor, height: int, width: int) -> Tensor:
    """Fields of a small picture for a large one: they are smooth, and the large guide brings what is sharp."""
    return functional.interpolate(fields, (height, width), mode="bilinear", align_corners=False)


def _blurred(picture: Tensor) -> Tensor:
    return functional.avg_pool2d(functional.pad(picture, (2, 2, 2, 2), mode="replicate"), 5, 1)


def _clip(numbers: Tensor) -> Tensor:
    return numbers[..., None, None]
