"""Where a camera stood, from points known in space and found in its picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera_model import Camera, Doubles, angle_between, rotation

FEWEST = 12
"""Points below which no pose is told."""
OUTLIER = 2.0
"""Pixels off beyond which RANSAC calls a point an outlier."""
HELD = 1.0
"""Pixels within which a point counts as held by the final pose."""
TUKEY = 4.685
"""Scales of noise beyond which Tukey's biweight ignores a point (95 % efficient for Gaussian noise)."""


@dataclass(frozen=True, eq=False)
class Pose:
    """A camera found, the share of points that it explains, and its standard errors."""

    world: Doubles
    inliers: int
    share: float
    scatter: float
    """Pixels, robust standard deviation of the points about the pose."""
    rotation_error: float
    """Degrees, one standard deviation, as far as the scatter tells."""
    position_error: float
    """Metres, likewise."""


def find_pose(camera: Camera, points: Doubles, pixels: Doubles) -> Pose | None:
    """The pose that shows world ``points`` (N, 3) at ``pixels`` (N, 2); None where too few agree.

    ``camera`` gives the lens and where to start from. RANSAC (Fischler and Bolles 1981, OpenCV's) for a perspective
    camera, then Gauss-Newton under Tukey's biweight for both kinds. A parallel camera's place along its axis cannot be
    seen and stays where it was.
    """
    if len(points) < FEWEST:
        return None
    world = camera.world if camera.parallel else _ransac(camera, points, pixels)
    if world is None:
        return None
    wide = OUTLIER * 4 if camera.parallel else OUTLIER
    world, misses, jacobian, weights, scatter = _refine(camera, world, points, pixels, wide)
    held = misses < HELD
    if held.sum() < FEWEST:
        return None
    spread = _spread(jacobian, weights, scatter)
    return Pose(
        world,
        int(held.sum()),
        float(held.mean()),
        scatter,
        float(np.degrees(np.sqrt(spread[:3].sum()))),
        float(np.sqrt(spread[3:].sum())),
    )


def departure(found: Doubles, true: Camera) -> tuple[float, float]:
    """Degrees and metres between a found camera-to-world matrix and the true camera."""
    offset = found[:3, 3] - true.world[:3, 3]
    if true.parallel:
        forward = true.world[:3, 2]
        offset = offset - forward * (offset @ forward)
    return angle_between(true.world[:3, :3], found[:3, :3]), float(np.linalg.norm(offset))


def _ransac(camera: Camera, points: Doubles, pixels: Doubles) -> Doubles | None:
    lens = np.array([[camera.focal[0], 0, camera.centre[0]], [0, camera.focal[1], camera.centre[1]], [0, 0, 1]])
    # float32 inside OpenCV: kept precise by points near the camera's own place
    near = camera.local(points)
    found, turn, shift, _ = cv2.solvePnPRansac(
        near,
        pixels,
        lens,
        None,
        np.zeros((3, 1)),
        np.zeros((3, 1)),
        useExtrinsicGuess=True,
        iterationsCount=200,
        reprojectionError=OUTLIER,
        confidence=0.999,
    )
    if not found:
        return None
    back = np.eye(4)
    back[:3, :3] = rotation(np.asarray(turn, np.float64).ravel()).T
    back[:3, 3] = -back[:3, :3] @ shift.ravel()
    return camera.world @ back


def _refine(
    camera: Camera, world: Doubles, points: Doubles, pixels: Doubles, wide: float
) -> tuple[Doubles, Doubles, Doubles, Doubles, float]:
    """The pose, each point's miss in pixels, the Jacobian (N, 2, 6) and weights (N,) there, and the scatter."""
    scatter = wide / 2
    misses, jacobian, weights = np.empty(0), np.empty(0), np.empty(0)
    for _ in range(30):
        local = camera.placed(world).local(points)
        off = pixels - camera.pixels(local)
        jacobian = _jacobian(camera, local)
        misses = np.where(np.isfinite(off).all(-1), np.linalg.norm(np.nan_to_num(off), axis=-1), np.inf)
        near = misses < 2 * wide
        if near.sum() >= 6:
            # the median length of a two-dimensional Gaussian is 1.177 of its standard deviation
            scatter = min(scatter, max(float(np.median(misses[near])) / 1.177, 0.02))
        weights = np.clip(1 - (misses / (TUKEY * scatter)) ** 2, 0, None) ** 2
        rows = np.nan_to_num(jacobian) * weights[:, None, None]
        step = np.linalg.lstsq(
            np.einsum("nki,nkj->ij", rows, np.nan_to_num(jacobian)),
            np.einsum("nki,nk->i", rows, np.nan_to_num(off)),
            rcond=1e-12,
        )[0]
        # the step moves the points in camera axes, so the camera moves the other way
        moved = np.eye(4)
        moved[:3, :3] = rotation(step[:3]).T
        moved[:3, 3] = -moved[:3, :3] @ step[3:]
        world = world @ moved
        if np.abs(step).max() < 1e-9:
            break
    return world, misses, jacobian, weights, scatter


def _jacobian(camera: Camera, local: Doubles) -> Doubles:
    """(N, 2, 6) of pixels by a small turn and shift of the points in camera axes."""
    x, y, z = local[:, 0], local[:, 1], local[:, 2]
    nought, one = np.zeros_like(x), np.ones_like(x)
    if camera.parallel:
        across, down = np.stack([one, nought, nought], -1), np.stack([nought, one, nought], -1)
    else:
        across, down = np.stack([one / z, nought, -x / z**2], -1), np.stack([nought, one / z, -y / z**2], -1)
    by_shift = np.stack([across * camera.focal[0], down * camera.focal[1]], 1)
    # d(turn x p) / d(turn) = -[p]x
    turned = np.stack([np.stack([nought, z, -y], -1), np.stack([-z, nought, x], -1), np.stack([y, -x, nought], -1)], 1)
    return np.concatenate([by_shift @ turned, by_shift], -1)


def _spread(jacobian: Doubles, weights: NDArray[np.float64], scatter: float) -> Doubles:
    """(6,) variances of turn (radians) and shift (metres)."""
    normal = np.einsum("nki,n,nkj->ij", np.nan_to_num(jacobian), weights, np.nan_to_num(jacobian))
    return np.clip(np.diag(np.linalg.pinv(normal, rcond=1e-12)) * scatter**2, 0, None)
