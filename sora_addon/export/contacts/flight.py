"""The way of a body between frames: smooth flights, joined where its velocity jumps.

Between two knots a way is a polynomial through its whole frames, in position and in the rotation vector; a knot's time is
where the flight before it and the flight after it meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .rotation import nearest_turn, turn, turned
from .track import Clock

Doubles = NDArray[np.float64]

JUMP = 0.04
"""Metres a second: smaller jumps of the velocity (of the middle, or by turning of the rim) are left in the flights."""


SHOWS = 0.05
"""Share of a knot's price that a difference must have to speak for it."""


@dataclass(frozen=True, eq=False)
class Pose:
    """Where a body is at a time, and how it moves. World axes."""

    rotation: Doubles
    """(3, 3)."""
    origin: Doubles
    """(3,) metres."""
    velocity: Doubles
    """(3,) metres a second, of the origin."""
    spin: Doubles
    """(3,) radians a second."""

    def place(self, points: Doubles) -> Doubles:
        """(N, 3) own axes to the world."""
        return points @ self.rotation.T + self.origin

    def speed_at(self, points: Doubles) -> Doubles:
        """(N, 3) velocity of the material that is at world ``points`` (N, 3)."""
        return self.velocity + np.cross(self.spin, points - self.origin)


@dataclass(frozen=True, eq=False)
class Knot:
    """A jump of the velocity between the rows ``gap`` and ``gap + 1``."""

    gap: int
    time: float
    velocity: Doubles
    """(3,) jump of the origin's velocity."""
    spin: Doubles
    """(3,) jump of the spin."""
    strength: float
    """Metres a second, of the origin or of the rim."""


