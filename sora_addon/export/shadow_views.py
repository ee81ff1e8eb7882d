"""Which depth maps a lamp's shadow needs, fitted to what casts it and to what is seen. Plain numpy: no bpy here.

Maps are aimed along axes that stand still with the lamp, and their frames snap to their texels, so that shadow edges do
not crawl when the camera moves. What cannot throw a shadow on anything else (the floor that all stands on) is left out:
it would only spread the map thin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]

WIDEST = 2.0
"""Tangent to either side up to which one perspective map serves; wider lamps get the six faces of a cube."""
MARGIN = 0.04
"""Of a map's width, around what was fitted: the points that were fitted are only some of those seen."""
DEEPEST = 2000.0
"""Far over near of a perspective map, at most: float32 depth stays exact to 1e-4 of the distance."""

_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=np.float64)
_FACES = np.array(
    [
        [[1, 0, 0], [0, 1, 0], [0, 0, -1]],
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
        [[0, 1, 0], [0, 0, 1], [-1, 0, 0]],
        [[1, 0, 0], [0, 0, 1], [0, 1, 0]],
        [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
    ],
    dtype=np.float64,
)
"""Across, up and forward of each face in the lamp's axes: -z, z, x, -x, y, -y, as ``lamp_shadow.glsl`` chooses them."""


@dataclass(frozen=True, eq=False)
class View:
    """One depth map."""

    clip: Doubles
    """(4, 4) world to clip axes; depth grows away from the lamp."""
    spread: float
    """How far a filter spreads for a difference in depth of 1, as ``lamp_shadow.glsl`` uses it."""
    texel_depth: float
    """Depth (0 to 1) that a map of one texel would rise in it at a slope of 1; under perspective, times the distance."""


@dataclass(frozen=True, eq=False)
class Casters:
    """The boxes around what may throw shadows. ``slabs`` are those whose mesh is no more than a plane or a box."""

    corners: Doubles
    """(C, 8, 3) world."""
    casts: Flags
    slabs: Flags

    def without_floors(self, lamp: Doubles, *, sun: bool) -> Flags:
        """(C,) which of them can throw a shadow on anything but themselves.

        ``lamp`` is the lamp's place, or the direction towards the sun. A slab cannot if all else, the lamp too, lies on
        the outer side of one of its faces (but for 2 % of its own size, for what rests a little inside).
        """
        keep = self.casts.copy()
        sizes = np.linalg.norm(self.corners[:, 7] - self.corners[:, 0], axis=1)
        for slab in np.flatnonzero(self.slabs & self.casts):
            corners = self.corners[slab]
            origin, sides = corners[0], corners[[4, 2, 1]] - corners[0]
            for axis in range(3):
                normal = np.cross(sides[axis - 2], sides[axis - 1])
                length = np.linalg.norm(normal)
                if length < 1e-12 * max(sizes[slab], 1e-9) ** 2:
                    continue
                normal /= length
                for outwards, point in ((-normal, origin), (normal, origin + sides[axis])):
                    if np.dot(outwards, point - corners.mean(0)) < -1e-9:
                        outwards = -outwards
                    height = (self.corners - point) @ outwards
                    height[slab] = 0.0
                    above = lamp @ outwards if sun else (lamp - point) @ outwards
                    if above > 0.0 and np.all(height.min(1) >= -0.02 * sizes - 1e-6):
                        keep[slab] = False
        return keep


def box_corners(low: Doubles, high: Doubles, world: Doubles) -> Doubles:
    """(8, 3) world corners of a box in a mesh's axes."""
    return (low + _CORNERS * (high - low)) @ world[:3, :3].T + world[:3, 3]


def sun_view(forward: Doubles, across: Doubles, seen: Doubles, casters: Doubles, texels: int) -> View | None:
    """The map of a sun that shines along ``forward``; None where no shadow can be seen.

    ``across`` fixes the map's turn, ``seen`` is (P, 3) and ``casters`` (C, 8, 3), both in the world.
    """
    if not len(seen) or not len(casters):
        return None
    axes = _axes(forward, across)
    points, boxes = seen @ axes.T, casters @ axes.T
    low, high = points.min(0), points.max(0)
    lows, highs = boxes.min(1), boxes.max(1)
    meets = np.all(lows[:, :2] <= high[:2], 1) & np.all(highs[:, :2] >= low[:2], 1) & (lows[:, 2] <= high[2])
    if not meets.any():
        return None
    lows, highs = lows[meets].min(0), highs[meets].max(0)
    frame = _frame(np.maximum(low, lows)[:2], np.minimum(high, highs)[:2], texels)
    near, far = lows[2], max(high[2], lows[2] + 1e-3)
    pad = 0.01 * (far - near)
    near, far = near - pad, far + pad
    view = np.eye(4)
    view[:3, :3] = axes
    project = np.diag([2.0 / frame[2], 2.0 / frame[3], 2.0 / (far - near), 1.0])
    project[:3, 3] = [-2.0 * frame[0] / frame[2], -2.0 * frame[1] / frame[3], -(far + near) / (far - near)]
    return View(project @ view, far - near, max(frame[2], frame[3]) / (far - near))


def lamp_views(
    place: Doubles, axes: Doubles, seen: Doubles, casters: Doubles, texels: int, *, wide: bool
) -> list[View | None]:
    """The maps seen from a point ``place`` of a lamp: one (``wide``) or six, None where no shadow can be seen in it.

    ``axes`` is (3, 3): the lamp's unit x, y and z in the world, row by row.
    """
    faces = _FACES[:1] if wide else _FACES
    return [_face_view(place, face @ axes, seen, casters, texels, WIDEST if wide else 1.0) for face in faces]


def is_narrow(place: Doubles, axes: Doubles, seen: Doubles, reach: float) -> bool:
    """True where one map along -z holds all points that a lamp lights; ``reach`` is the widest size of the lamp."""
    points = (seen - place) @ axes.T
    depth = -points[:, 2]
    lit = depth > 0.0
    across = np.abs(points[:, :2]).max(1) + reach
    return bool(np.all(across[lit] < 0.95 * WIDEST * depth[lit]))


def _face_view(
    place: Doubles, axes: Doubles, seen: Doubles, casters: Doubles, texels: int, limit: float
) -> View | None:
    points = (seen - place) @ axes.T
    points = points[points[:, 2] > 1e-6]
    tangents = points[:, :2] / points[:, 2:]
    inside = np.abs(tangents).max(1, initial=0.0) <= limit * (1 + MARGIN)
    if not inside.any() or not len(casters):
        return None
    points, tangents = points[inside], tangents[inside]
    far = float(points[:, 2].max()) * 1.01
    boxes = (casters - place) @ axes.T
    closest = boxes[..., 2].min(1)
    furthest = boxes[..., 2].max(1)
    depth = np.maximum(boxes[..., 2], 1e-6)
    spans = boxes[..., :2] / depth[..., None]
    lows, highs = spans.min(1), spans.max(1)
    around = closest < 1e-3 * far
    lows[around], highs[around] = -limit, limit
    low, high = tangents.min(0), tangents.max(0)
    meets = (furthest > 0.0) & (closest < far) & np.all(lows <= high, 1) & np.all(highs >= low, 1)
    if not meets.any():
        return None
    low, high = np.maximum(low, lows[meets].min(0)), np.minimum(high, highs[meets].max(0))
    near = max(float(closest[meets].min()) * 0.99, far / DEEPEST)
    frame = _frame(np.maximum(low, -limit), np.minimum(high, limit), texels)
    view = np.eye(4)
    view[:3, :3] = axes
    view[:3, 3] = -axes @ place
    project = np.zeros((4, 4))
    project[0, 0], project[0, 2] = 2.0 / frame[2], -2.0 * frame[0] / frame[2]
    project[1, 1], project[1, 2] = 2.0 / frame[3], -2.0 * frame[1] / frame[3]
    project[2, 2], project[2, 3] = (far + near) / (far - near), -2.0 * far * near / (far - near)
    project[3, 2] = 1.0
    size = max(frame[2], frame[3])
    return View(project @ view, (far - near) / (far * near), size * far * near / (far - near))


def _axes(forward: Doubles, across: Doubles) -> Doubles:
    """(3, 3) unit axes, row by row, the last along ``forward`` and the first as close to ``across`` as may be."""
    forward = forward / np.linalg.norm(forward)
    across = across - forward * (across @ forward)
    across = across / np.linalg.norm(across)
    return np.stack([across, np.cross(forward, across), forward])


def _frame(low: Doubles, high: Doubles, texels: int) -> Sequence[float]:
    """Middle and size of a map that holds ``low`` to ``high``, in steps that small changes do not move."""
    frame = []
    for a, b in zip(low, high, strict=True):
        size = max((b - a) * (1 + 2 * MARGIN), 1e-4)
        size = 2.0 ** (math.ceil(6.0 * math.log2(size)) / 6.0)
        texel = size / texels
        frame.append((round(0.5 * (a + b) / texel) * texel, size))
    return frame[0][0], frame[1][0], frame[0][1], frame[1][1]


def in_view(clip: Doubles, corners: Doubles) -> Flags:
    """(C,) which boxes, (C, 8, 3) world corners, may be seen through ``clip``."""
    shown = corners @ clip[:, :3].T + clip[:, 3]
    w = shown[..., 3:]
    above, below = np.all(shown[..., :3] > w, axis=1), np.all(shown[..., :3] < -w, axis=1)
    return ~np.any(np.logical_or(above, below), axis=1)
