"""Where two meshes are near each other: corners against faces, edges against edges, and faces that are cut.

Closest points after Ericson, "Real-Time Collision Detection" (2005), 5.1.5 and 5.1.9; cuts after Möller and Trumbore,
"Fast, Minimum Storage Ray/Triangle Intersection" (1997).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tree import Tree, near_triangles

Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

FLAT = np.cos(np.radians(1.0))
"""Two triangles that meet at less than a degree have no edge between them that could be hit."""


JUTS = 0.5
"""Sine of the slope up to which a surface may rise beside a corner or an edge that touches: facets of a ball do."""


ROUND = 0.02
"""Share of its radius by which vertices and faces of a ball may differ in their distance from its middle."""

PAIRS_AT_ONCE = 40_000
"""Pairs of triangles whose corners and edges are held in memory together: some 25 MB."""


class Shape:
    """A mesh that is asked for its distance to others; in its own rigid axes, scale included."""

    def __init__(self, points: Doubles, corners: Ints | Longs) -> None:
        """``points`` (V, 3) metres, ``corners`` (T, 3); triangles without area are left out."""
        points = np.ascontiguousarray(points, np.float64)
        triples = np.asarray(corners, np.int64).reshape(-1, 3)
        triangles = points[triples]
        normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        length = np.linalg.norm(normals, axis=1)
        whole = length > 1e-14
        self.points, self.corners = points, triples[whole]
        self.normals = normals[whole] / length[whole, None]
        self.empty = not len(self.corners)
        if self.empty:
            return
        used = points[np.unique(self.corners)]
        self.middle = (used.min(axis=0) + used.max(axis=0)) / 2
        self.radius = float(np.linalg.norm(used - self.middle, axis=1).max())
        away = np.linalg.norm(used - self.middle, axis=1)
        faces = _dot(self.points[self.corners[:, 0]] - self.middle, self.normals)
        self.round = bool(min(away.min(), np.abs(faces).min()) > (1.0 - ROUND) * self.radius)
        self.reach_from_origin = float(np.linalg.norm(used, axis=1).max())
        self._tell_apart()
        if self.closed and self._volume() < 0.0:  # modelled inside out, which no render shows
            self.corners, self.normals = np.ascontiguousarray(self.corners[:, ::-1]), -self.normals
            self._tell_apart()

    def _tell_apart(self) -> None:
        self.tree = Tree(self.points, self.corners)
        self._owners()

    def _volume(self) -> float:
        """Cubic metres within a closed mesh; negative where its faces look inwards."""
        a, b, c = np.swapaxes(self.points[self.corners] - self.middle, 0, 1)
        return float(_dot(a, np.cross(b, c)).sum() / 6.0)

    def _owners(self) -> None:
        """One triangle answers for each vertex and each edge, so that none is asked twice."""
        count = len(self.corners)
        flat = self.corners.ravel()
        self.owns_corner = np.zeros(3 * count, bool)
        self.owns_corner[np.unique(flat, return_index=True)[1]] = True
        self.owns_corner = self.owns_corner.reshape(count, 3)
        edges = np.stack([self.corners, np.roll(self.corners, -1, axis=1)], axis=2).reshape(-1, 2)
        # Vertices at one place are one (a split normal or a seam parts them): edges are matched by position.
        places = np.unique(np.round(self.points, 7), axis=0, return_inverse=True)[1].ravel()
        ordered = np.sort(places[edges], axis=1)
        _, first, which, uses = np.unique(ordered, axis=0, return_index=True, return_inverse=True, return_counts=True)
        which = which.ravel()
        triangle = np.arange(3 * count) // 3
        same = np.einsum("ij,ij->i", self.normals[triangle], self.normals[triangle[first[which]]])
        least = np.ones(len(first))
        np.minimum.at(least, which, same)
        sharp = (uses != 2) | (least < FLAT)
        self.owns_edge = np.zeros(3 * count, bool)
        self.owns_edge[first] = True
        self.sharp_edge = np.zeros(3 * count, bool)
        self.sharp_edge[first[sharp]] = True
        self.owns_edge = self.owns_edge.reshape(count, 3)
        self.sharp_edge = self.sharp_edge.reshape(count, 3)
        self.closed = bool((uses == 2).all())
        self.edge_number = which.reshape(count, 3)
        self._inward(edges, which, len(first))
        self._neighbours(edges, places)

    def _inward(self, edges: Longs, which: Longs, count: int) -> None:
        """Along each of the faces at an edge, the way from the edge into the face: (E, 2, 3), zero where there is none."""
        opposite = np.roll(self.corners, -2, axis=1).ravel()
        start = self.points[edges[:, 0]]
        along = _unit(self.points[edges[:, 1]] - start)
        into = self.points[opposite] - start
        into = _unit(into - _dot(into, along)[:, None] * along)
        order = np.argsort(which, kind="stable")
        rank = np.arange(len(order)) - np.searchsorted(which[order], which[order])
        kept = rank < 2
        self.edge_inward = np.zeros((count, 2, 3))
        self.edge_inward[which[order][kept], rank[kept]] = into[order][kept]

    def _neighbours(self, edges: Longs, places: Longs) -> None:
        """The edges that leave each vertex, as unit vectors, one list after the other."""
        tail = places[edges.ravel()]
        away = _unit(self.points[edges[:, 1]] - self.points[edges[:, 0]])
        away = np.stack([away, -away], axis=1).reshape(-1, 3)
        order = np.argsort(tail, kind="stable")
        self.leaving = away[order]
        begin = np.searchsorted(tail[order], np.arange(int(places.max()) + 2))
        self.leaving_from = begin[places]
        self.leaving_count = np.diff(begin)[places]

    def supports(self, vertices: Longs, outward: Doubles) -> NDArray[np.bool_]:
        """(P,) whether each vertex juts out along ``outward`` (P, 3): a corner in the middle of a floor does not
        stop what slides over it.
        """
        count = self.leaving_count[vertices]
        begin = np.concatenate([[0], np.cumsum(count)])
        rows = np.repeat(np.arange(len(vertices)), count)
        edges = self.leaving_from[vertices][rows] + np.arange(begin[-1]) - begin[:-1][rows]
        most = np.full(len(vertices), -1.0)
        np.maximum.at(most, rows, _dot(self.leaving[edges], outward[rows]))
        return most <= JUTS


@dataclass(frozen=True, eq=False)
class Features:
    """Places where ``one`` and ``other`` are near, in any number of poses."""

    pose: Longs
    """(P,) which pose."""
    one: Doubles
    """(P, 3) the point of ``one``, in its own axes."""
    other: Doubles
    """(P, 3) the point of ``other``, in its own axes."""
    normal: Doubles
    """(P, 3) unit, from ``other`` to ``one``, in the axes of ``other``."""
    gap: Doubles
    """(P,) metres along the normal; negative where they are inside each other."""
    cut: NDArray[np.bool_]
    """(P,) an edge goes through a face here: they are inside each other, and the gap says nothing."""
    normal_one: Doubles
    """(P, 3) the same normal in the axes of ``one``."""
    by_one: NDArray[np.bool_]
    """(P,) whether the normal is that of a surface of ``one``, and turns with it; else it turns with ``other``."""

    def normals(self, rotation: Doubles, rotation_other: Doubles) -> Doubles:
        """(P, 3) normals in the world, with the two turned so (3, 3)."""
        return np.where(self.by_one[:, None], self.normal_one @ rotation.T, self.normal @ rotation_other.T)

    def of(self, chosen: NDArray[np.bool_] | Longs) -> Features:
        """Some of them."""
        return Features(
            self.pose[chosen],
            self.one[chosen],
            self.other[chosen],
            self.normal[chosen],
            self.gap[chosen],
            self.cut[chosen],
            self.normal_one[chosen],
            self.by_one[chosen],
        )


def _dot(a: Doubles, b: Doubles) -> Doubles:
    return np.einsum("...i,...i->...", a, b)


def _unit(a: Doubles) -> Doubles:
    return a / np.maximum(np.linalg.norm(a, axis=-1, keepdims=True), 1e-12)


def closest_on_triangle(point: Doubles, triangle: Doubles) -> Doubles:
    """(P, 3) points of ``triangle`` (P, 3, 3) that are nearest to ``point`` (P, 3)."""
    a, b, c = triangle[:, 0], triangle[:, 1], triangle[:, 2]
    ab, ac, ap = b - a, c - a, point - a
    d1, d2 = _dot(ab, ap), _dot(ac, ap)
    bp, cp = point - b, point - c
    d3, d4 = _dot(ab, bp), _dot(ac, bp)
    d5, d6 = _dot(ab, cp), _dot(ac, cp)
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = 1.0 / (va + vb + vc)
        v, w = vb * whole, vc * whole
        edge_bc = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        inside_bc = (va <= 0) & (d4 - d3 >= 0) & (d5 - d6 >= 0)
        v, w = np.where(inside_bc, 1 - edge_bc, v), np.where(inside_bc, edge_bc, w)
        inside_ac = (vb <= 0) & (d2 >= 0) & (d6 <= 0)
        v, w = np.where(inside_ac, 0.0, v), np.where(inside_ac, d2 / (d2 - d6), w)
        inside_ab = (vc <= 0) & (d1 >= 0) & (d3 <= 0)
        v, w = np.where(inside_ab, d1 / (d1 - d3), v), np.where(inside_ab, 0.0, w)
    at_c = (d6 >= 0) & (d5 <= d6)
    at_b = (d3 >= 0) & (d4 <= d3)
    at_a = (d1 <= 0) & (d2 <= 0)
    v = np.where(at_c, 0.0, v)
    w = np.where(at_c, 1.0, w)
    v = np.where(at_b, 1.0, v)
    w = np.where(at_b, 0.0, w)
    v = np.where(at_a, 0.0, v)
    w = np.where(at_a, 0.0, w)
    return a + np.nan_to_num(v)[:, None] * ab + np.nan_to_num(w)[:, None] * ac


def closest_on_edges(p: Doubles, q: Doubles, r: Doubles, s: Doubles) -> tuple[Doubles, Doubles]:
    """The nearest points of segments ``p``-``q`` and ``r``-``s``, each (P, 3)."""
    d1, d2, across = q - p, s - r, p - r
    a, e, f = _dot(d1, d1), _dot(d2, d2), _dot(d2, across)
    b, c = _dot(d1, d2), _dot(d1, across)
    denominator = a * e - b * b
    with np.errstate(divide="ignore", invalid="ignore"):
        along = np.where(denominator > 1e-12 * a * e, np.clip((b * f - c * e) / denominator, 0, 1), 0.0)
        t = (b * along + f) / e
        along = np.where(t < 0, np.clip(-c / a, 0, 1), np.where(t > 1, np.clip((b - c) / a, 0, 1), along))
    t = np.clip(t, 0, 1)
    return p + along[:, None] * d1, r + t[:, None] * d2


def _cuts(start: Doubles, end: Doubles, triangle: Doubles) -> NDArray[np.bool_]:
    """(P,) whether the segments go through the inside of the triangles."""
    direction = end - start
    ab, ac = triangle[:, 1] - triangle[:, 0], triangle[:, 2] - triangle[:, 0]
    cross = np.cross(direction, ac)
    determinant = _dot(ab, cross)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1.0 / determinant
        away = start - triangle[:, 0]
        u = _dot(away, cross) * inverse
        other = np.cross(away, ab)
        v = _dot(direction, other) * inverse
        t = _dot(ac, other) * inverse
        return (np.abs(determinant) > 1e-14) & (u > 0) & (v > 0) & (u + v < 1) & (t > 0) & (t < 1)


def near(
    one: Shape, other: Shape, rotations: Doubles, offsets: Doubles, reach: Doubles, sign_within: float
) -> Features:
    """Every place where two meshes are not further apart than ``reach`` (N,) metres, in each of N poses.

    ``rotations`` (N, 3, 3) and ``offsets`` (N, 3) take the axes of ``one`` to those of ``other``. Nearer than
    ``sign_within`` metres the smaller mesh tells which side is out (its middle is), so that a mesh that has sunk a
    little has a negative gap; further apart, the nearest points tell.
    """
    pose, a, b = near_triangles(one.tree, other.tree, rotations, offsets, reach)
    pieces: list[list[Part]] = []
    for begin in range(0, max(len(pose), 1), PAIRS_AT_ONCE):
        some = slice(begin, begin + PAIRS_AT_ONCE)
        parts = _parts(one, other, rotations[pose[some]], offsets[pose[some]], a[some], b[some])
        pieces.append([_within(part, reach[pose[some]], begin) for part in parts])
    # by part first, as if all pairs had been taken at once
    parts = [part for same in zip(*pieces, strict=True) for part in same]
    rows, points, feet, normals, cut, kind = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    pose, a, b = pose[rows], a[rows], b[rows]
    between = points - feet
    distance = np.linalg.norm(between, axis=1)
    own = np.flatnonzero(_nearest_face(one, other, pose, a, b, kind, distance))
    pose, points, feet, normals, cut = pose[own], points[own], feet[own], normals[own], cut[own]
    a, b, kind, between, distance = a[own], b[own], kind[own], between[own], distance[own]
    middles = np.einsum("pij,j->pi", rotations, one.middle) + offsets
    if one.radius <= other.radius:
        outward = _dot(middles[pose] - feet, normals)
    else:
        outward = _dot(points - other.middle, normals)
    normals = normals * np.where(outward < 0, -1.0, 1.0)[:, None]
    along = _dot(between, normals)
    # A corner that meets a face beside its edge is not in front of it: the nearest points tell the way, too.
    clear = ((distance > sign_within) | (np.abs(along) < 0.7 * distance)) & (distance > 1e-6)
    normals = np.where(clear[:, None], between / np.maximum(distance, 1e-12)[:, None], normals)
    gap = np.where(clear, distance, along)
    back = np.einsum("pji,pj->pi", rotations[pose], points - offsets[pose])
    stops = _stops(one, other, a, b, kind, normals, rotations[pose])
    own = np.einsum("pji,pj->pi", rotations[pose], normals)
    # A corner of the other's has met a face of one; of two edges, or a cut, the larger mesh is the surface.
    by_one = ((kind >= 3) & (kind < 6)) | ((kind >= 6) & (one.radius > other.radius))
    return Features(pose, back, feet, normals, gap, cut, own, by_one).of(stops)


def _parts(one: Shape, other: Shape, rotations: Doubles, offsets: Doubles, a: Longs, b: Longs) -> Iterator[Part]:
    """What each of P pairs of triangles has near, each pair with its own pose; as many parts for any pairs."""
    first = np.einsum("pij,pkj->pki", rotations, one.points[one.corners[a]]) + offsets[:, None]
    second = other.points[other.corners[b]]
    first_normal = np.einsum("pij,pj->pi", rotations, one.normals[a])
    second_normal = other.normals[b]
    yield from _corners_on_faces(one, other, a, b, first, second, first_normal, second_normal)
    yield from _edges_on_edges(one, other, a, b, first, second)
    yield from _cut_faces(one, other, a, b, first, second, first_normal, second_normal)


def _within(part: Part, reach: Doubles, begin: int) -> Part:
    """Those whose points are not further apart than their pair's ``reach``; rows count from ``begin``."""
    rows, points, feet, normals, cut, kind = part
    kept = np.linalg.norm(points - feet, axis=1) <= reach[rows]
    return rows[kept] + begin, points[kept], feet[kept], normals[kept], cut[kept], kind[kept]


