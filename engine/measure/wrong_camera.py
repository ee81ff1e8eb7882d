"""The control: what the shot would say had the camera been turned. A measure that cannot tell it from the truth proves nothing.

A camera that turns about its own centre sees the same points at other pixels, so its passes follow from the true ones
by a homography, without parallax (Hartley and Zisserman, Multiple View Geometry, 8.4). A parallel camera has no centre,
and no control.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import CameraRow, Shot

from .camera_model import Doubles, pixel_centres, rotation
from .truth import HasFrames, Planes

TURN = 1.0
"""Degrees about the camera's y axis (down): to the right."""


def turn() -> Doubles:
    """(3, 3) that takes the turned camera's axes to the true one's."""
    return rotation(np.array([0.0, np.radians(TURN), 0.0]))


def can_turn(shot: Shot) -> bool:
    return all(row.kind == "perspective" for row in shot.camera)


def turned(shot: Shot) -> Shot:
    """The shot with every camera row turned by ``TURN``."""
    return replace(shot, camera=[_turned_row(row) for row in shot.camera])


def _turned_row(row: CameraRow) -> CameraRow:
    world = np.array(row.world).reshape(4, 4)
    world[:3, :3] = world[:3, :3] @ turn()
    return replace(row, world=tuple(float(value) for value in world.reshape(-1)))  # type: ignore[arg-type]


class TurnedPasses:
    """The passes that the turned camera would have seen, sampled at the nearest pixel of the true ones."""

    def __init__(self, passes: HasFrames, shot: Shot) -> None:
        """``passes`` and ``shot`` are the true ones."""
        self.passes = passes
        self.shot = shot

    def frame(self, number: int, only: Any = None) -> Planes:
        """As ``Passes.frame``, of the passes that measures need; nothing stands where the true camera did not look."""
        return self.of(number, self.passes.frame(number, only=only))

    def of(self, number: int, planes: Planes) -> Planes:
        """The turned passes of a frame whose true passes are at hand."""
        index = number - self.shot.time.first
        height, width = planes["body"].shape
        here = pixel_centres(height, width)
        there = self._from_turned(here, index)
        column, row = (np.floor(there[..., k]).astype(np.intp) for k in (0, 1))
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        column, row = np.clip(column, 0, width - 1), np.clip(row, 0, height - 1)

        def taken(name: str, nothing: float) -> NDArray[Any]:
            plane = planes[name][row, column].copy()
            plane[~inside] = nothing
            return plane

        depth = taken("depth", np.inf) * self._depth_ratio(there, index)
        ahead, behind = taken("to_next", np.nan), taken("from_previous", np.nan)
        return {
            "depth": depth.astype(np.float32),
            "body": taken("body", 0),
            "preview": planes["preview"][row, column],
            "to_next": (self._to_turned(there + ahead, index + 1) - here).astype(np.float32),
            "from_previous": (here - self._to_turned(there - behind, index - 1)).astype(np.float32),
        }

    def _row(self, index: int) -> CameraRow:
        return self.shot.camera[min(max(index, 0), len(self.shot.camera) - 1)]

    def _rays(self, pixels: Doubles, index: int) -> Doubles:
        row = self._row(index)
        flat = (pixels - [row.cx, row.cy]) / [row.fx, row.fy]
        return np.concatenate([flat, np.ones_like(flat[..., :1])], -1)

    def _shown(self, rays: Doubles, index: int) -> Doubles:
        row = self._row(index)
        return rays[..., :2] / rays[..., 2:] * [row.fx, row.fy] + [row.cx, row.cy]

    def _from_turned(self, pixels: Doubles, index: int) -> Doubles:
        return self._shown(self._rays(pixels, index) @ turn().T, index)

    def _to_turned(self, pixels: Doubles, index: int) -> Doubles:
        return self._shown(self._rays(pixels, index) @ turn(), index)

    def _depth_ratio(self, there: Doubles, index: int) -> Doubles:
        """Depth along the turned axis over depth along the true one, for the true pixels ``there``."""
        return (self._rays(there, index) @ turn())[..., 2]
