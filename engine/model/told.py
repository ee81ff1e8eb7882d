"""What the network is told: arrays of the conditioning as the tensors that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from .conditioning import WHERE
from .mood import MOOD
from .sizes import HALF, padded_size, places

Floats = NDArray[np.float32]


class Told(NamedTuple):
    """What the network is told of B clips of F frames; N is B x F, frames of a clip one after another.

    The small picture, which the U-Net sees, is h x w, ``pool`` times smaller than H x W.
    """

    planes: Tensor
    """(N, CHANNELS, H, W), H and W multiples of DEEPEST x ``pool``."""
    rows: Tensor
    """(N, H, W) integers: row of ``texts``, 0 for none."""
    place: Tensor
    """(N, 2, H, W): x and y of each pixel in the whole picture, -1 to 1."""
    texts: Tensor
    """(B, R, word_width) words of bodies; row 0 is empty."""
    states: Tensor
    """(B, T, word_width) states of the prompt's tokens."""
    known: Tensor
    """(B, T) false where there is no token."""
    style: Tensor
    """(B,) index; ``styles`` for none, which shows the photograph as it is."""
    numbers: Tensor
    """(B, NUMBERS)."""
    mel: Tensor
    """(B, mels, T) of the guide."""
    mood: Tensor
    """(B, MOOD): the seed's own light; zeros for the likeliest."""
    keys: Tensor | None = None
    """(B, 2) key lights, of the scene and of its clay, for all of a shot; found in what is predicted where there are none."""
    pool: int = HALF

    @property
    def frames(self) -> int:
        return self.planes.shape[0] // self.style.shape[0]

    def some(self, clips: slice) -> Told:
        """Only those clips."""
        frames = slice(clips.start and clips.start * self.frames, clips.stop and clips.stop * self.frames)
        each = {"planes": frames, "rows": frames, "place": frames}
        parts = zip(self._fields, self, strict=True)
        return self._replace(**{name: part[each.get(name, clips)] for name, part in parts if isinstance(part, Tensor)})

    def small(self) -> Told:
        """As the U-Net sees it, ``pool`` times smaller."""
        if self.pool == 1:
            return self
        planes, place = (functional.avg_pool2d(part, self.pool) for part in (self.planes, self.place))
        return self._replace(planes=planes, place=place, rows=self.rows[:, :: self.pool, :: self.pool], pool=1)

    def to(self, device: torch.device | None) -> Told:
        """The same on another device."""
        parts = zip(self._fields, self, strict=True)
        return self._replace(**{name: part.to(device) for name, part in parts if isinstance(part, Tensor)})


def told(
    planes: Tensor,
    rows: Tensor,
    texts: Sequence[Floats],
    states: Sequence[Floats],
    style: Sequence[int],
    numbers: Floats,
    mel: Tensor,
    pool: int = HALF,
    moods: Floats | None = None,
    keys: Floats | None = None,
) -> Told:
    """What B clips of F frames are told by, N = B x F; pictures are padded to whole steps by repeating their border.

    ``planes`` (N, CHANNELS, H, W), ``rows`` (N, H, W); for each clip ``texts`` (R, width) with an empty row 0, ``states``
    (T, width) and the index of its style; ``numbers`` (B, NUMBERS); ``mel`` (B, mels, T);
    ``moods`` (B, MOOD), the likeliest light where there are none; ``keys`` (B, 2) where they are known.
    """
    height, width = planes.shape[2:]
    rows_there, columns = padded_size(height, width, pool)
    pad = (0, columns - width, 0, rows_there - height)
    filled, known = ragged(states)
    if any(pad):
        planes = functional.pad(planes, pad, mode="replicate")
    return Told(
        planes=planes.contiguous(memory_format=torch.channels_last),
        rows=functional.pad(rows[:, None].float(), pad, mode="replicate")[:, 0].long(),
        place=torch.from_numpy(places(height, width, pool)).to(planes.device).expand(len(planes), -1, -1, -1),
        texts=ragged(texts)[0],
        states=filled,
        known=known,
        style=torch.tensor(style),
        numbers=torch.from_numpy(np.array(numbers)),
        mel=mel,
        mood=torch.zeros(len(style), MOOD) if moods is None else torch.from_numpy(moods),
        keys=None if keys is None else torch.from_numpy(np.array(keys)),
        pool=pool,
    )


def unlit(what: Told) -> Told:
    """Without what the scene knows of light: the guide is the flat colour. An ablation."""
    planes = what.planes.clone()
    for name in ("sun", "lamps", "world", "occlusion", "reflection", "reflection_known"):
        planes[:, WHERE[name]] = 0
    planes[:, WHERE["guide"]] = planes[:, WHERE["base"]]
    return what._replace(planes=planes)


def ragged(parts: Sequence[Floats]) -> tuple[Tensor, Tensor]:
    """(B, longest, C) with zeros behind the shorter, and (B, longest) true where there is something."""
    longest = max(len(part) for part in parts)
    values = torch.zeros(len(parts), longest, parts[0].shape[1])
    there = torch.zeros(len(parts), longest, dtype=torch.bool)
    for index, part in enumerate(parts):
        values[index, : len(part)] = torch.from_numpy(np.array(part))
        there[index, : len(part)] = True
    return values, there
