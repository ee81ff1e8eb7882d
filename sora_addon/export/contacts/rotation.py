"""Rotations as vectors: axis times angle, radians.

Rodrigues' formula and its inverse; the inverse goes through the unit quaternion (Shepperd, "Quaternion from Rotation
Matrix", 1978), because the trace alone loses half the digits of small angles.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


def turn(vector: Doubles) -> Doubles:
    """(..., 3, 3) rotations by ``vector`` (..., 3), radians about its own direction."""
    vector = np.asarray(vector, np.float64)
    angle = np.linalg.norm(vector, axis=-1)[..., None, None]
    skew = np.zeros((*vector.shape[:-1], 3, 3))
    x, y, z = vector[..., 0], vector[..., 1], vector[..., 2]
    skew[..., 0, 1], skew[..., 0, 2] = -z, y
    skew[..., 1, 0], skew[..., 1, 2] = z, -x
    skew[..., 2, 0], skew[..., 2, 1] = -y, x
    first = np.sinc(angle / np.pi)
    second = 0.5 * np.sinc(angle / (2 * np.pi)) ** 2
    return np.eye(3) + first * skew + second * (skew @ skew)


def turned(matrix: Doubles) -> Doubles:
    """(..., 3) rotation vectors of ``matrix`` (..., 3, 3); angles from 0 to pi."""
    m = np.asarray(matrix, np.float64)
    trace = m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2]
    diagonal = np.stack([m[..., 0, 0], m[..., 1, 1], m[..., 2, 2], trace], axis=-1)
    which = np.argmax(diagonal, axis=-1)
    quaternions = np.empty((*which.shape, 4, 4))  # by the component that is largest: x, y, z, w
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        quaternions[..., i, i] = 1 - trace + 2 * m[..., i, i]
        quaternions[..., i, j] = m[..., j, i] + m[..., i, j]
        quaternions[..., i, k] = m[..., k, i] + m[..., i, k]
        quaternions[..., i, 3] = m[..., k, j] - m[..., j, k]
        quaternions[..., 3, i] = m[..., k, j] - m[..., j, k]
    quaternions[..., 3, 3] = 1 + trace
    q = np.take_along_axis(quaternions, which[..., None, None], axis=-2)[..., 0, :]
    q = q / np.linalg.norm(q, axis=-1, keepdims=True)
    q = np.where(q[..., 3:] < 0, -q, q)
    sine = np.linalg.norm(q[..., :3], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, q[..., 3:])
    share = np.where(sine > 1e-12, angle / np.maximum(sine, 1e-12), 2.0)
    return q[..., :3] * share


def nearest_turn(vector: Doubles, wanted: Doubles) -> Doubles:
    """The rotation vector of the same rotation as ``vector`` (3,) that lies nearest to ``wanted`` (3,).

    Frames show a rotation modulo full turns; what came before says which one.
    """
    angle = float(np.linalg.norm(vector))
    if angle < 1e-9:
        length = float(np.linalg.norm(wanted))
        turns = round(length / (2 * np.pi))
        return vector if turns == 0 else wanted / length * turns * 2 * np.pi
    axis = vector / angle
    turns = round((float(axis @ wanted) - angle) / (2 * np.pi))
    return axis * (angle + 2 * np.pi * turns)