def _nearest_face(
    one: Shape, other: Shape, pose: Longs, a: Longs, b: Longs, kind: Ints, distance: Doubles
) -> NDArray[np.bool_]:
    """(P,) false for a corner that has a nearer face: it can touch that one alone."""
    vertex = np.zeros(len(kind), np.int64)
    for corner in range(3):
        mine, theirs = kind == corner, kind == 3 + corner
        vertex[mine] = one.corners[a[mine], corner]
        vertex[theirs] = other.corners[b[theirs], corner] + len(one.points)
    corners = np.flatnonzero(kind < 6)
    order = corners[np.lexsort((distance[corners], vertex[corners], pose[corners]))]
    again = (np.diff(pose[order]) == 0) & (np.diff(vertex[order]) == 0)
    kept = np.ones(len(kind), bool)
    kept[order[1:][again]] = False
    return kept


def _stops(
    one: Shape, other: Shape, a: Longs, b: Longs, kind: Ints, normals: Doubles, rotations: Doubles
) -> NDArray[np.bool_]:
    """(P,) whether what is near juts out towards the other mesh, so that it could touch it there."""
    stops = np.ones(len(kind), bool)
    towards_other = -np.einsum("pji,pj->pi", rotations, normals)
    for corner in range(3):
        rows = np.flatnonzero(kind == corner)
        stops[rows] = one.supports(one.corners[a[rows], corner], towards_other[rows])
        rows = np.flatnonzero(kind == 3 + corner)
        stops[rows] = other.supports(other.corners[b[rows], corner], normals[rows])
    for i in range(3):
        for j in range(3):
            rows = np.flatnonzero(kind == 6 + 3 * i + j)
            first = one.edge_inward[one.edge_number[a[rows], i]]
            second = other.edge_inward[other.edge_number[b[rows], j]]
            stops[rows] = (np.einsum("psi,pi->ps", first, towards_other[rows]).max(axis=1, initial=0) <= JUTS) & (
                np.einsum("psi,pi->ps", second, normals[rows]).max(axis=1, initial=0) <= JUTS
            )
    return stops


