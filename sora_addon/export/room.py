"""The space around the camera, as sound will meet it: found with rays, as an ear would with a clap."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from mathutils import Vector as Arrow
from numpy.typing import NDArray

from ..contract import Box, Room, Sound

RAYS = 256
ENCLOSED_SHARE = 0.9
"""Of the rays that go level or upwards, those that must meet something: a door or a window may stand open."""
FARTHEST = 1000.0
"""Metres; walls beyond it send no echo that is heard as a room."""
TRIM = 3.0
"""Percent of the hits left out at either end of an axis: those that went out of the window."""
SHAPED = ("MESH", "CURVE", "SURFACE", "FONT", "META")


def room_of(
    scene: Any, depsgraph: Any, eye: tuple[float, float, float], unit: float, sound_of: Callable[[Any], Sound]
) -> Room | None:
    """The room around ``eye`` (metres, world), at the frame where the scene stands; None for an empty scene.

    ``unit``: metres of a Blender unit. ``sound_of`` says what an object is made of; the room's walls are what most rays
    meet.
    """
    hits: list[NDArray[np.float64]] = []
    met: Counter[Any] = Counter()
    level_or_up = closed = 0
    for direction in sphere_directions(RAYS):
        hit = _first_hit(scene, depsgraph, Arrow(eye) / unit, Arrow(direction), FARTHEST / unit)
        if direction[2] > -0.05:
            level_or_up += 1
            closed += hit is not None
        if hit is not None:
            hits.append(np.array(hit[0]) * unit)
            met[hit[1]] += 1
    if hits and closed >= ENCLOSED_SHARE * level_or_up:
        points = np.array(hits)
        low, high = np.percentile(points, TRIM, axis=0), np.percentile(points, 100.0 - TRIM, axis=0)
        return Room(_box(low, high), True, sound_of(met.most_common(1)[0][0]))
    corners = scene_corners(depsgraph) * unit
    if not len(corners):
        return None
    corners = np.vstack([corners, eye])
    return Room(
        _box(corners.min(axis=0), corners.max(axis=0)), False, sound_of(met.most_common(1)[0][0]) if met else "generic"
    )


def sphere_directions(count: int) -> NDArray[np.float64]:
    """(count, 3) unit vectors evenly over the sphere: a Fibonacci spiral (Swinbank and Purser 2006)."""
    index = np.arange(count) + 0.5
    z = 1.0 - 2.0 * index / count
    turn = math.pi * (1.0 + math.sqrt(5.0)) * index
    radius = np.sqrt(1.0 - z * z)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), z], axis=1)


def scene_corners(depsgraph: Any) -> NDArray[np.float64]:
    """(8 N, 3) corners of the bounds of everything that is rendered, Blender units, world."""
    boxes = []
    for instance in depsgraph.object_instances:
        thing = instance.object
        if thing.type in SHAPED and not thing.original.hide_render:
            world = np.array(instance.matrix_world)
            boxes.append(np.array(thing.bound_box) @ world[:3, :3].T + world[:3, 3])
    points = np.array(boxes, np.float64).reshape(-1, 3)
    return points[np.isfinite(points).all(axis=1)]


def _first_hit(scene: Any, depsgraph: Any, start: Arrow, direction: Arrow, farthest: float) -> tuple[Arrow, Any] | None:
    """Where a ray meets something that is rendered; it passes through what is only there in the viewport."""
    left = farthest
    while left > 0.0:
        found, place, _, _, thing, _ = scene.ray_cast(depsgraph, start, direction, distance=left)
        if not found:
            return None
        if not thing.original.hide_render:
            return place, thing.original
        step = (place - start).length + 1e-4 * farthest
        start, left = start + direction * step, left - step
    return None


def _box(low: NDArray[np.float64], high: NDArray[np.float64]) -> Box:
    return Box(tuple(low.tolist()), tuple(high.tolist()))
