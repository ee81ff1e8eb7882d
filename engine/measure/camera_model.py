"""A pinhole or parallel camera as arrays: points to pixels and back. Pixels and axes as in the contract."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import CameraRow

Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Camera:
    """The camera at one frame. ``world`` (4, 4) takes OpenCV camera axes to the world, metres."""

    world: Doubles
    focal: Doubles
    """(2,) fx, fy: pixels, or pixels a metre where ``parallel``."""
    centre: Doubles
    """(2,) cx, cy in pixels from the top left corner."""
    parallel: bool

    @classmethod
    def of(cls, row: CameraRow) -> Camera:
        return cls(
            np.array(row.world, np.float64).reshape(4, 4),
            np.array([row.fx, row.fy]),
            np.array([row.cx, row.cy]),
            row.kind == "orthographic",
        )

    def placed(self, world: Doubles) -> Camera:
        """The same lens in another place."""
        return replace(self, world=world)

    def local(self, points: NDArray[Any]) -> Doubles:
        """World points (..., 3) in camera axes."""
        return (points - self.world[:3, 3]) @ self.world[:3, :3]

    def pixels(self, local: NDArray[Any]) -> Doubles:
        """Pixels (..., 2) of points (..., 3) in camera axes; NaN behind a perspective camera."""
        if self.parallel:
            return local[..., :2] * self.focal + self.centre
        depth = np.where(local[..., 2:] > 1e-9, local[..., 2:], np.nan)
        return local[..., :2] / depth * self.focal + self.centre

    def see(self, points: NDArray[Any]) -> tuple[Doubles, Doubles]:
        """Pixels (..., 2) and depths (...) in metres of world points (..., 3)."""
        local = self.local(points)
        return self.pixels(local), local[..., 2]

    def points(self, pixels: NDArray[Any], depth: NDArray[Any]) -> Doubles:
        """World points (..., 3) at ``pixels`` (..., 2) and ``depth`` (...); not finite where the depth is not."""
        flat = (pixels - self.centre) / self.focal
        depth = np.asarray(depth, np.float64)[..., None]
        local = np.concatenate([flat if self.parallel else flat * depth, depth], -1)
        return local @ self.world[:3, :3].T + self.world[:3, 3]


@functools.lru_cache(maxsize=2)
def pixel_centres(height: int, width: int) -> Doubles:
    """(height, width, 2) of x, y, read-only: (0.5, 0.5) is the centre of the first pixel."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    centres = np.stack([x, y], -1)
    centres.flags.writeable = False
    return centres


def strictly_inside(pixels: NDArray[Any], margin: float, height: int, width: int) -> NDArray[np.bool_]:
    """(...) where ``pixels`` (..., 2) lie in the picture, more than ``margin`` pixels from its border; not where NaN."""
    x, y = pixels[..., 0], pixels[..., 1]
    return (x > margin) & (x < width - margin) & (y > margin) & (y < height - margin)


def rotation(vector: Doubles) -> Doubles:
    """(3, 3) turn about ``vector`` (3,) by its length in radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def angle_between(first: Doubles, second: Doubles) -> float:
    """Degrees of the turn that takes one rotation (3, 3) to the other."""
    between = first.T @ second
    sine = np.linalg.norm([between[2, 1] - between[1, 2], between[0, 2] - between[2, 0], between[1, 0] - between[0, 1]])
    return float(np.degrees(np.arctan2(sine / 2, (np.trace(between) - 1) / 2)))
