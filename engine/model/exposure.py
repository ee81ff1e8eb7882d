"""Every shot under as much light, so that the network need not learn what brightness is.

Light is linear: a scene under twice the light is the same picture, twice as bright. So the planes are exposed, channel by
channel, until the light on what is seen has one mean, and what is put together from them is taken back (``compose``).
"""

from __future__ import annotations

import torch
from torch import Tensor

from .compose import displayed, linear
from .conditioning import LEVEL, WHERE

MIDDLE = 0.4
"""Mean light on what is seen, as the network sees it."""
LIT = ("guide", "sun", "lamps", "world", "reflection")
"""Planes of light."""


def exposure(numbers: Tensor) -> Tensor:
    """(B, 3) gain of the light of clips with these ``numbers`` (B, NUMBERS)."""
    return MIDDLE / numbers[:, LEVEL].exp()


def exposed(planes: Tensor, gain: Tensor, of_bytes: bool = False) -> Tensor:
    """The planes (N, CHANNELS, H, W) under light of so much ``gain`` (N, 3).

    ``of_bytes`` where they are bytes, as full-size ones are: then each of 256 values is exposed once and looked up.
    """

    def expose(light: Tensor) -> Tensor:
        return displayed(linear(light) * gain[..., None, None])

    if of_bytes:
        values = torch.arange(256, dtype=planes.dtype, device=planes.device) / 255
        table = expose(values[None, None, None]).flatten()
        row = 256 * torch.arange(planes.shape[0] * 3, device=planes.device).reshape(-1, 3, 1, 1)
        lit = {name: table[(planes[:, WHERE[name]] * 255 + 0.5).long() + row] for name in LIT}
    else:
        lit = {name: expose(planes[:, WHERE[name]]) for name in LIT}
    return torch.cat([lit.get(name, planes[:, where]) for name, where in WHERE.items()], 1)