class Flight:
    """The motion of one rigid frame."""

    def __init__(
        self, clock: Clock, origins: Doubles, rotations: Doubles, radius: float, gravity: Doubles | None = None
    ) -> None:
        """``origins`` (rows, 3), ``rotations`` (rows, 3, 3); ``radius`` metres from the origin to the rim.

        ``gravity`` (3,) is given for what a simulation moves: it stands in where a flight has two frames only.
        """
        self.clock, self.times = clock, clock.times
        self.origins, self.rotations, self.radius = origins, rotations, max(radius, 1e-6)
        self.gravity = gravity
        self.most = 3 if gravity is not None else 4
        self.turns = turned(rotations[1:] @ np.swapaxes(rotations[:-1], 1, 2)) if len(origins) > 1 else np.zeros((0, 3))
        steps = np.diff(origins, axis=0)
        # Metres that anything of the body moves in a step, at most.
        self.travel = np.linalg.norm(steps, axis=1) + np.linalg.norm(self.turns, axis=1) * self.radius
        share = 0.01 if gravity is not None else 0.05  # animated ways bend more sharply than falls
        self.still = not len(steps) or float(self.travel.max()) < 1e-6
        self.gaps = [] if self.still else _gaps(steps, self.turns, self.radius, clock.step, self.most, share)
        self.first_rows = np.array([0] + [gap + 1 for gap in self.gaps])
        self.last_rows = np.array([*self.gaps, len(origins) - 1])

    @cached_property
    def knots(self) -> list[Knot]:
        """In order of time."""
        return [self._knot(i) for i in range(len(self.gaps))]

    @cached_property
    def _knot_times(self) -> Doubles:
        return np.array([knot.time for knot in self.knots])

    def knot_in(self, low: int, high: int) -> list[Knot]:
        """Knots between the rows ``low`` and ``high``."""
        return [knot for knot in self.knots if low <= knot.gap < high]

    def piece_at(self, time: float, before: bool = False) -> int:
        """The flight that a time is in; the earlier one of a knot's own time if ``before``."""
        if not self.gaps:
            return 0
        return int(np.searchsorted(self._knot_times, time, side="left" if before else "right"))

    def at(self, time: float, before: bool = False) -> Pose:
        """The pose at a time, between frames too."""
        return self.along(self.piece_at(time, before), time)

    def along(self, piece: int, time: float) -> Pose:
        """The pose at a time if that flight went on, beyond its knots too."""
        if self.still:
            zero = np.zeros(3)
            return Pose(self.rotations[0], self.origins[0], zero, zero)
        low, high = int(self.first_rows[piece]), int(self.last_rows[piece])
        rows = self._rows(low, high, time)
        since = time - self.times[rows]
        reference = int(rows[np.argmin(np.abs(since))])
        angles = self._angles(rows, reference)
        if len(rows) == 1:
            velocity, spin = self._single(piece, int(rows[0]))
            ahead = float(since[0])
            origin = self.origins[reference] + velocity * ahead
            return Pose(turn(spin * ahead) @ self.rotations[reference], origin, velocity, spin)
        positions = self.origins[rows]
        if len(rows) == 2:
            positions = positions - 0.5 * self._fall(piece) * since[:, None] ** 2
        powers = (-since[:, None]) ** np.arange(len(rows))
        fitted = np.asarray(np.linalg.solve(powers, np.concatenate([positions, angles], axis=1)), np.float64)
        rotation = turn(fitted[0, 3:]) @ self.rotations[reference]
        return Pose(rotation, fitted[0, :3], fitted[1, :3], fitted[1, 3:])

    def _fall(self, piece: int) -> Doubles:
        """The acceleration of a flight too short to tell: gravity, if the last flight that tells was a free one."""
        if self.gravity is None:
            return np.zeros(3)
        for earlier in range(piece - 1, -1, -1):
            low, high = int(self.first_rows[earlier]), int(self.last_rows[earlier])
            if high - low >= 2:
                last = self.origins[high] - 2 * self.origins[high - 1] + self.origins[high - 2]
                share = float(last @ self.gravity) * self.clock.fps**2 / float(self.gravity @ self.gravity)
                return self.gravity if share > 0.5 else np.zeros(3)
        return self.gravity

    def _rows(self, low: int, high: int, time: float) -> NDArray[np.int64]:
        """The few rows of a flight that are nearest to a time."""
        place = (time - self.times[0]) * self.clock.fps
        count = min(self.most, high - low + 1)
        begin = int(np.clip(np.floor(place) - (count - 1) // 2, low, high - count + 1))
        return np.arange(begin, begin + count)

    def _angles(self, rows: NDArray[np.int64], reference: int) -> Doubles:
        """Rotation vectors of rows from a reference row among them, full turns followed from row to row."""
        angles = np.zeros((len(rows), 3))
        where = int(np.flatnonzero(rows == reference)[0])
        for i in range(where + 1, len(rows)):
            guess = angles[i - 1] + self.turns[rows[i - 1]]
            angles[i] = nearest_turn(turned(self.rotations[rows[i]] @ self.rotations[reference].T), guess)
        for i in range(where - 1, -1, -1):
            guess = angles[i + 1] - self.turns[rows[i]]
            angles[i] = nearest_turn(turned(self.rotations[rows[i]] @ self.rotations[reference].T), guess)
        return angles

    def _single(self, piece: int, row: int) -> tuple[Doubles, Doubles]:
        """Velocity and spin of a flight that one frame shows: from where its neighbours left it to where they took it."""
        step = self.clock.step
        rows = [r for r in (row - 1, row + 1) if 0 <= r < len(self.origins)]
        if len(rows) < 2:
            other = rows[0]
            sign = 1 if other > row else -1
            return (self.origins[other] - self.origins[row]) * sign / step, self.turns[min(row, other)] / step
        ahead = self.origins[row + 1] - self.origins[row]
        behind = self.origins[row] - self.origins[row - 1]
        return (ahead + behind) / (2 * step), (self.turns[row] + self.turns[row - 1]) / (2 * step)

    def _knot(self, index: int) -> Knot:
        """Solve where two neighbouring flights meet: Newton steps on their squared distance, rim and middle alike."""
        gap = self.gaps[index]
        low, high = self.times[gap] - 0.05 * self.clock.step, self.times[gap + 1] + 0.05 * self.clock.step
        time = (low + high) / 2
        for _ in range(6):
            before, after = self.along(index, time), self.along(index + 1, time)
            velocity, spin = after.velocity - before.velocity, after.spin - before.spin
            apart = after.origin - before.origin
            angle = turned(after.rotation @ before.rotation.T)
            weight = self.radius**2 / 2
            slope = float(velocity @ velocity + weight * spin @ spin)
            if slope < 1e-9:
                break
            ahead = -float(apart @ velocity + weight * angle @ spin) / slope
            moved = float(np.clip(time + ahead, low, high))
            if abs(moved - time) < 1e-7:
                time = moved
                break
            time = moved
        before, after = self.along(index, time), self.along(index + 1, time)
        velocity, spin = after.velocity - before.velocity, after.spin - before.spin
        strength = max(float(np.linalg.norm(velocity)), self.radius * float(np.linalg.norm(spin)))
        return Knot(gap, time, velocity, spin, strength)


def _gaps(steps: Doubles, turns: Doubles, radius: float, step: float, order: int, share: float) -> list[int]:
    """The steps from row to row in which a velocity jumps.

    The differences of that ``order`` vanish along a flight, and jump in the ``order`` windows that hold a knot. The
    knots are the fewest that explain every difference: the least sum of squares of what they leave and of a price each
    (dynamic programming over the steps, the state being how long ago the last knot was).
    """
    count = len(steps)
    if count < order:
        return []
    moved = np.concatenate([steps, turns * radius], axis=1) / step
    left = (np.diff(moved, n=order - 1, axis=0) ** 2).sum(axis=1)
    speed = np.linalg.norm(moved, axis=1)
    price = 0.5 * (JUMP + share * speed) ** 2
    # A knot shows in each of its windows; one that shows in some alone is likely its neighbour's.
    shows = np.stack([np.pad(left, (order - 1, order - 1))[i : i + count] for i in range(order)])
    price *= 2.0 - (shows > SHOWS * price).mean(axis=0)
    best = np.full(order + 1, np.inf)
    best[order] = 0.0
    came: list[NDArray[np.int64]] = []
    for gap in range(count):
        after = np.full(order + 1, np.inf)
        source = np.full(order + 1, -1)
        cheapest = int(np.argmin(best))
        after[0], source[0] = best[cheapest] + price[gap], cheapest
        after[1:order], source[1:order] = best[: order - 1], np.arange(order - 1)
        oldest = order if best[order] <= best[order - 1] else order - 1
        unexplained = left[gap - order + 1] if gap >= order - 1 else 0.0
        after[order], source[order] = best[oldest] + unexplained, oldest
        best = after
        came.append(source)
    state = int(np.argmin(best))
    found: list[int] = []
    for gap in range(count - 1, -1, -1):
        if state == 0:
            found.append(gap)
        state = int(came[gap][state])
    return found[::-1]
