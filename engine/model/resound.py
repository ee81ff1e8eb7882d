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


def strike(struck: Tensor, length: int, profile: Tensor, lasting: Tensor) -> Tensor:
    """(B, BANDS, T) to add to a silent mel of ``length`` T: what pictures alone tell of, where no stems do.

    ``struck`` (B, F), the share of a blow in each frame, falls at the frame's instant and dies away; each is heard over
    those before it. ``profile`` (BANDS,) is how far a whole blow lifts each band, ``lasting`` (1,) the logarithm of how much
    longer it lasts than ``LASTS``.
    """
    frames = torch.arange(struck.shape[1], device=struck.device)
    instants = (frames * length / len(frames)).long()
    blows = struck.new_zeros(len(struck), length).index_add(1, instants, struck)
    falls = 1 / (FRAMES_A_SECOND * LASTS * lasting.clamp(-3, 3).exp())
    before = functional.pad(blows[:, None], (LONGEST - 1, 0))
    lifted = functional.conv1d(before, _dying(falls, struck)[None, None])
    return lifted * profile[None, :, None]


def _together(mel: Tensor, power: Tensor, ringing: Tensor, ambience: Tensor, lasting: Tensor) -> Tensor:
    rings = _rung(power, lasting).log() / NEPERS + QUIET + ringing[..., None]
    hums = (SILENCE - 1 + ambience)[..., None].expand_as(mel)
    return torch.logsumexp(torch.stack([mel, rings, hums]) * NEPERS, 0) / NEPERS


def _rung(power: Tensor, lasting: Tensor) -> Tensor:
    """Power that dies away exponentially after each frame."""
    falls = 1 / (FRAMES_A_SECOND * LASTS * lasting.clamp(-3, 3).exp())
    kernel = _dying(falls, power)[:, None]
    before = functional.pad(power.transpose(0, 1), (LONGEST - 1, 0))
    return functional.conv1d(before, kernel, groups=len(power)).transpose(0, 1)


def _dying(falls: Tensor, like: Tensor) -> Tensor:
    """(..., LONGEST) of an exponential, the oldest first, from ``falls`` (..., 1) a frame."""
    steps = torch.arange(LONGEST - 1, -1, -1, dtype=like.dtype, device=like.device)
    return torch.exp(-falls * steps)
