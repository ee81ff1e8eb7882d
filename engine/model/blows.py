"""When something strikes, told from what is seen alone: where things move is known, and a blow breaks their motion.

Cells of the picture tell how sharply the surfaces in them change their velocity, beside what the camera does and how fast
they are; a small network looks at cells and instants that are near each other, and the loudest cell speaks for its frame.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .conditioning import MOTION_SCALE, WHERE

CELLS = (8, 12)
"""Rows and columns."""
WIDTH = 256.0
"""Motion is counted in pixels of a picture so wide."""
FASTEST = 0.996
"""Of the motion planes, beyond which a byte cannot tell how fast."""
SLOWEST = 0.1
"""Pixels a frame that are no motion to speak of."""
MIDDLE, SPREAD = -0.8, 1.0
"""Of the figures of a cell."""
SELDOM = -6.0
"""Logit of a blow where nothing is learnt, beside so many cells."""
FEATURES = 3
LIKELY = -1.5
"""Logit from which a blow is believed; among the best in four-fold cross-validation."""


class Blows(nn.Module):
    """Logits of a blow in each frame."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.near, self.nearer = nn.Conv3d(FEATURES, width, 3), nn.Conv3d(width, width, 3)
        self.say = nn.Conv3d(width, 1, 1)

    def forward(self, cells: Tensor) -> Tensor:
        """(B, F) from ``breaks`` (B, F, FEATURES, *CELLS)."""
        x = cells.transpose(1, 2)
        for layer in (self.near, self.nearer):
            x = functional.silu(layer(functional.pad(x, (1,) * 6, mode="replicate")))
        return torch.logsumexp(self.say(x)[:, 0].flatten(2), 2) + SELDOM


def breaks(planes: Tensor) -> Tensor:
    """(N, FEATURES, *CELLS), each about of variance 1: sharpest and mean change of velocity, and the fastest motion."""
    after, before = (_velocity(planes, name) for name in ("to_next", "from_previous"))
    there = 1 - planes[:, WHERE["sky"]]
    change = (SLOWEST + _apart(after - before) * there).log()
    speed = (SLOWEST + _apart((after + before) / 2) * there).log()
    cells = (
        functional.adaptive_max_pool2d(change, CELLS),
        functional.adaptive_avg_pool2d(change, CELLS),
        functional.adaptive_max_pool2d(speed, CELLS),
    )
    return (torch.cat(cells, 1) - MIDDLE) / SPREAD


def largest(logits: Tensor) -> Tensor:
    """(B, F) 1 where a blow is believed, of (B, F) logits: where it is likely, and likelier than in the frames beside."""
    beside = functional.max_pool1d(logits[:, None], 3, 1, 1)[:, 0]
    return ((logits > LIKELY) & (logits >= beside)).to(logits.dtype)


def _velocity(planes: Tensor, name: str) -> Tensor:
    """(N, 2, H, W) pixels a frame."""
    told = (planes[:, WHERE[name]] * 2 - 1).clamp(-FASTEST, FASTEST)
    return torch.atanh(told) * (WIDTH / MOTION_SCALE)


def _apart(motion: Tensor) -> Tensor:
    """(N, 1, H, W) how far motion is from that of most of the picture, which is the camera's."""
    most = motion.flatten(2).median(2).values[..., None, None]
    return (motion - most).square().sum(1, keepdim=True).sqrt()
