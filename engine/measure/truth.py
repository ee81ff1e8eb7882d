"""What is known exactly of one frame, as the measures need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Body, Shot

from ..media.colour import expose, to_display, to_uint8
from .camera_model import Camera

Picture = NDArray[np.uint8]
"""(H, W, 3) sRGB."""
Gray = NDArray[np.uint8]
"""(H, W) luma of a picture."""
Planes = dict[str, NDArray[Any]]

NEEDED = ("depth", "to_next", "from_previous", "body", "preview")


class HasFrames(Protocol):
    """What ``engine.media.passes.Passes`` offers."""

    def frame(self, number: int, only: Any = None) -> Planes: ...


@dataclass(frozen=True, eq=False)
class Truth:
    """One frame as the shot tells it. ``index`` counts from 0."""

    index: int
    camera: Camera
    depth: NDArray[np.float32]
    """(H, W) metres; inf where nothing is."""
    body: NDArray[np.uint32]
    to_next: NDArray[np.float32]
    from_previous: NDArray[np.float32]
    guide: Picture
    """The preview pass, shown as sRGB at the shot's exposure."""
    still: NDArray[np.bool_]
    """(H, W) where a body is seen that stands still for the whole shot."""


def truth_of(shot: Shot, index: int, planes: Planes) -> Truth:
    """``planes`` holds the passes that ``NEEDED`` names, of the frame ``index`` after the first."""
    still = [body.index for body in shot.bodies if stands_still(body)]
    return Truth(
        index,
        Camera.of(shot.camera[index]),
        np.asarray(planes["depth"], np.float32),
        planes["body"],
        np.asarray(planes["to_next"], np.float32),
        np.asarray(planes["from_previous"], np.float32),
        to_uint8(to_display(expose(planes["preview"], shot.view.exposure))),
        np.isin(planes["body"], still) & np.isfinite(planes["depth"]),
    )


def gray_of(picture: Picture) -> Gray:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def stands_still(body: Body) -> bool:
    """Whether no point of the body moves during the shot, as far as its rows and its kind tell."""
    if body.motion in ("deforming", "particles"):
        return False
    first = np.array(body.rows[0].world)
    return all(np.abs(np.array(row.world) - first).max() < 1e-6 for row in body.rows)
