"""How points at infinity move across the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract import CameraRow
from .sample import Doubles, Floats


def sky_motion(
    here: CameraRow, previous: CameraRow | None, following: CameraRow | None, where: NDArray[np.bool_]
) -> Floats:
    """(N, 4) to_next (x, y) and from_previous (x, y), pixels, of the N pixels that are True in ``where`` (height, width).

    Only the camera's rotation and lens move a point at infinity; NaN where a neighbour is missing or does not see it.
    """
    row, column = np.nonzero(where)
    result = np.empty((len(row), 4), np.float32)
    if not len(row):
        return result
    u, v = column.astype(np.float64) + 0.5, row.astype(np.float64) + 0.5
    for start, other, sign in ((0, following, 1.0), (2, previous, -1.0)):
        if other is None:
            result[:, start : start + 2] = np.nan
            continue
        x, y = _seen_from(here, other, u, v)
        result[:, start] = sign * (x - u)
        result[:, start + 1] = sign * (y - v)
    return result


def _seen_from(here: CameraRow, other: CameraRow, u: Doubles, v: Doubles) -> tuple[Doubles, Doubles]:
    turn = _rotation(other).T @ _rotation(here)
    if here.kind == "orthographic" or other.kind == "orthographic":
        # Parallel rays all meet one point of the sky: only without a turn does it stay where it is.
        stays = here.kind == other.kind and np.allclose(turn, np.eye(3), atol=1e-9)
        return (u, v) if stays else (np.full_like(u, np.nan), np.full_like(v, np.nan))
    # A homography K' R K^-1, exact for points at infinity (Hartley and Zisserman, Multiple View Geometry, 8.4).
    lens = np.array([[here.fx, 0, here.cx], [0, here.fy, here.cy], [0, 0, 1]])
    other_lens = np.array([[other.fx, 0, other.cx], [0, other.fy, other.cy], [0, 0, 1]])
    h = other_lens @ turn @ np.linalg.inv(lens)
    if np.array_equal(turn, np.eye(3)) and np.array_equal(lens, other_lens):
        return u, v
    x, y, z = (h[i, 0] * u + h[i, 1] * v + h[i, 2] for i in range(3))
    z = np.where(z > 0.0, z, np.nan)
    return x / z, y / z


def _rotation(row: CameraRow) -> Doubles:
    return np.array(row.world, np.float64).reshape(4, 4)[:3, :3]
