"""How far a prediction is from the truth."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ..model.network import HALF, Network
from .batch import Batch

ROUND = 0.03
"""Below it the error counts squared, above it as it is: for dark pictures as for bright ones."""
GRADIENT, SMALL, SOUND = 0.5, 0.5, 0.15
"""Weights: of gradients beside colours, of the small picture beside the full one, of sound."""


@dataclass(frozen=True)
class Lost:
    """A loss to minimise, and its parts as they are told."""

    total: Tensor
    picture: Tensor
    sound: Tensor


def loss(network: Network, batch: Batch, generator: torch.Generator, joined: bool = True) -> Lost:
    """One noisy prediction of the batch, at times that are drawn: half of them all noise, where sampling begins.

    ``joined`` false keeps picture and sound apart.
    """
    told = batch.told
    clips = len(told.style)
    device = told.planes.device
    time = _times(clips, generator, device)
    if batch.pictures is None:
        time = torch.ones_like(time)
    small_size = (side // HALF for side in told.planes.shape[2:])
    noise = torch.randn(len(told.planes), 3, *small_size, generator=generator, device=generator.device).to(device)
    mel_noise = torch.randn(batch.mel.shape, generator=generator, device=generator.device).to(device)
    each = time.repeat_interleave(told.frames)[:, None, None, None]
    small = None if batch.pictures is None else functional.avg_pool2d(batch.pictures, HALF)
    noisy = noise if small is None else torch.lerp(small, noise, each)
    seen = network(told, network.stem(told), noisy, torch.lerp(batch.mel, mel_noise, time[:, None, None]), time, joined)

    sound = _misheard(seen.mel, batch)
    total = SOUND * sound
    picture = torch.zeros((), device=device)
    if batch.pictures is not None and small is not None:
        # the fine head is small and learns fast: half of the clips teach it
        few, frames = slice(-(-clips // 2)), slice(-(-clips // 2) * told.frames)
        picture = apart(network.fine(told.some(few), seen.some(frames), time[few]), batch.pictures[frames])
        total = total + picture + SMALL * apart(seen.picture, small)
    return Lost(total, picture.detach(), sound.detach())


def loss_alone(network: Network, batch: Batch, generator: torch.Generator) -> Tensor:
    """Of the sound without pictures, which costs next to nothing; weighed as it is in ``loss``."""
    device = batch.mel.device
    time = _times(len(batch.mel), generator, device)
    noise = torch.randn(batch.mel.shape, generator=generator, device=generator.device).to(device)
    mel = network.alone(batch.told, torch.lerp(batch.mel, noise, time[:, None, None]), time)
    return SOUND * _misheard(mel, batch)


def _times(clips: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """(B,) half of them all noise."""
    late = torch.rand(clips, 2, generator=generator, device=generator.device).to(device)
    return torch.where(late[:, 0] < 0.5, 1.0, 0.15 + 0.85 * late[:, 1])


def _misheard(mel: Tensor, batch: Batch) -> Tensor:
    """Mean difference of the mels whose truth is known."""
    off = (mel - batch.mel).abs().mean((1, 2))
    return (off * batch.heard).sum() / batch.heard.sum().clamp(min=1)


def apart(seen: Tensor, truth: Tensor) -> Tensor:
    """Mean difference of two pictures and of their gradients (Charbonnier et al., 1994)."""
    off = seen - truth
    across, down = off[..., :, 1:] - off[..., :, :-1], off[..., 1:, :] - off[..., :-1, :]
    return _round(off) + GRADIENT * (_round(across) + _round(down))


def _round(off: Tensor) -> Tensor:
    return (torch.sqrt(off.square() + ROUND**2) - ROUND).mean()
