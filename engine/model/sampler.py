"""The path from noise of the network that learns, for those who judge it; ``runner`` walks it for takes."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import torch
from torch import Tensor

from .network import Network, Seen
from .told import Told


class Made(NamedTuple):
    """The end of the path, before the fine head."""

    told: Told
    seen: Seen
    time: Tensor
    """(B,) of the last prediction."""
    mel: Tensor
    """(B, mels, T)."""


def sample(network: Network, told: Told, noise: Tensor, mel_noise: Tensor, steps: int = 2, joined: bool = True) -> Made:
    """Along straight paths in ``steps`` (flow matching: Lipman et al., 2023), from ``noise`` (N, 3, h, w) and ``mel_noise``
    (B, mels, T), both of variance 1."""
    if steps < 1:
        raise ValueError(f"{steps} steps lead nowhere")
    x, mel = noise, mel_noise
    stem = network.stem(told)
    made: list[Made] = []
    for time, following in itertools.pairwise(torch.linspace(1.0, 0.0, steps + 1).tolist()):
        now = noise.new_full((len(told.style),), time)
        seen: Seen = network(told, stem, x, mel, now, joined)
        if joined:
            seen = seen._replace(mel=network.foretold(told, seen.mel))
        x = torch.lerp(seen.picture, x, following / time)
        mel = torch.lerp(seen.mel, mel, following / time)
        made = [Made(told, seen, now, mel)]
    return made[0]


def pictures(network: Network, made: Made) -> Tensor:
    """(N, 3, H, W) within 0 and 1, at full size."""
    return network.fine(made.told, made.seen, made.time).picture.clamp(0, 1)
