"""From noise to picture and sound in a few steps along straight paths (flow matching: Lipman et al., 2023)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from .network import Network, Seen, Told


@dataclass(frozen=True)
class Start:
    """A picture to start from instead of noise alone (SDEdit: Meng et al., 2022)."""

    picture: Tensor
    """(N, 3, H, W) as displayed."""
    strength: float
    """Above 0, which would keep it, to 1, which begins from noise alone."""
    mask: Tensor | None = None
    """(N, 1, H, W): 1 where it may change; elsewhere the picture is kept."""

    def some(self, frames: slice) -> Start:
        """Only those frames of a single clip."""
        return Start(self.picture[frames], self.strength, None if self.mask is None else self.mask[frames])


class Made(NamedTuple):
    """The end of the path, before the fine head."""

    told: Told
    seen: Seen
    time: Tensor
    """(B,) of the last prediction."""
    mel: Tensor
    """(B, mels, T)."""

    def some(self, frames: slice) -> Made:
        """Those frames of a single clip, for the fine head: full-size pictures are made a few at a time."""
        each = {name: getattr(self.told, name)[frames] for name in ("planes", "place", "rows")}
        told = self.told._replace(**each)
        return self._replace(told=told, seen=self.seen.some(frames))


def sample(
    network: Network,
    told: Told,
    noise: Tensor,
    mel_noise: Tensor,
    steps: int = 2,
    guidance: float = 1.0,
    start: Start | None = None,
    joined: bool = True,
) -> Made:
    """Along the path in ``steps``, from ``noise`` (N, 3, h, w) and ``mel_noise`` (B, mels, T), both of variance 1.

    ``guidance`` above 1 goes further away from what the clip would be without its words
    (Ho and Salimans, 2022), at twice the work.
    """
    first = 1.0 if start is None else start.strength
    if steps < 1 or not 0 < first <= 1:
        raise ValueError(f"{steps} steps from {first:g} lead nowhere")
    x, mel = noise, mel_noise
    if start is not None:
        small = functional.avg_pool2d(start.picture, told.pool)
        x, mel = torch.lerp(small, noise, first), torch.lerp(told.mel, mel_noise, first)
    stem = network.stem(told)
    bare = told._replace(known=torch.zeros_like(told.known))
    times = torch.linspace(first, 0.0, steps + 1).tolist()
    made: list[Made] = []
    for time, following in itertools.pairwise(times):
        now = noise.new_full((len(told.style),), time)
        seen: Seen = network(told, stem, x, mel, now, joined)
        if guidance != 1.0:
            seen = network.further(told, network(bare, stem, x, mel, now, joined), seen, guidance)
        x = torch.lerp(seen.picture, x, following / time)
        mel = torch.lerp(seen.mel, mel, following / time)
        if start is not None and start.mask is not None:
            kept = torch.lerp(functional.avg_pool2d(start.picture, told.pool), noise, following)
            x = torch.lerp(kept, x, functional.avg_pool2d(start.mask, told.pool))
        made = [Made(told, seen, now, mel)]
    return made[0]


def pictures(network: Network, made: Made, start: Start | None = None) -> Tensor:
    """(N, 3, H, W) within 0 and 1, at full size."""
    fine = network.fine(made.told, made.seen, made.time).picture.clamp(0, 1)
    if start is None or start.mask is None:
        return fine
    return torch.lerp(start.picture, fine, start.mask)
