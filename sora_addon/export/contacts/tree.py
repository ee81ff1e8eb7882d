"""A tree of boxes over a mesh, and the pairs of triangles of two meshes that are near each other.

A complete binary tree over the triangles in Morton order (Lauterbach et al., "Fast BVH Construction on GPUs", 2009):
its levels are plain arrays, so that many poses are searched at once, a level at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

LEAF = 4
"""Triangles of a leaf."""
MOST_AT_ONCE = 400_000
"""Pairs of boxes that are held at once."""


def _spread(values: Longs) -> Longs:
    """Two zero bits between the ten bits of each value."""
    values = values & 0x3FF
    values = (values | (values << 16)) & 0x30000FF
    values = (values | (values << 8)) & 0x300F00F
    values = (values | (values << 4)) & 0x30C30C3
    return (values | (values << 2)) & 0x9249249


class Tree:
    """Boxes over the triangles of one mesh in its own axes."""

    def __init__(self, points: Doubles, corners: Ints | Longs) -> None:
        """``points`` (V, 3) and ``corners`` (T, 3), T at least 1."""
        self.points = np.ascontiguousarray(points, np.float64)
        self.corners = np.ascontiguousarray(corners, np.int64)
        triangles = self.points[self.corners]
        low, high = triangles.min(axis=1), triangles.max(axis=1)
        middle = (low + high) / 2
        self.triangle_middle, self.triangle_half = middle, (high - low) / 2
        extent = np.maximum(middle.max(axis=0) - middle.min(axis=0), 1e-12)
        cells = ((middle - middle.min(axis=0)) / extent * 1023).astype(np.int64)
        code = _spread(cells[:, 0]) | (_spread(cells[:, 1]) << 1) | (_spread(cells[:, 2]) << 2)
        order = np.argsort(code, kind="stable")
        depth = max(0, int(np.ceil(np.log2(max(1, -(-len(order) // LEAF))))))
        slots = LEAF << depth
        self.order = np.full(slots, -1, np.int64)
        self.order[: len(order)] = order
        lows = np.full((slots, 3), np.inf)
        highs = np.full((slots, 3), -np.inf)
        lows[: len(order)], highs[: len(order)] = low[order], high[order]
        lows = lows.reshape(-1, LEAF, 3).min(axis=1)
        highs = highs.reshape(-1, LEAF, 3).max(axis=1)
        levels = [(lows, highs)]
        for _ in range(depth):
            lows, highs = lows.reshape(-1, 2, 3).min(axis=1), highs.reshape(-1, 2, 3).max(axis=1)
            levels.append((lows, highs))
        levels.reverse()
        self.middles: list[Doubles] = []
        self.halves: list[Doubles] = []
        self.sizes: list[float] = []
        for lows, highs in levels:
            empty = lows[:, 0] > highs[:, 0]
            with np.errstate(invalid="ignore"):
                self.middles.append(np.where(empty[:, None], 1e150, (lows + highs) / 2))
                self.halves.append(np.where(empty[:, None], 0.0, (highs - lows) / 2))
            self.sizes.append(float(np.linalg.norm(self.halves[-1][~empty], axis=1).mean()))
        self.low, self.high = levels[0][0][0], levels[0][1][0]

    @property
    def depth(self) -> int:
        return len(self.middles) - 1

    def hull_boxes(self, level: int = 3) -> Doubles:
        """(N, 3) corners of the boxes of a level: their bounds hold the mesh in any pose."""
        level = min(level, self.depth)
        middles, halves = self.middles[level], self.halves[level]
        kept = middles[:, 0] < 1e100
        signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float64)
        return (middles[kept, None, :] + halves[kept, None, :] * signs).reshape(-1, 3)


def near_triangles(
    one: Tree, other: Tree, rotations: Doubles, offsets: Doubles, reach: Doubles
) -> tuple[Longs, Longs, Longs]:
    """Pairs of triangles whose boxes are not further apart than ``reach`` (N,) metres, in each of N poses.

    ``rotations`` (N, 3, 3) and ``offsets`` (N, 3) take the axes of ``one`` to those of ``other``. Returns pose, triangle
    of ``one`` and triangle of ``other``, each (P,).
    """
    found: list[tuple[Longs, Longs, Longs]] = []
    poses = np.arange(len(offsets), dtype=np.int64)
    work = [(0, 0, poses, np.zeros_like(poses), np.zeros_like(poses))]
    absolute = np.abs(rotations)
    while work:
        level, level_other, pose, a, b = work.pop()
        if len(pose) > MOST_AT_ONCE:
            for part in np.array_split(np.arange(len(pose)), -(-len(pose) // MOST_AT_ONCE)):
                work.append((level, level_other, pose[part], a[part], b[part]))
            continue
        middle = _turned(rotations[pose], one.middles[level][a]) + offsets[pose]
        half = _turned(absolute[pose], one.halves[level][a])
        apart = np.abs(middle - other.middles[level_other][b]) - half - other.halves[level_other][b]
        np.maximum(apart, 0, out=apart)
        kept = np.einsum("pi,pi->p", apart, apart) <= reach[pose] ** 2
        pose, a, b = pose[kept], a[kept], b[kept]
        if not len(pose):
            continue
        ended, ended_other = level == one.depth, level_other == other.depth
        if ended and ended_other:
            found.append(_leaves(one, other, pose, a, b))
        elif ended_other or (not ended and one.sizes[level] >= other.sizes[level_other]):
            children = (2 * a[:, None] + np.arange(2)).ravel()
            work.append((level + 1, level_other, np.repeat(pose, 2), children, np.repeat(b, 2)))
        else:
            children = (2 * b[:, None] + np.arange(2)).ravel()
            work.append((level, level_other + 1, np.repeat(pose, 2), np.repeat(a, 2), children))
    if not found:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing
    pose, a, b = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _near_boxes(one, other, rotations, offsets, reach, pose, a, b)


def _leaves(one: Tree, other: Tree, pose: Longs, a: Longs, b: Longs) -> tuple[Longs, Longs, Longs]:
    first = one.order[LEAF * a[:, None] + np.arange(LEAF)]
    second = other.order[LEAF * b[:, None] + np.arange(LEAF)]
    first = np.repeat(first, LEAF, axis=1).ravel()
    second = np.tile(second, (1, LEAF)).ravel()
    kept = (first >= 0) & (second >= 0)
    return np.repeat(pose, LEAF * LEAF)[kept], first[kept], second[kept]


def _near_boxes(
    one: Tree, other: Tree, rotations: Doubles, offsets: Doubles, reach: Doubles, pose: Longs, a: Longs, b: Longs
) -> tuple[Longs, Longs, Longs]:
    """The pairs again, by the boxes of the triangles themselves."""
    kept = np.empty(len(pose), bool)
    absolute = np.abs(rotations)
    for part in range(0, len(pose), MOST_AT_ONCE):
        some = slice(part, part + MOST_AT_ONCE)
        poses, first, second = pose[some], a[some], b[some]
        apart = np.abs(
            _turned(rotations[poses], one.triangle_middle[first]) + offsets[poses] - other.triangle_middle[second]
        )
        apart -= _turned(absolute[poses], one.triangle_half[first]) + other.triangle_half[second]
        np.maximum(apart, 0, out=apart)
        kept[some] = np.einsum("pi,pi->p", apart, apart) <= reach[poses] ** 2
    return pose[kept], a[kept], b[kept]


def _turned(matrices: Doubles, vectors: Doubles) -> Doubles:
    """(P, 3) matrices (P, 3, 3) times vectors (P, 3)."""
    return (matrices @ vectors[:, :, None])[:, :, 0]
