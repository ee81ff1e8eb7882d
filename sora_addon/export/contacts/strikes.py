"""Impacts of two rigid meshes: where a velocity jumps while they meet, and where they come together unhindered.

The time of a strike is that of the trajectory the frames show: the incoming flight, extrapolated to where the meshes
that are seen meet. Where the frames show the jump clearly earlier (the simulation stops short of the mesh), or so slow
that a millimetre of gap is many milliseconds, it is the time of the jump.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .features import Features
from .flight import Flight, Knot, Pose
from .meeting import Meeting, Way, first_meeting
from .thing import Thing, near_at
from .track import Threshold

Doubles = NDArray[np.float64]

CLEAR = 0.25
"""Metres a second: slower, the jump tells the time better than the meshes."""
LATE = 0.25
"""Share of a frame that the meshes may meet after the jump."""
SUNK = 0.03
"""Metres that a mesh may sink in within a step of a simulation."""
BACK = 0.25
"""Share of a frame before the jump at which the meshes are compared, while they are apart."""


@dataclass(frozen=True, eq=False)
class Strike:
    """Two things meet at once. The normal goes from the other to the one."""

    time: float
    point: Doubles
    normal: Doubles
    closing: float
    """Metres a second."""
    impulse: float | None
    gap: int
    """The row before it."""
    unhindered: bool = False
    """No velocity jumped: they went through each other, as animated things do."""


def strikes(
    one: Thing, other: Thing, open_gaps: NDArray[np.bool_], limit: Threshold, clearance: float = 0.0
) -> list[Strike]:
    """Where velocities jump as the two things meet. ``open_gaps`` (rows - 1,): where they are near enough at all.

    ``clearance``: metres that may stay open between the meshes, as round a door.
    """
    clock = one.clock
    found: list[Strike] = []
    for knot, knot_other in _jumps(one.flight, other.flight, open_gaps, clock.step):
        strike = _strike(one, other, knot, knot_other, limit, clearance)
        if strike is not None:
            found.append(strike)
    return _once(found, limit.again)


def _jumps(
    one: Flight, other: Flight, open_gaps: NDArray[np.bool_], step: float
) -> list[tuple[Knot | None, Knot | None]]:
    """Knots of the two, paired where they are one moment."""
    mine = [knot for knot in one.knots if open_gaps[knot.gap]] if not one.still else []
    theirs = [knot for knot in other.knots if open_gaps[knot.gap]] if not other.still else []
    pairs: list[tuple[Knot | None, Knot | None]] = []
    taken: set[int] = set()
    for knot in mine:
        near = [k for k in theirs if id(k) not in taken and abs(k.time - knot.time) < 0.6 * step]
        partner = min(near, key=lambda k: abs(k.time - knot.time), default=None)
        if partner is not None:
            taken.add(id(partner))
        pairs.append((knot, partner))
    pairs += [(None, knot) for knot in theirs if id(knot) not in taken]
    return pairs


def _ways(flight: Flight, knot: Knot | None, time: float) -> tuple[Way, Way, float]:
    """The flight before and after a time, and when the one before began."""
    if flight.still:
        pose = flight.along(0, time)
        return (lambda _: pose), (lambda _: pose), -np.inf
    piece = flight.gaps.index(knot.gap) if knot is not None else flight.piece_at(time, before=True)
    after = piece + 1 if knot is not None else piece
    began = flight.knots[piece - 1].time if piece > 0 else -np.inf
    return (lambda t: flight.along(piece, t)), (lambda t: flight.along(after, t)), began


def _strike(
    one: Thing, other: Thing, knot: Knot | None, knot_other: Knot | None, limit: Threshold, clearance: float
) -> Strike | None:
    step = one.clock.step
    jumps = [k for k in (knot, knot_other) if k is not None]
    weights = np.array([k.strength**2 + 1e-12 for k in jumps])
    time = float(weights @ np.array([k.time for k in jumps]) / weights.sum())
    way, after, began = _ways(one.flight, knot, time)
    way_other, after_other, began_other = _ways(other.flight, knot_other, time)
    back = BACK * step
    began = max(began, began_other)
    if time - back < began:
        back = max(0.5 * (time - began), 0.02 * step)
    apart = time - back
    sinks = one.track.reach + other.track.reach
    reach = sinks + max(limit.touch, clearance)
    pose, pose_other = way(apart), way_other(apart)
    speed = _speed_bound(one, other, pose, pose_other)
    features = near_at(one, other, pose, pose_other, reach + 1.2 * speed * back, sinks + 0.005)
    meeting = first_meeting(features, time, back, way, way_other, limit.impact, reach)
    if meeting is None or not _parts(meeting, time, after, after_other):
        return None
    when = time
    trusted = meeting.closing > CLEAR and meeting.gap < sinks + limit.touch
    if trusted and -1.5 * step < meeting.time - time < LATE * step:
        when = meeting.time
    impulse = _impulse(one, other, knot, knot_other, meeting.normal)
    closing = _closing(one, other, way(meeting.time), way_other(meeting.time), meeting)
    if closing <= limit.impact:
        return None
    return Strike(when, meeting.point, meeting.normal, closing, impulse, jumps[0].gap)


def _closing(one: Thing, other: Thing, pose: Pose, pose_other: Pose, meeting: Meeting) -> float:
    """Metres a second. The corners of a faceted ball turn past where it touches, slower or faster than the ball comes."""
    if not (one.shape.round or other.shape.round):
        return meeting.closing
    speeds = [
        at.speed_at(at.place(thing.shape.middle[None]) if thing.shape.round else meeting.point[None])[0]
        for thing, at in ((one, pose), (other, pose_other))
    ]
    return max(float((speeds[1] - speeds[0]) @ meeting.normal), 0.0)


def _speed_bound(one: Thing, other: Thing, pose: Pose, pose_other: Pose) -> float:
    """Metres a second that anything of one moves against anything of the other near it, at most."""
    middle = pose.place(one.shape.middle[None])
    speed = pose.speed_at(middle) - pose_other.speed_at(middle)
    radius = min(one.shape.radius, other.shape.radius)
    return float(np.linalg.norm(speed)) + float(np.linalg.norm(pose.spin - pose_other.spin)) * radius


def _parts(meeting: Meeting, time: float, after: Way, after_other: Way) -> bool:
    """Whether the jump kept them from closing on."""
    point = meeting.point[None]
    speed = after(time).speed_at(point)[0] - after_other(time).speed_at(point)[0]
    return -float(speed @ meeting.normal) < 0.5 * meeting.closing


def _impulse(one: Thing, other: Thing, knot: Knot | None, knot_other: Knot | None, normal: Doubles) -> float | None:
    """Newton seconds along the normal: the momentum that the body whose mass is known gains in the jump."""
    gained = [
        thing.track.mass * abs(float(jump.velocity @ normal))
        for thing, jump in ((one, knot), (other, knot_other))
        if jump is not None and thing.track.mass is not None and thing.track.motion == "rigid"
    ]
    return max(gained) if gained else None


def _once(found: list[Strike], again: float) -> list[Strike]:
    """Strikes of one pair so close in time that they are one: the harder stays."""
    kept: list[Strike] = []
    for strike in sorted(found, key=lambda s: s.time):
        if kept and strike.time - kept[-1].time < again:
            if strike.closing > kept[-1].closing:
                kept[-1] = strike
            continue
        kept.append(strike)
    return kept


def arrivals(
    one: Thing, other: Thing, rows: NDArray[np.int64], touching: NDArray[np.bool_], limit: Threshold
) -> list[Strike]:
    """Where two things come together without any jump. ``touching`` (N,) in ``rows`` (N,), which rise."""
    found: list[Strike] = []
    reach = limit.touch / 4
    for i in range(1, len(rows)):
        if touching[i] and not touching[i - 1] and rows[i] == rows[i - 1] + 1:
            strike = _arrival(one, other, int(rows[i - 1]), reach, limit)
            if strike is not None:
                found.append(strike)
    return found


def _arrival(one: Thing, other: Thing, row: int, reach: float, limit: Threshold) -> Strike | None:
    """The touch between a row in which they are apart and the next, by halving."""
    times = one.clock.times
    low, high = float(times[row]), float(times[row + 1])
    clear = low
    for _ in range(9):
        middle = (low + high) / 2
        if len(near_at(one, other, one.flight.at(middle), other.flight.at(middle), reach, reach).pose):
            high = middle
        else:
            low = clear = middle
    ways = (one.flight.at, other.flight.at)
    pose, pose_other = ways[0](clear), ways[1](clear)
    speed = _speed_bound(one, other, pose, pose_other)
    features = near_at(one, other, pose, pose_other, 2 * reach + 2 * speed * (high - clear), reach)
    features = features.of(~_from_inside(other, features))
    meeting = first_meeting(features, clear, 0.1 * one.clock.step, ways[0], ways[1], limit.impact, np.inf)
    if meeting is None:
        return None
    closing = _closing(one, other, one.flight.at(meeting.time), other.flight.at(meeting.time), meeting)
    if closing <= limit.impact:
        return None
    return Strike(meeting.time, meeting.point, meeting.normal, closing, None, row, unhindered=True)


def _from_inside(other: Thing, features: Features) -> NDArray[np.bool_]:
    """(P,) whether what nears comes from within the other's closed mesh: it leaves, it does not arrive."""
    shape = other.shape
    if not shape.closed or not len(features.pose):
        return np.zeros(len(features.pose), bool)
    middles = shape.points[shape.corners].mean(axis=1)
    nearest = [int(np.argmin(((middles - foot) ** 2).sum(axis=1))) for foot in features.other]
    return np.einsum("pi,pi->p", shape.normals[nearest], features.normal) < -0.2


def merged(jumps: list[Strike], unhindered: list[Strike], reach: float) -> list[Strike]:
    """Both lists in one. Where a mesh sinks in by up to ``reach`` before it is stopped, its touch is the time."""
    kept: list[Strike] = []
    rest = list(unhindered)
    for strike in jumps:
        same = [u for u in rest if abs(strike.time - u.time) * u.closing <= 2 * reach + SUNK]
        rest = [u for u in rest if u not in same]
        first = min(same, key=lambda u: u.time, default=None)
        if first is not None and first.time < strike.time:
            strike = replace(strike, time=first.time, point=first.point)
        kept.append(strike)
    return sorted(kept + rest, key=lambda s: s.time)
