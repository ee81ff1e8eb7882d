"""All contacts of a shot: who may meet whom, and what each pair does."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ...contract import Contact, Vector, vector
from .close import FIT, closes, gentle_closings, swing
from .drops import drop_contacts
from .lasting import Rub, patches, rubs
from .steps import landings
from .strikes import Strike, arrivals, merged, strikes
from .thing import Thing, near_in_rows
from .track import THRESHOLD, Clock, Drops, Threshold, Track, rigid_motion

Doubles = NDArray[np.float64]
SHARE = 0.8
"""Of its closing speed that a blow must find in what harder blows leave of a jump."""
EARTH = (0.0, 0.0, -9.81)


def solve(
    tracks: Sequence[Track],
    clock: Clock,
    drops: Sequence[Drops] = (),
    gravity: Vector = EARTH,
    limit: Threshold = THRESHOLD,
) -> list[Contact]:
    """Contacts of ``tracks`` and ``drops``, in order of time."""
    steps = solving(tracks, clock, drops, gravity, limit)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def solving(
    tracks: Sequence[Track],
    clock: Clock,
    drops: Sequence[Drops] = (),
    gravity: Vector = EARTH,
    limit: Threshold = THRESHOLD,
) -> Generator[tuple[int, int], None, list[Contact]]:
    """As ``solve``, a step at a time: steps done and steps in all, and the contacts as the generator's value."""
    things: list[Thing] = []
    bending: list[Track] = []
    for track in tracks:
        if not len(track.corners):
            continue
        if track.sound == "water" and (track.deformed is not None or track.motion == "deforming"):
            things.append(Thing(_at_rest(track), clock, np.array(gravity)))
        elif track.deformed is not None:
            bending.append(track)
        elif rigid_motion(track.worlds, track.points) is None:
            bending.append(_as_deforming(track))
        else:
            thing = Thing(track, clock, np.array(gravity))
            if not thing.shape.empty:
                things.append(thing)
    pairs = _pairs(things)
    found: list[Contact] = []
    blows: list[_Blow] = []
    works: list[Callable[[], list[Contact]]] = [partial(_pair, *pair, limit, blows) for pair in pairs]
    works += [partial(landings, track, things, clock, limit) for track in bending]
    works += [partial(drop_contacts, system, things, clock, limit) for system in drops]
    for done, work in enumerate(works):
        yield done, len(works)
        found += work()
    found += [_contact(blow) for blow in _caused(blows)]
    return sorted((c for c in found if _shown(c, clock)), key=lambda c: (c.time, c.bodies))


def _at_rest(track: Track) -> Track:
    """Water as it lies before anything falls in: what its waves do is heard as the splash, not as blows of its own."""
    return replace(track, motion="still", worlds=track.worlds[:1], deformed=None)


def _as_deforming(track: Track) -> Track:
    moved = np.einsum("fij,vj->fvi", track.worlds[:, :3, :3], track.points) + track.worlds[:, None, :3, 3]
    return replace(track, deformed=moved)


def _shown(contact: Contact, clock: Clock) -> bool:
    if contact.until is not None:
        return contact.until > 0 and contact.time < clock.end
    return clock.holds(contact.time)


@dataclass(frozen=True, eq=False)
class _Swept:
    """Bounds of what a thing passes through from row to row."""

    low: Doubles
    high: Doubles


def _pairs(things: list[Thing]) -> list[tuple[Thing, Thing, NDArray[np.bool_]]]:
    """Pairs that may meet, and the steps from row to row in which their bounds do."""
    swept = []
    for thing in things:
        margin = thing.track.reach + THRESHOLD.touch
        # What bounces between two frames goes further than both show: as far as the steps around go, at most.
        travel = np.zeros(thing.clock.rows - 1)
        if not thing.still:
            steps = np.concatenate([thing.flight.travel[:1], thing.flight.travel, thing.flight.travel[-1:]])
            travel = np.maximum(np.maximum(steps[:-2], steps[1:-1]), steps[2:])
        travel = travel[:, None]
        low = np.minimum(thing.low[:-1], thing.low[1:]) - margin - travel
        high = np.maximum(thing.high[:-1], thing.high[1:]) + margin + travel
        swept.append(_Swept(low, high))
    found = []
    for i, one in enumerate(things):
        for j in range(i + 1, len(things)):
            other = things[j]
            if one.track.body == other.track.body or (one.still and other.still):
                continue
            near = (swept[i].low <= swept[j].high).all(axis=1) & (swept[j].low <= swept[i].high).all(axis=1)
            if near.any():
                found.append((one, other, near))
    return found


@dataclass(frozen=True, eq=False)
class _Blow:
    """A strike, and who it was between."""

    one: Thing
    other: Thing
    strike: Strike


