"""From the guide's mel to a heard one by the laws of a place: what it lets through, how it rings, and what hums in it.

Impacts, rolls and slides are the guide's, exact in time. A place takes highs away (water), lets power die away slowly
(a hall: Sabine, 1922; one exponential decay) and has an ambience of its own. These are the same laws in every shot, so they are
written here, a figure for each band, and their figures are learnt from words.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from .mel import BANDS, HOP, SILENCE, SPREAD

LAWS = (("through", BANDS), ("ringing", BANDS), ("ambience", BANDS), ("lasting", 1))
"""Figures of a clip; zeros leave the guide as it is."""
LAW = sum(count for _, count in LAWS)
NEPERS = SPREAD * math.log(10) / 10
"""Logarithm of power in a step of a mel."""
LASTS = 0.25
"""Seconds in which ringing falls by e, before anything is learnt."""
LONGEST = 384
"""Mel frames after which what rings is not heard any more; 2 s."""
QUIET = -5.0
"""What rings before anything is learnt, beside its cause: 100 dB down. What hums is 20 dB under silence."""
FRAMES_A_SECOND = 48_000 / HOP


def resound(mel: Tensor, laws: Tensor) -> Tensor:
    """(B, BANDS, T) as heard in a place, from the guide's ``mel`` of that shape and ``laws`` (B, LAW)."""
    through, ringing, ambience, lasting = laws.split([count for _, count in LAWS], 1)
    power = torch.exp(mel * NEPERS)
    heard = _together(mel + through[..., None], power, ringing, ambience, lasting)
    nothing = torch.zeros_like
    # beside what the laws give with nothing learnt, so that zeros change nothing at all
    return mel + heard - _together(mel, power, nothing(ringing), nothing(ambience), nothing(lasting))


def _together(mel: Tensor, power: Tensor, ringing: Tensor, ambience: Tensor, lasting: Tensor) -> Tensor:
    rings = _rung(power, lasting).log() / NEPERS + QUIET + ringing[..., None]
    hums = (SILENCE - 1 + ambience)[..., None].expand_as(mel)
    return torch.logsumexp(torch.stack([mel, rings, hums]) * NEPERS, 0) / NEPERS


def _rung(power: Tensor, lasting: Tensor) -> Tensor:
    """Power that dies away exponentially after each frame."""
    falls = 1 / (FRAMES_A_SECOND * LASTS * lasting.clamp(-3, 3).exp())
    steps = torch.arange(LONGEST - 1, -1, -1, dtype=power.dtype, device=power.device)
    kernel = torch.exp(-falls * steps)[:, None]
    before = functional.pad(power.transpose(0, 1), (LONGEST - 1, 0))
    return functional.conv1d(before, kernel, groups=len(power)).transpose(0, 1)
