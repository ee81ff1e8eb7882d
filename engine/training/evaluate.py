"""How near the model comes to the truth of clips that it has not learnt from, beside the lit guide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..model.conditioning import WHERE
from ..model.mel import SPREAD
from ..model.network import Network
from ..model.sampler import pictures, sample
from ..model.sizes import HALF
from ..words.style import STYLES, Style
from .batch import Cut, gather
from .cache import Kept, is_watched
from .clips import clips_in

LEARNT_SETS = ("look", "sync")
MOST_WATCHED = 10
"""Clips that are looked at while training."""


@dataclass(frozen=True)
class Score:
    """Of one cut: peak signal-to-noise ratio in decibels over all frames, and distance of sounds in decibels."""

    clip: str
    style: Style
    model: float
    guide: float
    gradient: float
    """Energy of the picture's gradient over the truth's."""
    sound: float
    """Mean difference of log-mel bands from the truth; NaN where it is not known."""
    stems: float
    """The same of the dry stems."""


class Predicted(NamedTuple):
    """Of a cut: pictures (F, 3, H, W), mels (BANDS, T)."""

    picture: Tensor
    truth: Tensor
    guide: Tensor
    mel: Tensor
    truth_mel: Tensor | None
    guide_mel: Tensor


@dataclass(frozen=True)
class Table:
    scores: list[Score]

    def mean(self, style: Style | None = None) -> tuple[float, float, float]:
        """Model, guide, gradient ratio; NaN where there are none."""
        rows = [(one.model, one.guide, one.gradient) for one in self.scores if style in (None, one.style)]
        if not rows:
            return float("nan"), float("nan"), float("nan")
        model, guide, gradient = np.mean(rows, 0)
        return float(model), float(guide), float(gradient)

    def line(self, step: int) -> str:
        """All in one line for a log."""
        model, guide, gradient = self.mean()
        styles = ", ".join(f"{style} {self.mean(style)[0]:.1f}/{self.mean(style)[1]:.1f}" for style in STYLES)
        return f"watched at {step}: {model:.2f} dB, guide {guide:.2f}, gradient {gradient:.2f} ({styles})"

    def text(self) -> str:
        """A row a style."""
        rows = ["PSNR in dB: of the model, of the lit guide; energy of gradients over the truth's"]
        for style in (*STYLES, None):
            model, guide, gradient = self.mean(style)
            rows.append(f"{style or 'all':12} {model:7.2f} {guide:7.2f} {gradient:9.2f}")
        model, stems = self.sound()
        rows.append(f"sound, log-mel distance in dB: model {model:.2f}, dry stems {stems:.2f}")
        return "\n".join(rows)

    def sound(self) -> tuple[float, float]:
        """Model and dry stems; NaN where no truth is known."""
        known = [(one.sound, one.stems) for one in self.scores if np.isfinite(one.sound)]
        model, stems = np.mean(known, 0) if known else (np.nan, np.nan)
        return float(model), float(stems)


def unlearnt(folder: Path) -> list[Path]:
    """The clips of a set that training leaves out: of ``look`` every so many-th, of other sets all."""
    clips = clips_in(folder)
    return [clip for clip in clips if is_watched(clip)] if folder.name in LEARNT_SETS else clips


def evaluate(
    network: Network,
    clips: Sequence[Kept],
    steps: int = 2,
    device: torch.device | None = None,
    frames: int = 2,
    styles_each: int = 3,
) -> Table:
    """Scores of ``styles_each`` styles of each clip, in turns, on its middle ``frames``."""
    scores = []
    for number, clip in enumerate(clips[:MOST_WATCHED] if styles_each < len(STYLES) else clips):
        for style in _turns(clip, number, styles_each):
            cut = Cut(clip, (len(clip.planes) - frames) // 2, frames, style)
            scores.append(_score(predicted(network, cut, steps, device), clip.name, style))
    return Table(scores)


def _score(made: Predicted, clip: str, style: Style) -> Score:
    sound = stems = float("nan")
    if made.truth_mel is not None:
        sound, stems = (float((mel - made.truth_mel).abs().mean()) * SPREAD for mel in (made.mel, made.guide_mel))
    return Score(
        clip,
        style,
        psnr(made.picture, made.truth),
        psnr(made.guide, made.truth),
        _slope(made.picture) / _slope(made.truth),
        sound,
        stems,
    )


def predicted(
    network: Network, cut: Cut, steps: int = 2, device: torch.device | None = None, seed: int = 0
) -> Predicted:
    """What the network makes of a cut, and what it should have made."""
    batch = gather([cut])
    assert batch.pictures is not None
    told = batch.told.to(device)
    generator = torch.Generator().manual_seed(seed)
    count, _, height, width = told.planes.shape
    noise = torch.randn(count, 3, height // HALF, width // HALF, generator=generator).to(device)
    mel_noise = torch.randn(told.mel.shape, generator=generator).to(device)
    with torch.inference_mode():
        made = sample(network, told, noise, mel_noise, steps)
        picture = pictures(network, made)
    rows, columns = cut.clip.planes.shape[1:3]
    guide = told.planes[:, WHERE["guide"]]
    seen, truth, lit = (part[..., :rows, :columns].cpu() for part in (picture, batch.pictures.styled, guide))
    known = batch.mel[0] if cut.clip.truth_mel is not None else None
    return Predicted(seen, truth, lit, made.mel[0].cpu(), known, batch.told.mel[0])


def psnr(seen: Tensor, truth: Tensor) -> float:
    return float(-10 * torch.log10((seen - truth).square().mean() + 1e-10))


def watched_sheet(network: Network, clips: Sequence[Kept], path: Path, device: torch.device | None = None) -> None:
    """A picture: a row a clip and style; guide, model, truth."""
    rows = []
    for number, clip in enumerate(clips[:MOST_WATCHED]):
        for style in _turns(clip, number, 1):
            cut = Cut(clip, len(clip.planes) // 2, 1, style)
            made = predicted(network, cut, 2, device)
            rows.append(np.concatenate([_bytes(part[0]) for part in (made.guide, made.picture, made.truth)], 1))
    if rows:
        cv2.imwrite(str(path), np.concatenate(rows)[..., ::-1])


def _turns(clip: Kept, number: int, count: int) -> Iterator[Style]:
    for turn in range(min(count, len(clip.styles))):
        yield clip.styles[(number * count + turn) % len(clip.styles)]


def _slope(picture: Tensor) -> float:
    across, down = picture[..., 1:] - picture[..., :-1], picture[..., 1:, :] - picture[..., :-1, :]
    return float(across.square().mean() + down.square().mean()) + 1e-9


def _bytes(picture: Tensor) -> NDArray[np.uint8]:
    return (picture.clamp(0, 1) * 255 + 0.5).byte().permute(1, 2, 0).numpy()
