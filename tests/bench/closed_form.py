"""A scene of flat squares in closed form: where they stand, how the camera moves, and what each pixel must hold.

Numpy alone: Blender's side builds the scene from it, the engine's side knows the truth from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

WIDTH, HEIGHT = 256, 144
FIRST, LAST = 1, 3
SENSOR = 36.0
SHIFT = (0.05, -0.03)
SCALE = 7.0
"""Metres that the parallel camera sees across."""


@dataclass(frozen=True)
class Square:
    """A square in its own xy plane about its origin, which is at ``at`` and turned by ``turn`` (Euler XYZ) in frame 0."""

    name: str
    side: float
    at: tuple[float, float, float]
    turn: tuple[float, float, float]
    moves: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Metres a frame."""
    turns: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Radians a frame."""

    def place(self, frame: float) -> tuple[Doubles, Doubles]:
        """Location and Euler XYZ angles."""
        return np.add(self.at, np.multiply(self.moves, frame)), np.add(self.turn, np.multiply(self.turns, frame))

    def world(self, frame: float) -> Doubles:
        return matrix(*self.place(frame))


SQUARES = [
    Square("Floor", 60.0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)),
    Square("Wall", 5.0, (-1.0, 4.0, 1.5), (1.4, 0.1, 0.3), moves=(0.04, -0.03, 0.02), turns=(0.01, 0.0, -0.02)),
    Square("Spinner", 1.2, (0.7, 1.0, 0.9), (1.1, 0.4, -0.2), moves=(-0.05, 0.0, 0.03), turns=(0.02, 0.05, 0.11)),
    Square("Near", 0.5, (-0.5, -1.5, 0.8), (1.3, -0.2, 0.5), moves=(0.03, 0.02, 0.0), turns=(0.0, 0.0, 0.15)),
]


def camera_place(frame: float) -> tuple[Doubles, Doubles]:
    """Location and Euler XYZ angles of Blender's camera: it walks, pans and rolls."""
    place = np.array([0.1 * frame, -4.0 + 0.05 * frame, 1.5 + 0.02 * frame])
    return place, np.array([math.radians(82) + 0.004 * frame, 0.01 * frame, 0.02 * frame])


def lens(frame: float) -> float:
    """Millimetres."""
    return 30.0 + 0.8 * frame


def matrix(place: Doubles, turn: Doubles) -> Doubles:
    """(4, 4) of a location and Euler XYZ angles."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(turn), np.sin(turn)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    made = np.eye(4)
    made[:3, :3], made[:3, 3] = about_z @ about_y @ about_x, place
    return made


@dataclass(frozen=True)
class View:
    """The camera of a frame: x right, y down, z forward."""

    world: Doubles
    focal: float
    """Pixels; of a parallel camera, pixels a metre."""
    middle: Doubles
    parallel: bool

    @classmethod
    def of(cls, frame: float, parallel: bool) -> View:
        world = matrix(*camera_place(frame)) @ np.diag([1.0, -1.0, -1.0, 1.0])
        focal = WIDTH / SCALE if parallel else lens(frame) / SENSOR * WIDTH
        middle = np.array([WIDTH / 2 - SHIFT[0] * WIDTH, HEIGHT / 2 + SHIFT[1] * WIDTH])
        return cls(world, focal, middle, parallel)

    def rays(self) -> tuple[Doubles, Doubles]:
        """(H, W, 3) each, in camera axes: where the ray of each pixel starts, and its direction, one metre deep."""
        row, column = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
        across, down = (column - self.middle[0]) / self.focal, (row - self.middle[1]) / self.focal
        none, one = np.zeros_like(across), np.ones_like(across)
        if self.parallel:
            return np.stack([across, down, none], -1), np.stack([none, none, one], -1)
        return np.stack([none, none, none], -1), np.stack([across, down, one], -1)

    def pixels(self, points: Doubles) -> Doubles:
        """(..., 2) where world ``points`` (..., 3) are seen."""
        local = (points - self.world[:3, 3]) @ self.world[:3, :3]
        # where nothing is, the point is the camera itself
        deep = 1.0 if self.parallel else np.where(local[..., 2:] > 0, local[..., 2:], np.nan)
        return local[..., :2] / deep * self.focal + self.middle


@dataclass(frozen=True)
class TruePixels:
    """(H, W, ...) of a frame: what stands there (-1: nothing), how deep, which way it looks, how it moves."""

    square: NDArray[np.int64]
    depth: Doubles
    normal: Doubles
    to_next: Doubles
    from_previous: Doubles


def truth(frame: int, parallel: bool) -> TruePixels:
    """Every pixel of ``frame``: a ray against four planes."""
    view = View.of(frame, parallel)
    start, along = view.rays()
    depth = np.full((HEIGHT, WIDTH), np.inf)
    found = np.full((HEIGHT, WIDTH), -1)
    normal = np.zeros((HEIGHT, WIDTH, 3))
    for number, square in enumerate(SQUARES):
        local = np.linalg.inv(view.world) @ square.world(frame)
        axis, origin = local[:3, 2], local[:3, 3]
        deep = ((origin - start) @ axis) / (along @ axis)
        inside = np.abs((start + along * deep[..., None] - origin) @ local[:3, :2]).max(-1) <= square.side / 2
        hit = inside & (deep > 0.1) & (deep < depth)
        depth[hit], found[hit] = deep[hit], number
        facing = np.where((along @ axis < 0)[..., None], axis, -axis)
        normal[hit] = facing[hit]
    points = start + along * np.where(np.isfinite(depth), depth, 0.0)[..., None]
    here = view.pixels(points @ view.world[:3, :3].T + view.world[:3, 3])
    motion = []
    for other in (frame + 1, frame - 1):
        there = np.full((HEIGHT, WIDTH, 2), np.nan)
        for number, square in enumerate(SQUARES):
            carry = square.world(other) @ np.linalg.inv(square.world(frame)) @ view.world
            carried = View.of(other, parallel).pixels(points @ carry[:3, :3].T + carry[:3, 3])
            there[found == number] = carried[found == number]
        motion.append(there - here)
    return TruePixels(found, depth, normal, motion[0], -motion[1])


def away_from_edges(square: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Pixels whose eight neighbours show the same square; none on the picture's border."""
    same = np.ones_like(square, bool)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            same &= np.roll(square, (down, across), (0, 1)) == square
    same[[0, -1]] = same[:, [0, -1]] = False
    return same
