"""Clips of the cache to what the network is told, and what it should have predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ..model.conditioning import CHANNELS, ENCLOSED, PLAIN_LIGHT, TINT, WHERE
from ..model.mel import SILENCE
from ..model.resound import FRAMES_A_SECOND
from ..model.sizes import DEEPEST
from ..model.told import Told, told
from ..words.style import STYLES, Style
from .cache import Kept

NO_WORDS, NO_STEMS = 0.12, 0.2
"""Shares of clips whose prompt, dry stems the network is not told, so that it can do without."""
SHAKE = 0.02
"""Spread of what is laid over the figures of a shot."""
BESIDE = 2
"""Mel frames from a blow to what is before it, and to what is after it."""
MIRRORED = (WHERE["normal"].start, WHERE["to_next"].start, WHERE["from_previous"].start)
"""Planes whose values run along x."""


@dataclass(frozen=True)
class Cut:
    """Some frames of a clip, in one of its styles."""

    clip: Kept
    first: int
    frames: int
    style: Style | None
    """None for clips without truth pictures."""
    mirrored: bool = False
    words: bool = True
    stems: bool = True
    shaken: int = 0
    """Seed of what is laid over the figures of the shot, so that no clip is known by them; 0 for nothing."""


class Pictures(NamedTuple):
    """The truth of N frames, (N, 3, H, W), 0 to 1."""

    styled: Tensor
    photo: Tensor
    """What styles are graded from."""
    clay: Tensor
    """The light on it were it all of clay; anything where that is not known."""
    of_clay: Tensor
    """(N,) 1 where it is known."""


@dataclass(frozen=True)
class Batch:
    """B cuts of as many frames each."""

    told: Told
    pictures: Pictures | None
    """None without truth pictures."""
    mel: Tensor
    """(B, BANDS, T) truth."""
    heard: Tensor
    """(B,) 1 where ``mel`` is known."""


def draw(
    clips: Sequence[Kept], count: int, frames: int, random: np.random.Generator, no_stems: float = NO_STEMS
) -> list[Cut]:
    """``count`` cuts of different clips; each of a clip's styles is as likely as another."""
    cuts = []
    for index in random.choice(len(clips), count, replace=len(clips) < count):
        clip = clips[int(index)]
        style = clip.styles[int(random.integers(len(clip.styles)))] if clip.styles else None
        first = int(random.integers(len(clip.planes) - frames + 1))
        flip, words, stems = random.random(3)
        # in plain light words alone tell the hour: they are not left out there
        told = bool(words >= NO_WORDS or clip.numbers[first, PLAIN_LIGHT] > 0.5)
        shaken = int(random.integers(1, 2**31))
        cuts.append(Cut(clip, first, frames, style, flip < 0.5, told, stems >= no_stems, shaken))
    return cuts


def gather(cuts: Sequence[Cut], keyed: bool = False) -> Batch:
    """The batch of some cuts of clips of one size; ``keyed`` tells the key lights of the truth, to learn by."""
    planes = _planes(cuts)
    rows = _mirrored(torch.cat([_tensor(cut.clip.rows[_span(cut)]) for cut in cuts]), cuts)
    worded = torch.tensor([cut.words for cut in cuts])
    mels = [_mel(cut) for cut in cuts]
    what = told(
        planes,
        rows,
        texts=[cut.clip.texts for cut in cuts],
        states=[cut.clip.states for cut in cuts],
        style=[STYLES.index(cut.style) if cut.style else len(STYLES) for cut in cuts],
        numbers=np.stack([_numbers(cut) for cut in cuts]),
        mel=torch.stack([guide for guide, _, _ in mels]),
        keys=np.stack([cut.clip.keys[cut.first] for cut in cuts]) if keyed else None,
    )
    what = what._replace(known=what.known & worded[:, None])
    return Batch(
        what,
        _pictures(cuts, *what.planes.shape[2:]) if all(cut.style is not None for cut in cuts) else None,
        torch.stack([truth for _, truth, _ in mels]),
        torch.tensor([float(there) for _, _, there in mels]),
    )


def _pictures(cuts: Sequence[Cut], height: int, width: int) -> Pictures:
    styled = [cut.clip.pictures[cut.clip.styles.index(cut.style)] for cut in cuts if cut.style]
    # where no clay was rendered the photograph stands in its place, and is not looked at
    clays = [cut.clip.clay if len(cut.clip.clay) else cut.clip.photo for cut in cuts]
    styled, photos, clays = (
        _shown(pictures, cuts, height, width) for pictures in (styled, [cut.clip.photo for cut in cuts], clays)
    )
    known = torch.tensor([float(len(cut.clip.clay) > 0) for cut in cuts for _ in range(cut.frames)])
    return Pictures(styled, photos, clays, known)


