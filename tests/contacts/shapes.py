"""Meshes and trajectories made by formula, whose contacts are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sora_addon.export.contacts import Clock, Track
from sora_addon.export.contacts.rotation import turn

Doubles = NDArray[np.float64]
Mesh = tuple[Doubles, NDArray[np.int32]]
G = 9.81


def box(x: float, y: float, z: float, middle: tuple[float, float, float] = (0, 0, 0)) -> Mesh:
    """A box with those sides."""
    points = np.array([[a, b, c] for a in (-x, x) for b in (-y, y) for c in (-z, z)], np.float64) / 2 + middle
    faces = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    corners = [c for a, b, d, e in faces for c in ((a, b, d), (a, d, e))]
    return points, np.array(corners, np.int32)


def ball(radius: float, rings: int = 16) -> Mesh:
    """A ball with a vertex at its lowest point."""
    down, round_ = np.linspace(0, np.pi, rings + 1)[1:-1], np.linspace(0, 2 * np.pi, 2 * rings, endpoint=False)
    t, p = np.meshgrid(down, round_, indexing="ij")
    middle = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], -1).reshape(-1, 3)
    points = np.concatenate([middle, [[0, 0, 1], [0, 0, -1]]]) * radius
    i = np.arange(len(middle)).reshape(rings - 1, 2 * rings)
    j = np.roll(i, -1, axis=1)
    top, bottom = len(middle), len(middle) + 1
    quads = [np.stack([i[:-1], i[1:], j[1:]], -1), np.stack([i[:-1], j[1:], j[:-1]], -1)]
    corners = [quad.reshape(-1, 3) for quad in quads]
    corners.append(np.stack([np.full(2 * rings, top), i[0], j[0]], -1))
    corners.append(np.stack([i[-1], np.full(2 * rings, bottom), j[-1]], -1))
    return points, np.concatenate(corners).astype(np.int32)


def floor(size: float, cells: int = 1) -> Mesh:
    """A level square at z = 0, facing up."""
    x = np.linspace(-size / 2, size / 2, cells + 1)
    grid = np.stack(np.meshgrid(x, x, indexing="ij"), -1).reshape(-1, 2)
    points = np.concatenate([grid, np.zeros((len(grid), 1))], axis=1)
    i = np.arange(len(grid)).reshape(cells + 1, cells + 1)
    a, b, c, d = (part.ravel() for part in (i[:-1, :-1], i[1:, :-1], i[1:, 1:], i[:-1, 1:]))
    return points, np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)


def clock(seconds: float, fps: float = 24.0) -> Clock:
    return Clock(fps=fps, rows=round(seconds * fps) + 2)


def still(body: int, mesh: Mesh, place: tuple[float, float, float] = (0, 0, 0), **more: object) -> Track:
    world = np.eye(4)[None].copy()
    world[0, :3, 3] = place
    return Track(body, "still", world, *mesh, **more)  # type: ignore[arg-type]


Way = Callable[[float], tuple[Doubles, Doubles]]
"""Place (3,) and rotation vector (3,) at a time."""


def moving(body: int, mesh: Mesh, when: Clock, way: Way, motion: str = "rigid", **more: object) -> Track:
    """A track along ``way``, rounded to float32 as Blender's matrices are."""
    worlds = np.zeros((when.rows, 4, 4))
    for row, time in enumerate(when.times):
        place, vector = way(float(time))
        worlds[row, :3, :3] = turn(np.asarray(vector, np.float64))
        worlds[row, :3, 3] = place
        worlds[row, 3, 3] = 1
    worlds = worlds.astype(np.float32).astype(np.float64)
    return Track(body, motion, worlds, *mesh, **more)  # type: ignore[arg-type]


def bounces(
    height: float, restitution: float, seconds: float, slowest: float = 0.1
) -> tuple[list[float], Callable[[float], float]]:
    """Times of the bounces of something that falls from ``height`` at time 0, and its height at any time."""
    times, speeds = [np.sqrt(2 * height / G)], [np.sqrt(2 * G * height) * restitution]
    while times[-1] < seconds and speeds[-1] > slowest:
        times.append(times[-1] + 2 * speeds[-1] / G)
        speeds.append(speeds[-1] * restitution)

    def at(time: float) -> float:
        if time <= 0:
            return height
        if time < times[0]:
            return height - G * time**2 / 2
        which = int(np.searchsorted(times, time, side="right")) - 1
        if which >= len(times) - 1 and speeds[-1] <= slowest:
            return 0.0
        since = time - times[which]
        return speeds[which] * since - G * since**2 / 2

    return [float(t) for t in times], at


def worst(found: list[float], truth: list[float]) -> float:
    """The largest distance from a time of the truth to the nearest one found, seconds."""
    assert found, "nothing was found"
    return max(min(abs(a - b) for b in found) for a in truth)
