"""What a mesh that bends sets down: feet on the ground, cloth on a table.

Every vertex that comes near the ground is a small body of its own: it lands where its velocity jumps, or ends, close to
the surface. Vertices that land near each other within a moment are one foot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...contract import Contact, vector
from .features import closest_on_triangle
from .thing import Thing
from .track import Clock, Threshold, Track
from .tree import Tree

Doubles = NDArray[np.float64]
Longs = NDArray[np.int64]

SOLE = 0.012
"""Metres above the ground at which a foot that has stopped is on it: soles are modelled less exactly than boxes."""
STOPS = 0.3
"""Share of its speed that a foot keeps at most when it lands."""
SAME_FOOT = 0.2
"""Share of the body's height within which landings are one foot."""
SAME_STEP = 0.22
"""Seconds within which a heel and its toes are one step."""


@dataclass(frozen=True, eq=False)
class _Landing:
    time: float
    point: Doubles
    normal: Doubles
    closing: float
    ground: int


def landings(track: Track, grounds: list[Thing], clock: Clock, limit: Threshold) -> list[Contact]:
    """Steps (or impacts, for what no armature moves) of a mesh that changes its shape on things that do not."""
    assert track.deformed is not None
    places = np.asarray(track.deformed, np.float64)
    low, high = places.min(axis=(0, 1)), places.max(axis=(0, 1))
    height = float(np.ptp(places[0], axis=0).max())
    found: list[_Landing] = []
    for ground in grounds:
        if ground.track.body == track.body or ground.track.body in track.partners:
            continue
        if (ground.low.min(axis=0) > high + SOLE).any() or (ground.high.max(axis=0) < low - SOLE).any():
            continue
        found += _on(places, ground, clock, limit)
    kind = "step" if track.feet else "impact"
    contacts = []
    for first in _feet(found, SAME_FOOT * height):
        wet = next(g for g in grounds if g.track.body == first.ground).track.sound == "water"
        contacts.append(
            Contact(
                kind="splash" if wet else kind,
                time=first.time,
                bodies=(track.body, first.ground),
                point=vector(first.point),
                normal=vector(first.normal),
                speed=first.closing,
            )
        )
    return contacts


def _feet(found: list[_Landing], apart: float) -> list[_Landing]:
    """One landing for each foot that is set down: its first touch, with the hardest speed of the step."""
    feet: list[tuple[_Landing, float]] = []
    for landing in sorted(found, key=lambda item: item.time):
        for i, (first, last) in enumerate(feet):
            near = float(np.linalg.norm(first.point - landing.point)) < apart
            if near and landing.time - last < SAME_STEP and first.ground == landing.ground:
                feet[i] = (first, landing.time)
                break
        else:
            feet.append((landing, landing.time))
    return [first for first, _ in feet]


def heights(points: Doubles, tree: Tree, reach: float) -> tuple[Doubles, Doubles]:
    """Metres of ``points`` (N, 3) above the mesh of ``tree``, nearest face's normal (N, 3); inf further than ``reach``."""
    count = len(points)
    best = np.full(count, np.inf)
    normals = np.zeros((count, 3))
    index, triangles = near_faces(points, tree, reach)
    if not len(index):
        return best, normals
    corners = tree.points[tree.corners[triangles]]
    feet = closest_on_triangle(points[index], corners)
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    faces /= np.maximum(np.linalg.norm(faces, axis=1, keepdims=True), 1e-20)
    distance = np.linalg.norm(points[index] - feet, axis=1)
    order = np.lexsort((distance, index))
    first = order[np.unique(index[order], return_index=True)[1]]
    first = first[distance[first] <= reach]
    along = np.einsum("pi,pi->p", points[index[first]] - feet[first], faces[first])
    best[index[first]] = np.where(along < 0, -distance[first], distance[first])
    normals[index[first]] = faces[first]
    return best, normals