def gather_sound(cuts: Sequence[Cut]) -> Batch:
    """The same of their sound alone: no planes worth the name, no pictures."""
    mels = [_mel(cut) for cut in cuts]
    what = told(
        torch.zeros(len(cuts), CHANNELS, 2 * DEEPEST, 2 * DEEPEST),
        torch.zeros(len(cuts), 2 * DEEPEST, 2 * DEEPEST, dtype=torch.uint8),
        texts=[cut.clip.texts for cut in cuts],
        states=[cut.clip.states for cut in cuts],
        style=[len(STYLES)] * len(cuts),
        numbers=np.stack([_numbers(cut) for cut in cuts]),
        mel=torch.stack([guide for guide, _, _ in mels]),
    )
    truth = torch.stack([truth for _, truth, _ in mels])
    known = torch.tensor([float(there) for _, _, there in mels])
    return Batch(what, None, truth, known)


def _numbers(cut: Cut) -> NDArray[np.float32]:
    """Figures of the cut's shot."""
    numbers = np.array(cut.clip.numbers[cut.first])
    if cut.shaken:
        random = np.random.default_rng(cut.shaken)
        numbers[: ENCLOSED.start] += SHAKE * random.standard_normal(ENCLOSED.start).astype(np.float32)
        if not cut.words and random.random() < 0.5:
            # where no words name an hour, plain light is what it is
            numbers[TINT], numbers[PLAIN_LIGHT] = 0, 1
    return numbers


def _shown(kept: Sequence[NDArray | Tensor], cuts: Sequence[Cut], height: int, width: int) -> Tensor:
    """(N, 3, height, width), 0 to 1, of the cuts' frames of what is kept (F, H, W, 3) for each; borders repeat."""
    seen = torch.cat([_tensor(one[_span(cut)]) for one, cut in zip(kept, cuts, strict=True)])
    seen = _mirrored(seen, cuts).permute(0, 3, 1, 2).float() / 255
    return functional.pad(seen, (0, width - seen.shape[3], 0, height - seen.shape[2]), mode="replicate")


def _span(cut: Cut) -> slice:
    return slice(cut.first, cut.first + cut.frames)


def _tensor(values: NDArray | Tensor) -> Tensor:
    return values if isinstance(values, Tensor) else torch.from_numpy(np.array(values))


def _turned(cuts: Sequence[Cut], like: Tensor) -> Tensor:
    """(N,) true for the frames of mirrored cuts."""
    each = torch.tensor([cut.mirrored for cut in cuts], device=like.device)
    return each.repeat_interleave(len(like) // len(cuts))


def _mirrored(frames: Tensor, cuts: Sequence[Cut]) -> Tensor:
    """(N, H, W, ...) of all cuts, those of mirrored cuts flipped."""
    turned = _turned(cuts, frames)
    return torch.where(turned.reshape(-1, *[1] * (frames.ndim - 1)), frames.flip(2), frames)


def _planes(cuts: Sequence[Cut]) -> Tensor:
    seen = torch.cat([_tensor(cut.clip.planes[_span(cut)]) for cut in cuts])
    planes = _mirrored(seen, cuts).permute(0, 3, 1, 2).float() / 255
    turned = _turned(cuts, planes)[:, None, None]
    for channel in MIRRORED:
        planes[:, channel] = torch.where(turned, 1 - planes[:, channel], planes[:, channel])
    return planes


def struck(cut: Cut) -> NDArray[np.float32]:
    """(F,) of the cut: 1 in the frames that are nearest to when something is heard to strike."""
    frames = len(cut.clip.planes)
    # mel frames are 192 a second, however many pictures there are
    a_second = frames * FRAMES_A_SECOND / cut.clip.guide_mel.shape[1]
    there = np.zeros(frames, np.float32)
    there[np.clip((cut.clip.contacts * a_second + 0.5).astype(int), 0, frames - 1)] = 1
    return there[_span(cut)]


def risen(clip: Kept) -> Tensor:
    """(K, BANDS): by how much each blow of a clip that is heard lifts the true mel, from just before it to just after."""
    mel = np.asarray(clip.guide_mel if clip.truth_mel is None else clip.truth_mel)
    at = (clip.contacts * FRAMES_A_SECOND).astype(int)
    at = at[(at >= BESIDE) & (at < mel.shape[1] - BESIDE)]
    return torch.from_numpy(np.ascontiguousarray((mel[:, at + BESIDE] - mel[:, at - BESIDE]).T))


def whole_planes(clip: Kept) -> Tensor:
    """(F, CHANNELS, H, W) of a whole clip."""
    return _tensor(clip.planes).permute(0, 3, 1, 2).float() / 255


def _mel(cut: Cut) -> tuple[Tensor, Tensor, bool]:
    """The guide's mel and the truth's of the cut's frames, and if the latter is known."""
    whole = cut.clip.guide_mel
    each = whole.shape[1] / len(cut.clip.planes)
    span = slice(round(cut.first * each), round(cut.first * each) + round(cut.frames * each))
    guide = _tensor(whole[:, span])
    truth = cut.clip.truth_mel
    told = guide if cut.stems else torch.full_like(guide, SILENCE)
    return told, guide if truth is None else _tensor(truth[:, span]), truth is not None