def _caused(blows: list[_Blow]) -> list[_Blow]:
    """Blows without those that a harder one of the same moment has brought about.

    A body whose velocity jumps is near everything that it leans on; each of these would claim the jump. The hardest blow
    takes out of it what lies along its own normal; a softer one needs that something is left along its own.
    """
    kept: list[_Blow] = []
    for blow in sorted(blows, key=lambda b: -b.strike.closing):
        verdicts = [
            _left(blow, thing, [b for b in kept if thing in (b.one, b.other) and b.strike.gap == blow.strike.gap])
            for thing in (blow.one, blow.other)
        ]
        if blow.strike.unhindered or True in verdicts or set(verdicts) == {None}:
            kept.append(blow)
    return kept


def _left(blow: _Blow, thing: Thing, harder: list[_Blow]) -> bool | None:
    """Whether the harder blows leave enough of the thing's jump to this one; None where it did not jump."""
    knots = [] if thing.still else [knot for knot in thing.flight.knots if knot.gap == blow.strike.gap]
    if not knots:
        return None
    pose = thing.flight.at(blow.strike.time)
    jump = knots[0].velocity + np.cross(knots[0].spin, blow.strike.point - pose.origin)
    for other in harder:
        jump = jump - (jump @ other.strike.normal) * other.strike.normal
    return not harder or abs(float(jump @ blow.strike.normal)) > SHARE * blow.strike.closing


def _pair(one: Thing, other: Thing, gaps: NDArray[np.bool_], limit: Threshold, blows: list[_Blow]) -> list[Contact]:
    """What lasts between two things; what happens at once goes to ``blows``."""
    wet = "water" in (one.track.sound, other.track.sound)
    hangs = other.track.body in one.track.partners or one.track.body in other.track.partners
    swings = [a for a, b in ((one, other), (other, one)) if swing(a, b) is not None]
    clearance = FIT * max((door.shape.radius for door in swings), default=0.0)
    jumps = [] if wet else strikes(one, other, gaps, limit, clearance)
    for shut in gentle_closings(one, other, limit) if swings else []:
        if all(abs(shut.time - jump.time) > 0.1 for jump in jumps):
            jumps.append(shut)
    rows = np.flatnonzero(np.concatenate([gaps, [False]]) | np.concatenate([[False], gaps]))
    found: list[Contact] = []
    reach = one.track.reach + other.track.reach
    features = near_in_rows(one, other, rows, limit.touch + reach, reach + 0.005)
    touching = np.bincount(features.pose, minlength=len(rows)) > 0
    unhindered = [] if hangs else arrivals(one, other, rows, touching, limit)
    blows += [_Blow(one, other, strike) for strike in merged(jumps, unhindered, reach)]
    if not wet and not hangs and touching.any() and not _hinged(one, other, rows, touching):
        for rub in rubs(one, other, patches(one, other, rows, features), limit):
            found.append(_lasting(one, other, rub))
    return found


def _hinged(one: Thing, other: Thing, rows: NDArray[np.int64], touching: NDArray[np.bool_]) -> bool:
    """Whether two things touch all through the shot and only turn on one spot: an axle, a hinge, a hub."""
    if not touching.all() or len(rows) < one.clock.rows:
        return False
    _, origins = one.poses(rows)
    rotations_other, origins_other = other.poses(rows)
    back = np.swapaxes(rotations_other, 1, 2)
    offset = (back @ (origins - origins_other)[:, :, None])[:, :, 0]
    return float(np.ptp(offset, axis=0).max()) < 0.01 * min(one.shape.radius, other.shape.radius)


def _contact(blow: _Blow) -> Contact:
    one, other, strike = blow.one, blow.other, blow.strike
    kind = "impact"
    if "water" in (one.track.sound, other.track.sound):
        kind = "splash"
    elif one.track.feet or other.track.feet:
        kind = "step"
    elif closes(one, other, strike):
        kind = "close"
    return Contact(
        kind=kind,
        time=strike.time,
        bodies=(one.track.body, other.track.body),
        point=vector(strike.point),
        normal=vector(strike.normal),
        speed=strike.closing,
        impulse=strike.impulse,
    )


def _lasting(one: Thing, other: Thing, rub: Rub) -> Contact:
    return Contact(
        kind=rub.kind,
        time=rub.time,
        bodies=(one.track.body, other.track.body),
        point=vector(rub.points[0]),
        normal=vector(rub.normal),
        speed=float(rub.speeds.mean()),
        until=rub.until,
        speeds=[float(speed) for speed in rub.speeds],
        points=[vector(point) for point in rub.points],
    )