def near_faces(points: Doubles, tree: Tree, reach: float) -> tuple[Longs, Longs]:
    """Points and triangles (P,) each whose boxes are not further apart than ``reach`` metres."""
    index = np.arange(len(points))
    node = np.zeros(len(points), np.int64)
    for level in range(tree.depth + 1):
        apart = np.abs(points[index] - tree.middles[level][node]) - tree.halves[level][node]
        kept = (apart <= reach).all(axis=1)
        index, node = index[kept], node[kept]
        if level < tree.depth:
            index = np.repeat(index, 2)
            node = (2 * node[:, None] + np.arange(2)).ravel()
    leaf = tree.order.reshape(-1, tree.order.size // tree.middles[-1].shape[0])
    triangles = leaf[node].ravel()
    index = np.repeat(index, leaf.shape[1])
    kept = triangles >= 0
    index, triangles = index[kept], triangles[kept]
    apart = np.abs(points[index] - tree.triangle_middle[triangles]) - tree.triangle_half[triangles]
    kept = (apart <= reach).all(axis=1)
    return index[kept], triangles[kept]


def _on(places: Doubles, ground: Thing, clock: Clock, limit: Threshold) -> list[_Landing]:
    """Landings of single vertices ``places`` (rows, V, 3) on one thing."""
    rows, count = places.shape[:2]
    rotations, origins = ground.poses(np.arange(rows))
    local = np.einsum("fji,fvj->fvi", rotations, places - origins[:, None])
    above = np.full((rows, count), np.inf)
    normals = np.zeros((rows, count, 3))
    for row in range(rows):
        above[row], normals[row] = heights(local[row], ground.shape.tree, SOLE)
    if ground.shape.closed is False:
        above = np.abs(above) * np.where(np.isfinite(above), 1, 1)
    step = clock.step
    speed = np.linalg.norm(np.diff(local, axis=0), axis=2) / step  # in the step that begins at a row
    found: list[_Landing] = []
    landed = np.isfinite(above) & (above < SOLE)
    for row in range(2, rows - 1):
        # It rests on the ground in the step after this row, and moved in the one before the last.
        rests = landed[row] & landed[row + 1] & (speed[row] < np.maximum(0.02, STOPS * speed[row - 2]))
        came = rests & (speed[row - 2] > 2 * limit.impact) & (speed[row - 1] > speed[row])
        for vertex in np.flatnonzero(came):
            landing = _vertex(local[:, vertex], above[row, vertex], normals[row, vertex], row, ground, clock, limit)
            if landing is not None:
                found.append(landing)
    return found


def _vertex(
    path: Doubles, above: float, normal: Doubles, row: int, ground: Thing, clock: Clock, limit: Threshold
) -> _Landing | None:
    """When a vertex with the way ``path`` (rows, 3), on the ground at ``row``, came down: its flight meets its rest."""
    step = clock.step
    flying = row - 1
    heights_now = (path - path[row]) @ normal
    side = np.sign(heights_now[max(0, flying - 1)]) or 1.0
    fall = side * heights_now[max(0, flying - 2) : flying + 1]
    if len(fall) < 2:
        return None
    a, b, c = (
        (fall[0] - 2 * fall[1] + fall[2], fall[2] - fall[1], fall[2])
        if len(fall) == 3
        else (0, fall[1] - fall[0], fall[1])
    )
    # Height over the rest, rows after ``flying``: c + (b + a/2) x + a/2 x^2.
    slope = b + a / 2
    if c <= 1e-5:
        ahead = 0.0
    else:
        under = slope * slope - 2 * a * c
        ahead = 2 * c / (-slope + np.sqrt(under)) if under > 0 and (-slope + np.sqrt(under)) > 0 else 1.0
    ahead = float(np.clip(ahead, -1.0, 1.0))
    closing = float(-(slope + a * ahead)) / step
    if closing < limit.impact:
        return None
    rotation, origin = ground.row(row)
    time = float(clock.times[flying]) + ahead * step
    return _Landing(time, rotation @ path[row] + origin, side * (rotation @ normal), closing, ground.track.body)
