"""What a backend is: it declares what it can do, and turns a request into frames and, perhaps, sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot

from .capabilities import Capabilities, Control, FrameGrid

if TYPE_CHECKING:
    from ..media.passes import Passes
    from ..sound import Stems

__all__ = ["Backend", "Cancelled", "Capabilities", "Control", "Earlier", "FrameGrid", "Frames", "Request", "Samples"]

Frames = NDArray[np.uint8]
Samples = NDArray[np.float32]


class Cancelled(Exception):
    """The job was cancelled; nothing was delivered."""


@dataclass(frozen=True)
class Earlier:
    """What the backend before this one made, where it is a link of a chain."""

    frames: NDArray[np.uint8]
    """(F, H, W, 3), sRGB, at the shot's own size and rate; a memory map that is not to be written to."""
    sound: Samples | None
    """(shot.time.samples, 2) that came with the picture; None where there is none but the foley."""


@dataclass(frozen=True)
class Request:
    """A shot, its passes, and how to report."""

    shot: Shot
    passes: Passes
    scratch: Path
    """A folder for temporary files; removed after the job."""
    progress: Callable[[str, int, int], None]
    """stage, step, total. Raises ``Cancelled`` when the job was cancelled."""
    earlier: Earlier | None = None
    """What to go on from, in a chain; how far to leave it is one of the backend's settings."""
    planned: Callable[[dict[str, str]], None] | None = None
    """Told how a model was loaded, where the backend has a choice in it; for the take's record."""
    preview: Callable[[int, Frames], None] | None = None
    """How often it was called before, and a small picture of what is being made; for work that gives no frames yet."""
    stems: Stems | None = None
    """The shot's foley, which is not to be written to; None where it was not made yet. ``hearing.foley_of`` has it in any case."""


class Backend(Protocol):
    """A family of models. Importing its module must not import torch."""

    capabilities: Capabilities
    """Declared in ``capabilities.py``."""

    def frames(self, request: Request) -> Iterator[Frames]:
        """Every frame of the shot in order: (height, width, 3) uint8, sRGB, at the shot's own size and rate.

        Not called where the backend declares that it makes no picture.
        """
        ...

    def sound(self, request: Request) -> Samples | None:
        """(shot.time.samples, 2) float32 that was made with the picture, or None. Called after ``frames``."""
        ...
