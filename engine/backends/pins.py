"""Painted frames that a shot refers to, held to the surfaces that they show, for some frames before and after.

Every frame around a pinned one is told, by the exact motion, where each of its points is in the pinned picture, so that
nothing is sampled twice; what the pinned picture does not show is left to the model.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Shot
from sora_addon.contract.paths import inside

from ..controls.motion import NEEDED, carried
from ..media.passes import Passes, Planes
from ..media.picture import read_picture

Floats = NDArray[np.float32]

REACH = 12
"""Frames before and after a pinned one that it is felt in, ever less."""
RIM = 5
"""Pixels over which it gives way at the border of what it shows."""


@dataclass(frozen=True)
class Pin:
    frame: int
    """As Blender counts."""
    picture: NDArray[np.uint8]
    strength: float


class Pins:
    """The keyframes of a shot."""

    def __init__(self, shot: Shot, passes: Passes) -> None:
        """Raises ContractError for a file that is no picture, or not of the shot's size."""
        self.pins = [
            _read(shot, passes, one.path, one.frame, one.strength)
            for one in shot.references
            if one.kind == "keyframe" and one.frame is not None
        ]
        self._range = range(shot.time.first, shot.time.last + 1)
        self._planes = functools.lru_cache(2 * REACH + 2)(functools.partial(passes.frame, only=NEEDED))

    def __bool__(self) -> bool:
        return bool(self.pins)

    def at(self, number: int) -> tuple[NDArray[np.uint8], Floats] | None:
        """The pinned picture as frame ``number`` sees it, (H, W, 3), and how much it holds there, (H, W, 1); the nearest pin's.

        None where no pin is near.
        """
        near = [pin for pin in self.pins if abs(pin.frame - number) <= REACH]
        if not near:
            return None
        pin = min(near, key=lambda one: abs(one.frame - number))
        if pin.frame == number:
            return pin.picture, np.full((*pin.picture.shape[:2], 1), pin.strength, np.float32)
        places, seen = carried(self._frame, number, pin.frame)
        x, y = (np.ascontiguousarray(places[..., axis] - 0.5, np.float32) for axis in (0, 1))
        picture = cv2.remap(pin.picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        inner = cv2.erode(seen.astype(np.float32), np.ones((RIM, RIM), np.uint8), borderValue=1.0)
        fading = pin.strength * (1 - abs(pin.frame - number) / (REACH + 1))
        weight = fading * cv2.blur(inner, (RIM, RIM), borderType=cv2.BORDER_REPLICATE) * seen
        return np.asarray(picture, np.uint8), np.asarray(weight[..., None], np.float32)

    def _frame(self, number: int) -> Planes:
        return self._planes(number)


def _read(shot: Shot, passes: Passes, path: str, frame: int, strength: float) -> Pin:
    picture = read_picture(inside(passes.folder, path, "references"))
    if picture is None:
        raise ContractError(path, "is no picture by its name", "give a PNG or JPEG")
    height, width = picture.shape[:2]
    if (width, height) != (shot.size.width, shot.size.height):
        raise ContractError(
            path, f"is {width}x{height}", f"a keyframe has the shot's size, {shot.size.width}x{shot.size.height}"
        )
    return Pin(frame, picture, strength)
