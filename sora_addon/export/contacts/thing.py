"""A track that is ready to be asked: its mesh as a shape, its way as a flight, its bounds in every row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .features import Features, Shape, near
from .flight import Flight, Pose
from .track import Clock, Track, rigid_motion

Doubles = NDArray[np.float64]


class Thing:
    """A rigid mesh on its way."""

    def __init__(self, track: Track, clock: Clock, gravity: Doubles) -> None:
        """Raises ValueError where the scale of the track changes: such a mesh is deforming."""
        motion = rigid_motion(track.worlds, track.points)
        if motion is None:
            raise ValueError(f"body {track.body}: its scale changes, so it is no rigid mesh")
        origins, rotations, points = motion
        self.track, self.clock = track, clock
        self.shape = Shape(points, track.corners)
        if self.shape.empty:
            return
        radius = min(self.shape.reach_from_origin, 4 * self.shape.radius)
        falls = gravity if track.motion == "rigid" and float(np.linalg.norm(gravity)) > 1e-6 else None
        self.flight = Flight(clock, origins, rotations, radius, falls)
        boxes = self.shape.tree.hull_boxes()
        placed = np.einsum("fij,pj->fpi", rotations, boxes) + origins[:, None]
        self.low, self.high = placed.min(axis=1), placed.max(axis=1)
        if len(self.low) == 1:
            self.low = np.repeat(self.low, clock.rows, axis=0)
            self.high = np.repeat(self.high, clock.rows, axis=0)

    @property
    def still(self) -> bool:
        return self.flight.still

    def row(self, row: int) -> tuple[Doubles, Doubles]:
        """Rotation and origin in a row."""
        row = row if len(self.flight.origins) > 1 else 0
        return self.flight.rotations[row], self.flight.origins[row]

    def poses(self, rows: NDArray[np.int64]) -> tuple[Doubles, Doubles]:
        """Rotations (N, 3, 3) and origins (N, 3) in some rows."""
        chosen = rows if len(self.flight.origins) > 1 else np.zeros_like(rows)
        return self.flight.rotations[chosen], self.flight.origins[chosen]

    def travel(self, gap: int) -> float:
        """Metres that anything of it moves from that row to the next, at most."""
        return 0.0 if self.still else float(self.flight.travel[gap])


def near_at(one: Thing, other: Thing, pose: Pose, pose_other: Pose, reach: float, sign_within: float) -> Features:
    """Where two things are near each other in one pose of each."""
    rotation = pose_other.rotation.T @ pose.rotation
    offset = pose_other.rotation.T @ (pose.origin - pose_other.origin)
    return near(one.shape, other.shape, rotation[None], offset[None], np.array([reach]), sign_within)


def near_in_rows(one: Thing, other: Thing, rows: NDArray[np.int64], reach: float, sign_within: float) -> Features:
    """Where two things are near each other in some rows; ``pose`` of the answer counts in ``rows``.

    Rows in which they stand to each other as in the row before are answered by that row.
    """
    rotations, origins = one.poses(rows)
    rotations_other, origins_other = other.poses(rows)
    back = np.swapaxes(rotations_other, 1, 2)
    rotation = back @ rotations
    offset = (back @ (origins - origins_other)[:, :, None])[:, :, 0]
    moved = np.ones(len(rows), bool)
    last = 0
    for i in range(1, len(rows)):
        change = np.abs(offset[i] - offset[last]).max() + one.shape.radius * np.abs(rotation[i] - rotation[last]).max()
        moved[i] = change > 2e-5
        if moved[i]:
            last = i
    kept = np.flatnonzero(moved)
    found = near(one.shape, other.shape, rotation[kept], offset[kept], np.full(len(kept), reach), sign_within)
    same = np.cumsum(moved) - 1
    order = np.argsort(found.pose, kind="stable")
    begin = np.searchsorted(found.pose[order], np.arange(len(kept) + 1))
    counts = np.diff(begin)[same]
    pose = np.repeat(np.arange(len(rows)), counts)
    inside = np.arange(len(pose)) - np.repeat(np.cumsum(counts) - counts, counts)
    found = found.of(order[np.repeat(begin[same], counts) + inside])
    return replace(found, pose=pose)
