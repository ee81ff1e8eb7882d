"""A clip that was kept from learning, as the judges see it: what the model makes of it, and its truth."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sora_addon.contract import Shot

from ..backends.plates import SIGHTED, Keys, Sight, graded, sight_of
from ..controls.noise import NEEDED, carried_noise, shrunk
from ..measure.truth import NEEDED as SEEN
from ..measure.truth import Truth, truth_of
from ..model.conditioning import WHERE
from ..model.mood import mood_of
from ..model.network import Network
from ..model.runner import TAKEN, taken_of
from ..model.sampler import sample
from ..model.sizes import HALF
from ..model.told import unlit
from ..training.batch import Batch, Cut, gather
from ..training.cache import Kept, kept
from ..training.clips import Clip, clips_in, read_clip
from ..words.style import Style

Pictures = NDArray[np.float32]
"""(F, H, W, 3) as displayed, 0 to 1."""


@dataclass(frozen=True)
class Judge:
    """Who is judged, and how it is asked."""

    network: Network
    steps: int = 2
    seed: int = 0
    joined: bool = True
    """False keeps picture and sound apart: an ablation."""
    lit: bool = True
    """False takes away what the scene knows of light: an ablation of a model that was trained so."""
    carried: bool = True
    """False draws new noise for every frame: an ablation."""


@dataclass(frozen=True)
class Held:
    """A clip with what was worked out of it."""

    clip: Clip
    kept: Kept

    @property
    def name(self) -> str:
        return self.kept.name

    @property
    def shot(self) -> Shot:
        return self.clip.shot

    @property
    def styles(self) -> tuple[Style, ...]:
        return self.kept.styles

    @functools.cached_property
    def measured(self) -> list[Truth]:
        """Each frame as the measures know it."""
        numbers = enumerate(self.clip.frames)
        return [truth_of(self.shot, index, self.clip.passes.frame(number, only=SEEN)) for index, number in numbers]

    def noise(self, judge: Judge) -> Tensor:
        """(F, 3, h, w) at the U-Net's size."""
        height, width = (-(-side // (8 * HALF)) * 8 for side in self.kept.planes.shape[1:3])
        frames = self.clip.frames
        if not judge.carried:
            random = np.random.default_rng([judge.seed, 5])
            return torch.from_numpy(random.standard_normal((len(frames), 3, height, width), np.float32))
        small = (shrunk(self.clip.passes.frame(number, only=NEEDED), HALF, (height, width)) for number in frames)
        carried = np.stack(list(carried_noise(small, judge.seed, frames[0])))
        return torch.from_numpy(carried).permute(0, 3, 1, 2)

    def truth(self, style: Style) -> Pictures:
        return _shown(self.kept.pictures[self.styles.index(style)])

    def plane(self, name: str) -> Pictures:
        """The lit guide, or another plane of three channels, as the model is told it."""
        return _shown(self.kept.planes[..., WHERE[name]])

    def told(self, style: Style | None, **left_out: bool) -> Batch:
        """All frames in one cut; ``words=False`` or ``stems=False`` are not told."""
        return gather([Cut(self.kept, 0, len(self.kept.planes), style, **left_out)])

    @functools.cached_property
    def sights(self) -> list[Sight]:
        """What each frame's styles are drawn by."""
        return [sight_of(self.shot, self.clip.passes.frame(number, only=SIGHTED)) for number in self.clip.frames]

    def made(self, judge: Judge, style: Style) -> Pictures:
        """What the model makes of all frames in that style, before its finish; graded as a take is."""
        batch, noise = self.told(style), self.noise(judge)
        mel_noise = torch.randn(batch.mel.shape, generator=torch.Generator().manual_seed(judge.seed))
        told = batch.told if judge.lit else unlit(batch.told)
        told = told._replace(mood=torch.from_numpy(mood_of(judge.seed)[None]))
        with torch.inference_mode():
            end = sample(judge.network, told, noise, mel_noise, judge.steps, joined=judge.joined)
            seen = end.seen
            taken = judge.network.take(told, seen.features, seen.grade, end.time)
        keys = Keys(float(seen.keys.light[0]), float(seen.keys.clay[0]))
        frames = taken_of(getattr(taken, name).numpy() for name in TAKEN)
        height, width = self.kept.planes.shape[1:3]
        pictures = [
            graded(style, one.cut(height, width), sight, keys, number)
            for one, sight, number in zip(frames, self.sights, self.clip.frames, strict=True)
        ]
        return np.clip(np.stack(pictures), 0, 1).astype(np.float32)


def _shown(codes: Any) -> Pictures:
    return np.asarray(codes, np.float32) * np.float32(1 / 255)


def held_clips(folder: Path, cache: Path, most: int | None = None) -> Iterator[Held]:
    """The clips of a set in the order of their seeds. Raises ContractError where one is damaged."""
    for clip in clips_in(folder)[:most]:
        yield Held(read_clip(clip), kept(clip, cache))
