"""Arrays of the conditioning as the tensors that the network takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from .conditioning import WHERE
from .mood import MOOD
from .network import DEEPEST, HALF, Told

Floats = NDArray[np.float32]


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
    step = DEEPEST * pool
    right, below = -width % step, -height % step
    pad = (0, right, 0, below)
    filled, known = ragged(states)
    if right or below:
        planes = functional.pad(planes, pad, mode="replicate")
    return Told(
        planes=planes.contiguous(memory_format=torch.channels_last),
        rows=functional.pad(rows[:, None].float(), pad, mode="replicate")[:, 0].long(),
        place=places(height, width, right, below).to(planes.device).expand(len(planes), -1, -1, -1),
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


def places(height: int, width: int, right: int = 0, below: int = 0) -> Tensor:
    """(1, 2, H + below, W + right): x and y of pixels, -1 to 1 over the picture and on beyond it."""
    x = (torch.arange(width + right) + 0.5) / width * 2 - 1
    y = (torch.arange(height + below) + 0.5) / height * 2 - 1
    return torch.stack(torch.meshgrid(x, y, indexing="xy"))[None]


def ragged(parts: Sequence[Floats]) -> tuple[Tensor, Tensor]:
    """(B, longest, C) with zeros behind the shorter, and (B, longest) true where there is something."""
    longest = max(len(part) for part in parts)
    values = torch.zeros(len(parts), longest, parts[0].shape[1])
    there = torch.zeros(len(parts), longest, dtype=torch.bool)
    for index, part in enumerate(parts):
        values[index, : len(part)] = torch.from_numpy(np.array(part))
        there[index, : len(part)] = True
    return values, there
