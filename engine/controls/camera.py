"""The camera as models take it: OpenCV camera-to-world matrices and lens in pixels, rays, 9-D poses, relative poses.

Camera axes are OpenCV's, x right, y down, z forward, as in the contract; metres; world axes are Blender's, z up, until
``relative`` puts them into the first camera's. Nothing here mirrors or flips: the contract's matrices are OpenCV's already.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sora_addon.contract import ContractError, Shot

if TYPE_CHECKING:
    from .conform import Fit

Doubles = NDArray[np.float64]


def camera_path(shot: Shot, places: Sequence[Fraction] | None = None) -> tuple[Doubles, Doubles]:
    """(F, 4, 4) camera to world and (F, 4) fx fy cx cy in the shot's pixels, at ``places``, frames after the first.

    All frames where no places are said. Between two frames the camera turns about one axis at one speed and moves straight.
    Raises ContractError for a camera that is not a pinhole.
    """
    for i, row in enumerate(shot.camera):
        if row.kind != "perspective":
            raise ContractError(
                f"camera[{i}].kind", "is orthographic, and this model takes a lens", "use a perspective camera"
            )
    world = np.array([row.world for row in shot.camera], np.float64).reshape(-1, 4, 4)
    lens = np.array([(row.fx, row.fy, row.cx, row.cy) for row in shot.camera], np.float64)
    if places is None:
        return world, lens
    whole = np.array([min(int(place), len(world) - 1) for place in places])
    share = np.array([float(place - int(place)) for place in places])
    after = np.minimum(whole + 1, len(world) - 1)
    between = world[whole].copy()
    turn = Rotation.from_matrix(_inverse(world[whole])[:, :3, :3] @ world[after][:, :3, :3]).as_rotvec()
    between[:, :3, :3] = world[whole][:, :3, :3] @ Rotation.from_rotvec(turn * share[:, None]).as_matrix()
    between[:, :3, 3] += share[:, None] * (world[after] - world[whole])[:, :3, 3]
    return between, lens[whole] + share[:, None] * (lens[after] - lens[whole])


def fitted_camera(shot: Shot, fit: Fit, as_shown: bool = False) -> tuple[Doubles, Doubles]:
    """``camera_path`` at the model's frames, the lens in the model's pixels.

    At ``fit.place`` of each, evenly spaced; with ``as_shown`` at ``fit.shown``, for a model that is told passes too.
    """
    places = [Fraction(fit.shown(k)) if as_shown else fit.place(k) for k in range(fit.frames)]
    world, lens = camera_path(shot, places)
    x, y = fit.scale
    return world, lens * (x, y, x, y) + (0.0, 0.0, fit.left, fit.top)


def matrix_of_lens(lens: Doubles) -> Doubles:
    """(F, 3, 3) K, that takes camera points to pixels, of (F, 4) fx fy cx cy."""
    made = np.zeros((*lens.shape[:-1], 3, 3))
    made[..., 0, 0], made[..., 1, 1] = lens[..., 0], lens[..., 1]
    made[..., 0, 2], made[..., 1, 2], made[..., 2, 2] = lens[..., 2], lens[..., 3], 1.0
    return made


def relative(world: Doubles, scale: float = 1.0) -> Doubles:
    """(F, 4, 4) cameras in the axes of the first, which becomes the identity; metres times ``scale``."""
    poses = _inverse(world[:1]) @ world
    poses[:, :3, 3] *= scale
    return poses


def steps(world: Doubles, scale: float = 1.0) -> Doubles:
    """(F - 1, 4, 4) each next camera in the axes of the one before; metres times ``scale``."""
    poses = _inverse(world[:-1]) @ world[1:]
    poses[:, :3, 3] *= scale
    return poses


def pose9(poses: Doubles) -> Doubles:
    """(F, 9) of (F, 4, 4): the translation, then the first two columns of the rotation, one after the other.

    The six numbers of a rotation are those of Zhou et al., "On the continuity of rotation representations in neural
    networks", CVPR 2019.
    """
    return np.concatenate([poses[:, :3, 3], poses[:, :3, 0], poses[:, :3, 1]], -1)


def pluecker(world: Doubles, lens: Doubles, height: int, width: int) -> NDArray[np.float32]:
    """(F, height, width, 6) the ray through each pixel's centre: unit direction d, then moment o x d, in world axes.

    ``world`` (F, 4, 4), often ``relative`` ones; ``lens`` (F, 4) in pixels of that height and width.
    """
    j, i = np.mgrid[0:height, 0:width] + 0.5
    rays = np.empty((len(world), height, width, 6), np.float32)
    for frame, (matrix, (fx, fy, cx, cy)) in enumerate(zip(world, lens, strict=True)):
        local = np.stack([(i - cx) / fx, (j - cy) / fy, np.ones_like(i)], -1)
        direction = local @ matrix[:3, :3].T
        direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
        rays[frame, ..., :3] = direction
        rays[frame, ..., 3:] = np.cross(matrix[:3, 3], direction)
    return rays


def _inverse(rigid: Doubles) -> Doubles:
    turned = np.swapaxes(rigid[..., :3, :3], -1, -2)
    found = np.zeros_like(rigid)
    found[..., :3, :3], found[..., 3, 3] = turned, 1.0
    found[..., :3, 3] = -np.einsum("...ij,...j->...i", turned, rigid[..., :3, 3])
    return found
