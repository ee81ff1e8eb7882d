"""Doors, lids and flaps: what swings about a fixed axis and comes to rest against something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .meeting import closing_speeds
from .rotation import turned
from .strikes import Strike
from .thing import Thing, near_at
from .track import Threshold

Doubles = NDArray[np.float64]

LEAST_SWING = np.radians(5.0)
FIT = 0.01
"""Share of its radius by which a door may clear its frame when it is shut."""
LEAF = 0.15
"""Share of its radius from the axis at which a door has a leaf that can shut; nearer, it is its hinge."""
RESTS = 0.3
"""Share of its spin that a door keeps at most when it shuts."""


def swing(one: Thing, other: Thing) -> Doubles | None:
    """(rows,) angle in radians that ``one`` has swung, seen from ``other``; None where it does not swing.

    A point of ``one`` must stay on a point of ``other`` all through the shot (least squares over all rows), and every
    turn must be about one axis. Only what an animation moves or a constraint holds can be a door: a domino that tips
    about its edge is none.
    """
    if one.still or (one.track.motion == "rigid" and not one.track.partners):
        return None
    rows = np.arange(one.clock.rows)
    rotations, origins = one.poses(rows)
    rotations_other, origins_other = other.poses(rows)
    back = np.swapaxes(rotations_other, 1, 2)
    rotations = back @ rotations
    origins = (back @ (origins - origins_other)[:, :, None])[:, :, 0]
    turns = turned(rotations @ rotations[0].T)
    angles = np.linalg.norm(turns, axis=1)
    if angles.max() < LEAST_SWING:
        return None
    axis = turns[int(np.argmax(angles))] / angles.max()
    signed = turns @ axis
    if np.abs(turns - signed[:, None] * axis).max() > 0.02 * angles.max():
        return None
    count = len(rows)
    matrix = np.concatenate([rotations, np.broadcast_to(-np.eye(3), (count, 3, 3))], axis=2).reshape(-1, 6)
    held = np.linalg.lstsq(matrix, -origins.ravel(), rcond=1e-9)[0]
    off = np.abs(matrix @ held + origins.ravel()).max()
    return np.unwrap(signed) if off < FIT * one.shape.radius else None


def closes(one: Thing, other: Thing, strike: Strike) -> bool:
    """Whether a strike is a door that shuts."""
    for door, frame in ((one, other), (other, one)):
        angles = swing(door, frame)
        if angles is None:
            continue
        turns = np.diff(angles)
        before = turns[max(0, strike.gap - 1)]
        after = turns[min(len(turns) - 1, strike.gap + 1)]
        if abs(after) < RESTS * abs(before):
            return True
    return False


def gentle_closings(one: Thing, other: Thing, limit: Threshold) -> list[Strike]:
    """Doors that come to rest against their frames so smoothly that no velocity jumps."""
    found: list[Strike] = []
    for door, frame, sign in ((one, other, 1.0), (other, one, -1.0)):
        angles = swing(door, frame)
        if angles is None:
            continue
        turns = np.abs(np.diff(angles))
        rests = turns < 1e-5
        for row in range(3, len(turns) - 1):
            if rests[row] and rests[row + 1] and not rests[row - 1] and not rests[row - 2]:
                strike = _shut(door, frame, angles, row, sign, limit)
                if strike is not None:
                    found.append(strike)
    return found


def _shut(door: Thing, frame: Thing, angles: Doubles, row: int, sign: float, limit: Threshold) -> Strike | None:
    """A door rests from ``row`` on: look what it rests against, and when its swing ended."""
    times = door.clock.times
    before, after = float(times[row - 1]), float(times[row])
    poses = (door.flight.along(door.flight.piece_at(before), before), frame.flight.at(before))
    rest = (door.flight.at(after), frame.flight.at(after))
    reach = max(limit.touch, FIT * door.shape.radius) + door.track.reach + frame.track.reach
    features = near_at(door, frame, *rest, reach, door.track.reach + frame.track.reach + 0.005)
    features = features.of(~features.cut)
    if not len(features.pose):
        return None
    # What the door shuts against is what its leaf moved towards in the last frames; its hinge side was there before.
    earlier = float(times[max(0, row - 3)])
    old = (door.flight.at(earlier), frame.flight.at(earlier))
    moved = np.einsum(
        "pi,pi->p",
        (old[0].place(features.one) - rest[0].place(features.one))
        - (old[1].place(features.other) - rest[1].place(features.other)),
        features.normal @ rest[1].rotation.T,
    )
    swept = float(abs(angles[row] - angles[max(0, row - 3)])) * door.shape.radius
    if moved.max() < max(LEAF * swept, 1e-4):
        return None
    best = moved > 0.7 * moved.max()
    _, points, normals = closing_speeds(features, *rest)
    closing, _, _ = closing_speeds(features, *poses)
    fitted = np.polyfit(times[row - 4 : row] - before, angles[row - 4 : row], 3) if row >= 4 else None
    time = after
    if fitted is not None:
        roots = np.roots(np.polyder(fitted))
        real = np.sort(roots[np.abs(roots.imag) < 1e-3 * door.clock.step].real)
        ahead = real[(real > -1e-6) & (real < after - before)]
        time = before + float(ahead[0]) if len(ahead) else after
    normal = normals[best].mean(axis=0)
    normal = sign * normal / np.linalg.norm(normal)
    speed = max(0.0, float(closing[best].max()))
    return Strike(time, points[best].mean(axis=0), normal, speed, None, row - 1, unhindered=True)
