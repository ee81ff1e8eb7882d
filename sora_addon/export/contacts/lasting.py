"""Rolling and sliding: two things stay in touch while one moves over the other.

A wheel that rolls has no slip where it touches, though it travels; what slides has. The slip is the speed of one
material against the other at the point of touch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .features import Features
from .thing import Thing
from .track import Threshold

Doubles = NDArray[np.float64]
Longs = NDArray[np.int64]

LEVEL = 0.0015
"""Metres of gap beyond the nearest that still carry: the patch that is touched."""
MOST_POINTS = 65
"""Points of an interval that are kept."""


@dataclass(frozen=True, eq=False)
class Rub:
    """One thing moves over another from ``time`` to ``until``."""

    kind: Literal["roll", "slide"]
    time: float
    until: float
    times: Doubles
    """(N,) seconds, evenly from start to end."""
    speeds: Doubles
    """(N,) metres a second along the surface."""
    points: Doubles
    """(N, 3) world."""
    normal: Doubles
    """(3,) world, from the other to the one, in the middle of the interval."""


@dataclass(frozen=True, eq=False)
class Patch:
    """Where two things touch in the rows in which they do."""

    rows: Longs
    points: Doubles
    """(N, 3) world."""
    normals: Doubles
    """(N, 3) world, from the other to the one."""
    slip: Doubles
    """(N,) metres a second of one material against the other."""
    travel: Doubles
    """(N,) metres a second of the smaller one's middle along the surface."""
    turning: Doubles
    """(N,) metres a second that its turning moves its rim."""


def patches(one: Thing, other: Thing, rows: Longs, features: Features) -> Patch:
    """The touch of two things in each of ``rows`` (N,) where ``features`` has any that are not cuts."""
    features = features.of(~features.cut)
    order = np.argsort(features.pose, kind="stable")
    features = features.of(order)
    begin = np.searchsorted(features.pose, np.arange(len(rows) + 1))
    smaller = one if one.shape.radius <= other.shape.radius else other
    sign = 1.0 if smaller is one else -1.0
    found: list[tuple[int, Doubles, Doubles, float, float, float]] = []
    for i, row in enumerate(rows):
        if begin[i] == begin[i + 1]:
            continue
        some = slice(begin[i], begin[i + 1])
        low = features.gap[some].min()
        level = np.flatnonzero(features.gap[some] <= low + LEVEL) + begin[i]
        time = float(one.clock.times[row])
        pose, pose_other = one.flight.at(time), other.flight.at(time)
        spots = (pose.place(features.one[level]) + pose_other.place(features.other[level])) / 2
        normal = (features.normal[level] @ pose_other.rotation.T).mean(axis=0)
        length = float(np.linalg.norm(normal))
        if length < 0.3:  # squeezed from two sides: no surface to rub along
            continue
        normal = normal / length
        point = (spots.min(axis=0) + spots.max(axis=0)) / 2
        relative = pose.speed_at(point[None])[0] - pose_other.speed_at(point[None])[0]
        mover, base = (pose, pose_other) if smaller is one else (pose_other, pose)
        middle = mover.place(smaller.shape.middle[None])
        travel = sign * (mover.speed_at(middle)[0] - base.speed_at(point[None])[0])
        turning = np.asarray(np.cross(mover.spin - base.spin, middle[0] - point), np.float64)
        along = _along(relative, normal), _along(travel, normal), _along(turning, normal)
        found.append((int(row), point, normal, *along))
    if not found:
        return Patch(np.zeros(0, np.int64), *(np.zeros((0, 3)),) * 2, *(np.zeros(0),) * 3)
    columns = list(zip(*found, strict=True))
    return Patch(np.array(columns[0]), *(np.array(column) for column in columns[1:]))


def _along(velocity: Doubles, normal: Doubles) -> float:
    return float(np.linalg.norm(velocity - normal * (velocity @ normal)))


def rubs(one: Thing, other: Thing, patch: Patch, limit: Threshold) -> list[Rub]:
    """The intervals of rolling and sliding in the rows in which two things touch."""
    if not len(patch.rows):
        return []
    rolls = (
        (patch.travel > limit.roll) & (patch.slip < limit.slip * patch.travel) & (patch.turning > 0.5 * patch.travel)
    )
    slides = ~rolls & (patch.slip > limit.slide)
    state = np.where(rolls, 2, np.where(slides, 1, 0))
    for i in range(1, len(state) - 1):  # a single row that differs is no change of the motion
        together = patch.rows[i + 1] - patch.rows[i - 1] == 2
        if together and state[i - 1] == state[i + 1] and state[i - 1]:
            state[i] = state[i - 1]
    found: list[Rub] = []
    begin = 0
    for i in range(1, len(state) + 1):
        if i < len(state) and state[i] == state[begin] and patch.rows[i] == patch.rows[i - 1] + 1:
            continue
        if state[begin]:
            rub = _rub(one, other, patch, begin, i, "roll" if state[begin] == 2 else "slide", state)
            if rub.until - rub.time >= limit.lasting:
                found.append(rub)
        begin = i
    return found


def _rub(
    one: Thing, other: Thing, patch: Patch, begin: int, end: int, kind: Literal["roll", "slide"], state: NDArray
) -> Rub:
    speeds = patch.travel if kind == "roll" else patch.slip
    times = one.clock.times[patch.rows]
    step = one.clock.step
    knots = [
        knot.time
        for thing in (one, other)
        for knot in thing.flight.knots
        if not thing.still and patch.rows[begin] - 1 <= knot.gap <= patch.rows[end - 1]
    ]
    # A slide that ends as a roll, and a roll that began as a slide, end where the slip does.
    ending = patch.slip if kind == "slide" else patch.travel
    start = _end(times[begin:end][::-1], ending[begin:end][::-1], knots, -step)
    until = _end(times[begin:end], ending[begin:end], knots, step)
    if begin > 0 and state[begin - 1] and patch.rows[begin - 1] == patch.rows[begin] - 1:
        slips = patch.slip[:begin]
        run = int(np.argmax(state[:begin][::-1] != state[begin - 1])) or begin
        start = _end(times[begin - run : begin], slips[begin - run :], knots, step)
    count = int(np.clip(np.ceil((until - start) / step), 2, MOST_POINTS))
    wanted = np.linspace(start, until, count)
    inside, rows = times[begin:end], slice(begin, end)
    sampled = np.interp(wanted, inside, speeds[rows])
    points = np.stack([np.interp(wanted, inside, patch.points[rows, axis]) for axis in range(3)], axis=1)
    normal = patch.normals[(begin + end) // 2]
    return Rub(kind, start, until, wanted, sampled, points, normal)


def _end(times: Doubles, speeds: Doubles, knots: list[float], step: float) -> float:
    """When a motion ends that rows show up to the last of ``times``; ``step`` is negative to look backwards.

    A jump of the velocity ends it; else its speed falls as it fell in the last clean rows, to nothing, within a row and
    a half; else it ends between two rows.
    """
    last = float(times[-1])
    ways = sorted(((knot - last) / step, knot) for knot in knots)
    ahead = [knot for way, knot in ways if -0.05 <= way <= 1.05]
    if len(times) >= 3 and speeds[-3] > speeds[-2] > 0:
        fall = (speeds[-3] - speeds[-2]) / 1.0
        rows = speeds[-2] / fall - 1.0
        if -0.2 <= rows <= 1.5:
            return last + float(rows) * step
    return ahead[0] if ahead else last + 0.5 * step