Part = tuple[Longs, Doubles, Doubles, Doubles, NDArray[np.bool_], Ints]
"""Row of the pair, point of one, point of the other, normal of the face, cut, kind: 0 to 2 a corner of one, 3 to 5 of
the other, 6 to 14 two edges, 15 a cut."""


def _part(rows: Longs, points: Doubles, feet: Doubles, normals: Doubles, kind: int) -> Part:
    return rows, points, feet, normals, np.full(len(rows), kind == 15), np.full(len(rows), kind, np.int32)


def _corners_on_faces(
    one: Shape, other: Shape, a: Longs, b: Longs, first: Doubles, second: Doubles, faces: Doubles, others: Doubles
) -> Iterator[Part]:
    for corner in range(3):
        rows = np.flatnonzero(one.owns_corner[a, corner])
        point = first[rows, corner]
        yield _part(rows, point, closest_on_triangle(point, second[rows]), others[rows], corner)
        rows = np.flatnonzero(other.owns_corner[b, corner])
        point = second[rows, corner]
        yield _part(rows, closest_on_triangle(point, first[rows]), point, faces[rows], 3 + corner)


def _edges_on_edges(one: Shape, other: Shape, a: Longs, b: Longs, first: Doubles, second: Doubles) -> Iterator[Part]:
    for i in range(3):
        for j in range(3):
            rows = np.flatnonzero(one.sharp_edge[a, i] & other.sharp_edge[b, j])
            begin, end = first[rows, i], first[rows, (i + 1) % 3]
            begin_other, end_other = second[rows, j], second[rows, (j + 1) % 3]
            across = np.cross(end - begin, end_other - begin_other)
            length = np.linalg.norm(across, axis=1)
            least = 1e-3 * np.linalg.norm(end - begin, axis=1) * np.linalg.norm(end_other - begin_other, axis=1)
            skew = length > least  # the ends of parallel edges are found as corners
            rows, across = rows[skew], across[skew] / length[skew, None]
            p, q = closest_on_edges(begin[skew], end[skew], begin_other[skew], end_other[skew])
            # Nearest within both edges the way between them crosses both; at an end it is a corner's.
            way = p - q
            crossing = np.abs(_dot(way, across)) > 0.999 * np.linalg.norm(way, axis=1) - 1e-9
            yield _part(rows[crossing], p[crossing], q[crossing], across[crossing], 6 + 3 * i + j)


def _cut_faces(
    one: Shape, other: Shape, a: Longs, b: Longs, first: Doubles, second: Doubles, faces: Doubles, others: Doubles
) -> Iterator[Part]:
    for i in range(3):
        rows = np.flatnonzero(one.owns_edge[a, i])
        begin, end = first[rows, i], first[rows, (i + 1) % 3]
        through = _cuts(begin, end, second[rows])
        middle = (begin + end)[through] / 2
        yield _part(rows[through], middle, middle, others[rows[through]], 15)
        rows = np.flatnonzero(other.owns_edge[b, i])
        begin, end = second[rows, i], second[rows, (i + 1) % 3]
        through = _cuts(begin, end, first[rows])
        middle = (begin + end)[through] / 2
        yield _part(rows[through], middle, middle, faces[rows[through]], 15)
