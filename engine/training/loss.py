"""How far a prediction is from the truth."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ..model.compose import Taken, displayed
from ..model.conditioning import WHERE
from ..model.network import Network
from ..model.sizes import HALF
from .batch import Batch, Pictures

ROUND = 0.03
"""Below it the error counts squared, above it as it is: for dark pictures as for bright ones."""
GRADIENT, SMALL, SOUND = 0.5, 0.5, 0.15
"""Weights: of gradients beside colours, of the small picture beside the full one, of sound."""
CLAY = 0.5
"""Weight of the light on clay beside the photograph."""
ENERGY, LEAST_ENERGY = 0.01, 1e-5
"""Weight of the logarithm of the full picture's gradient energy beside the truth's, for what is unsure would else be blurred;
and the energy of a picture that has none to speak of."""
STRUCK, SELDOM = 0.1, 2.0
"""Weight of when something strikes, and of a frame in which it does beside one in which it does not."""


@dataclass(frozen=True)
class Lost:
    """A loss to minimise, and its parts as they are told."""

    total: Tensor
    picture: Tensor
    """NaN where none was asked for."""
    sound: Tensor


def loss(network: Network, batch: Batch, generator: torch.Generator, joined: bool = True) -> Lost:
    """One noisy prediction of the batch, at times that are drawn: half of them all noise, where sampling begins.

    ``joined`` false keeps picture and sound apart. Of a batch without true pictures the sound alone is asked for.
    """
    if batch.pictures is None:
        return _loss_heard(network, batch, generator, joined)
    told = batch.told
    clips = len(told.style)
    device = told.planes.device
    time = _times(clips, generator, device)
    each = time.repeat_interleave(told.frames)[:, None, None, None]
    truth = batch.pictures
    small = truth._replace(
        **{name: functional.avg_pool2d(getattr(truth, name), HALF) for name in ("styled", "photo", "clay")}
    )
    noise, noisy_mel = _noise(batch, time, generator)
    seen = network(told, network.stem(told), torch.lerp(small.styled, noise, each), noisy_mel, time, joined)
    sound = _misheard(seen.mel, batch)
    # the fine head is small and learns fast: half of the clips teach it
    few, frames = slice(-(-clips // 2)), slice(-(-clips // 2) * told.frames)
    fine = network.fine(told.some(few), seen.some(frames), time[few])
    large = Pictures(*(part[frames] for part in truth))
    picture = apart(fine.picture, large.styled)
    small_off = apart(seen.picture, small.styled) + _apart(seen.taken, small)
    picture = picture + ENERGY * (energy(fine.picture) - energy(large.styled)).abs().mean()
    total = SOUND * sound + picture + _apart(fine.taken, large) + SMALL * small_off
    return Lost(total, picture.detach(), sound.detach())


def _loss_heard(network: Network, batch: Batch, generator: torch.Generator, joined: bool) -> Lost:
    told = batch.told
    time = _times(len(told.style), generator, told.planes.device)
    noise, noisy_mel = _noise(batch, time, generator)
    each = time.repeat_interleave(told.frames)[:, None, None, None]
    guide = functional.avg_pool2d(told.planes[:, WHERE["guide"]], HALF)
    sound = _misheard(network.listen(told, torch.lerp(guide, noise, each), noisy_mel, time, joined), batch)
    return Lost(SOUND * sound, torch.full((), torch.nan), sound.detach())


def _noise(batch: Batch, time: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(N, 3, h, w) noise, and the true mel as noisy as ``time`` (B,) says."""
    planes = batch.told.planes
    height, width = (side // HALF for side in planes.shape[2:])
    noise = torch.randn(len(planes), 3, height, width, generator=generator, device=generator.device).to(planes.device)
    mel_noise = torch.randn(batch.mel.shape, generator=generator, device=generator.device).to(planes.device)
    return noise, torch.lerp(batch.mel, mel_noise, time[:, None, None])


def loss_alone(network: Network, batch: Batch, generator: torch.Generator) -> Tensor:
    """Of the sound without pictures, which costs next to nothing; weighed as it is in ``loss``."""
    device = batch.mel.device
    time = _times(len(batch.mel), generator, device)
    noise = torch.randn(batch.mel.shape, generator=generator, device=generator.device).to(device)
    mel = network.alone(batch.told, torch.lerp(batch.mel, noise, time[:, None, None]), time)
    return SOUND * _misheard(mel, batch)


def loss_struck(network: Network, cells: Tensor, struck: Tensor, rises: Tensor) -> Tensor:
    """Of when something strikes (B, F), as the breaks of motion (``blows.breaks``) in so many clips tell, and of how far a
    blow lifts each band: ``rises`` (K, BANDS) of true ones."""
    weight = struck.new_tensor(SELDOM)
    missed = functional.binary_cross_entropy_with_logits(network.blows(cells), struck, pos_weight=weight)
    return STRUCK * (missed + (network.blow - rises).square().mean() if len(rises) else missed)


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


def energy(pictures: Tensor) -> Tensor:
    """(N,) logarithm of the mean square of gradients."""
    across, down = pictures[..., :, 1:] - pictures[..., :, :-1], pictures[..., 1:, :] - pictures[..., :-1, :]
    return (across.square().mean((1, 2, 3)) + down.square().mean((1, 2, 3)) + LEAST_ENERGY).log()


def _apart(taken: Taken, truth: Pictures) -> Tensor:
    """The same of what styles are graded from."""
    known = truth.of_clay[:, None, None, None]
    # a style shows one of both: the photograph more often
    off = apart(displayed(taken.photo), truth.photo)
    return off + CLAY * apart(displayed(taken.clay) * known, truth.clay * known)


def _round(off: Tensor) -> Tensor:
    return (torch.sqrt(off.square() + ROUND**2) - ROUND).mean()
