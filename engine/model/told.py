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
from .network import Told
from .sizes import HALF, padded_size, places

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
