"""Two things that meet: what is about to touch along their flights, when, where and how fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .features import Features
from .flight import Pose

Doubles = NDArray[np.float64]
Way = Callable[[float], Pose]
"""The pose at a time, along one flight."""

SLACK = 0.4
"""Share of the span by which a knot's time may be off: metres of gap that are forgiven for each metre a second."""
TOGETHER = 0.003
"""Seconds: corners that touch within it touch as one (a box that falls flat)."""


@dataclass(frozen=True, eq=False)
class Meeting:
    """The first touch of two things along their flights."""

    time: float
    """Seconds from the first frame, when the meshes that are seen touch."""
    point: Doubles
    """(3,) world."""
    normal: Doubles
    """(3,) unit, world, from the other to the one."""
    closing: float
    """Metres a second along the normal, just before."""
    gap: float
    """Metres between the meshes at the time that the search was told to look at."""


def closing_speeds(features: Features, pose: Pose, other: Pose) -> tuple[Doubles, Doubles, Doubles]:
    """Closing speed (P,), point (P, 3) and normal (P, 3) in the world of features at a pose of each."""
    points = pose.place(features.one)
    points_other = other.place(features.other)
    normals = features.normals(pose.rotation, other.rotation)
    speed = pose.speed_at(points) - other.speed_at(points_other)
    return -np.einsum("pi,pi->p", speed, normals), (points + points_other) / 2, normals


def gaps_at(features: Features, pose: Pose, other: Pose) -> Doubles:
    """(P,) metres between the two points of each feature along its normal, in another pose of each."""
    between = pose.place(features.one) - other.place(features.other)
    return np.einsum("pi,pi->p", between, features.normals(pose.rotation, other.rotation))


def first_meeting(
    features: Features, look: float, span: float, way: Way, way_other: Way, slowest: float, nearest: float
) -> Meeting | None:
    """What touches first of some features, seen from ``look`` seconds.

    Only what then closes faster than ``slowest`` (m/s) and is not further apart than ``nearest`` metres counts: corners
    that rest on each other do not close. The gap of each is a parabola through its values at ``look`` and in the
    ``span`` seconds before; its root is the touch, before or after ``look``.
    """
    features = features.of(~features.cut)
    if not len(features.pose):
        return None
    pose, other = way(look), way_other(look)
    closing, _, _ = closing_speeds(features, pose, other)
    gaps = gaps_at(features, pose, other)
    chosen = (closing > slowest) & (gaps <= nearest + closing * SLACK * span)
    if not chosen.any():
        return None
    chosen &= closing >= 0.3 * closing[chosen].max()
    features, gaps = features.of(chosen), gaps[chosen]
    before = gaps_at(features, way(look - span), way_other(look - span))
    middle = gaps_at(features, way(look - span / 2), way_other(look - span / 2))
    a = 2 * (gaps - 2 * middle + before) / span**2
    b = (3 * gaps - 4 * middle + before) / span
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum(b * b - 4 * a * gaps, 0))
        after = 2 * gaps / (-b + root)  # b is negative where it closes: this is the near root, also for a = 0
    after = np.where(np.isfinite(after), after, 0.0)
    first = int(np.argmin(after))
    time = look + float(after[first])
    closing, points, normals = closing_speeds(features, way(time), way_other(time))
    if closing[first] <= slowest:  # it slows down on its way, and rests or turns before it touches
        return None
    same = (after <= after[first] + TOGETHER) & (normals @ normals[first] > 0.9)
    normal = normals[same].mean(axis=0)
    spread = points[same]
    point = (spread.min(axis=0) + spread.max(axis=0)) / 2
    return Meeting(time, point, normal / np.linalg.norm(normal), float(closing[first]), float(gaps[first]))
