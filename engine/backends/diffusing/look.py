"""Latents as colours, to look at while a clip is made: a projection fitted to the model's own encoder.

No table of any model is needed. A chart of flat colours is encoded once, and the colours are regressed on its latents; the
same matrix, a pixel at a time, then shows the latents of a step. It is blurred as latents are, and noisy as the step is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ...controls.conform import resized

if TYPE_CHECKING:
    import torch

LEVELS = (-0.8, 0.0, 0.8)
"""Of each primary in the chart, in the encoder's range of -1 to 1."""
TILE = 3
"""Latent pixels a side of a colour; its middle one is read."""
ROW = 9
RIDGE = 1e-2
WIDE = 256
"""Pixels of the picture that is shown, along its longer side."""

_FITTED: WeakKeyDictionary[Any, tuple[torch.Tensor, torch.Tensor]] = WeakKeyDictionary()


def looker(vae: Any, normalised: Callable[[torch.Tensor], torch.Tensor], ratio: int) -> Callable[[Any], Any]:
    """A function that takes a step's latents (1, C, F, h, w) to a picture (height, width, 3) uint8 of the middle frame.

    ``normalised`` takes what ``vae`` encodes to what the steps hold; ``ratio`` pixels a latent pixel.
    """

    def look(latents: torch.Tensor) -> NDArray[np.uint8]:
        if vae not in _FITTED:
            _FITTED[vae] = _fit(vae, normalised, ratio)
        matrix, offset = _FITTED[vae]
        middle = latents[0, :, latents.shape[2] // 2].float().cpu()
        colours = (middle.permute(1, 2, 0) @ matrix + offset).clamp(-1, 1)
        codes = ((colours + 1) * 127.5).round().to(dtype=colours.dtype).numpy().astype(np.uint8)
        scale = WIDE / max(codes.shape[:2])
        return resized(codes, round(codes.shape[1] * scale), round(codes.shape[0] * scale))

    return look


def _fit(vae: Any, normalised: Callable[[torch.Tensor], torch.Tensor], ratio: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(C, 3) and (3,): ridge regression of the chart's colours on its latents."""
    import torch

    colours = torch.tensor(list(itertools.product(LEVELS, repeat=3)))
    tiles = colours.reshape(-1, ROW, 3).permute(2, 0, 1)
    chart = tiles.repeat_interleave(TILE * ratio, 1).repeat_interleave(TILE * ratio, 2)
    with torch.no_grad():
        encoded = vae.encode(chart[None, :, None].to(vae.device, vae.dtype)).latent_dist.mode()
        latents = normalised(encoded)[0, :, 0].float().cpu()
    seen = latents[:, TILE // 2 :: TILE, TILE // 2 :: TILE].flatten(1).T
    mean, centre = seen.mean(0), colours.mean(0)
    apart = seen - mean
    square = apart.T @ apart
    square += RIDGE * square.diagonal().mean() * torch.eye(len(square))
    matrix = torch.linalg.solve(square, apart.T @ (colours - centre))
    return matrix, centre - mean @ matrix
