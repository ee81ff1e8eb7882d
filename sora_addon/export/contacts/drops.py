"""Particles that hit: rain on a roof, sparks on a floor, drops on a pond.

A particle's way is known by place and velocity in every frame. It has hit where that way, carried on, leads through a
surface and the particle is then gone or flies another way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...contract import Contact, vector
from .thing import Thing
from .track import Clock, Drops, Threshold
from .tree import LEAF, Tree

Doubles = NDArray[np.float64]
Longs = NDArray[np.int64]

BEND = 0.25
"""Share of its speed by which a particle's velocity changes when it bounces."""


def drop_contacts(drops: Drops, things: list[Thing], clock: Clock, limit: Threshold) -> list[Contact]:
    """Hits of a system's particles, each at its own sub-frame time."""
    starts, speeds, falls, rows = _ways(drops, clock, limit)
    if not len(rows):
        return []
    best = np.full(len(rows), np.inf)
    hit = np.full(len(rows), -1)
    normals = np.zeros((len(rows), 3))
    for number, thing in enumerate(things):
        if thing.track.body == drops.body:
            continue
        low, high = np.minimum(thing.low[rows], thing.low[rows + 1]), np.maximum(thing.high[rows], thing.high[rows + 1])
        ends = starts + (speeds + falls * clock.step / 2) * clock.step
        near = ((np.minimum(starts, ends) <= high) & (np.maximum(starts, ends) >= low)).all(axis=1)
        some = np.flatnonzero(near)
        if len(some):
            share, normal = _first_hits(starts[some], speeds[some], falls[some], rows[some], thing, clock)
            closer = share < best[some]
            chosen = some[closer]
            best[chosen], hit[chosen], normals[chosen] = share[closer], number, normal[closer]
    found: list[Contact] = []
    for i in np.flatnonzero(hit >= 0):
        after = float(best[i])
        thing = things[int(hit[i])]
        velocity = speeds[i] + falls[i] * after
        point = starts[i] + speeds[i] * after + falls[i] * after**2 / 2
        time = float(clock.times[rows[i]]) + after
        against = velocity - thing.flight.at(time).speed_at(point[None])[0]
        normal = normals[i] if against @ normals[i] <= 0 else -normals[i]
        closing = float(-against @ normal)
        if closing < limit.impact:
            continue
        found.append(
            Contact(
                kind="splash" if thing.track.sound == "water" else "impact",
                time=time,
                bodies=(drops.body, thing.track.body),
                point=vector(point),
                normal=vector(normal),
                speed=closing,
                impulse=None if drops.mass is None else drops.mass * closing,
            )
        )
    return found


def _ways(drops: Drops, clock: Clock, limit: Threshold) -> tuple[Doubles, Doubles, Doubles, Longs]:
    """Start, velocity, acceleration (N, 3) and row (N,) of every way that ends or bends within the step after a row."""
    columns: list[tuple[Doubles, Doubles, Doubles, Longs]] = []
    step = clock.step
    for row in range(clock.rows - 1):
        ids = np.asarray(drops.ids[row])
        if not len(ids):
            continue
        points = np.asarray(drops.points[row], np.float64)
        speeds = np.asarray(drops.velocities[row], np.float64)
        falls = np.zeros_like(speeds)
        if row > 0 and len(drops.ids[row - 1]):
            mine, before = _matched(ids, drops.ids[row - 1])
            falls[mine] = (speeds[mine] - drops.velocities[row - 1][before]) / step
            wild = np.linalg.norm(falls, axis=1) > 50.0  # it bent in the step before: that tells nothing of this one
            falls[wild] = 0.0
        mine, after = _matched(ids, drops.ids[row + 1])
        goes = np.ones(len(ids), bool)
        change = np.linalg.norm(drops.velocities[row + 1][after] - (speeds[mine] + falls[mine] * step), axis=1)
        quick = np.linalg.norm(speeds[mine], axis=1)
        goes[mine] = change > np.maximum(BEND * quick, limit.impact)
        dies = np.asarray(drops.died[row]) <= clock.times[row + 1] + 1e-9
        chosen = np.flatnonzero(goes | dies)
        columns.append((points[chosen], speeds[chosen], falls[chosen], np.full(len(chosen), row)))
    if not columns:
        return np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, np.int64)
    starts, speeds, falls, rows = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    return starts, speeds, falls, rows


def _matched(ids: NDArray[np.int32], others: NDArray[np.int32]) -> tuple[Longs, Longs]:
    """Places of the ids that both hold."""
    _, mine, theirs = np.intersect1d(ids, others, return_indices=True)
    return mine, theirs


def _first_hits(
    starts: Doubles, speeds: Doubles, falls: Doubles, rows: Longs, thing: Thing, clock: Clock
) -> tuple[Doubles, Doubles]:
    """Seconds after its row at which each way first goes through the thing (inf where it does not), and the normal.

    The way is seen from the moving thing; its arc over one step is short, so the chord finds the face and the arc the
    time. A tenth of a step more is allowed, because a particle is often shown dead just before it arrives.
    """
    step = clock.step
    rotations, origins = thing.poses(rows)
    rotations_next, origins_next = thing.poses(rows + 1)
    ends = starts + speeds * step + falls * step**2 / 2
    local = np.einsum("pji,pj->pi", rotations, starts - origins)
    local_end = np.einsum("pji,pj->pi", rotations_next, ends - origins_next)
    way = local_end - local
    index, triangles = _boxes_on_ways(local, local + 1.1 * way, thing.shape.tree)
    corners = thing.shape.points[thing.shape.corners[triangles]]
    normal = thing.shape.normals[triangles]
    height = np.einsum("pi,pi->p", local[index] - corners[:, 0], normal)
    fall = np.einsum("pi,pi->p", np.einsum("pji,pj->pi", rotations[index], falls[index]), normal)
    speed = np.einsum("pi,pi->p", way[index], normal) / step - fall * step / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        under = np.maximum(speed**2 - 2 * fall * height, 0)
        root = np.sqrt(under)
        after = 2 * height / (-speed + np.where(speed < 0, root, -root))
        after = np.where(np.isfinite(after), after, np.inf)
    place = local[index] + way[index] * np.clip(after / step, -1, 2)[:, None]
    edges = np.roll(corners, -1, axis=1) - corners
    sides = np.einsum("pki,pi->pk", np.cross(edges, place[:, None] - corners), normal)
    size = np.linalg.norm(edges, axis=2).max(axis=1)
    through = (sides >= -1e-4 * size[:, None] ** 2).all(axis=1) & (after >= -1e-3 * step) & (after <= 1.1 * step)
    index, after, normal = index[through], after[through], normal[through]
    best = np.full(len(starts), np.inf)
    normals = np.zeros((len(starts), 3))
    order = np.lexsort((after, index))
    kept, first = np.unique(index[order], return_index=True)
    best[kept] = after[order][first]
    normals[kept] = np.einsum("pij,pj->pi", rotations[kept], normal[order][first])
    return best, normals


def _boxes_on_ways(begin: Doubles, end: Doubles, tree: Tree) -> tuple[Longs, Longs]:
    """Ways and triangles (P,) each, where the way's segment crosses the triangle's box (separating axes)."""
    middle, half = (begin + end) / 2, (end - begin) / 2
    absolute = np.abs(half)

    def crosses(index: Longs, centres: Doubles, halves: Doubles) -> NDArray[np.bool_]:
        away = np.abs(middle[index] - centres)
        hit = np.all(away <= absolute[index] + halves + 1e-9, axis=1)
        turn = np.abs(np.cross(half[index], middle[index] - centres))
        size = absolute[index]
        for i in range(3):
            j, k = (i + 1) % 3, (i + 2) % 3
            hit &= turn[:, i] <= halves[:, j] * size[:, k] + halves[:, k] * size[:, j] + 1e-9
        return hit

    index = np.arange(len(begin))
    node = np.zeros(len(begin), np.int64)
    for level in range(tree.depth + 1):
        kept = crosses(index, tree.middles[level][node], tree.halves[level][node])
        index, node = index[kept], node[kept]
        if level < tree.depth:
            index = np.repeat(index, 2)
            node = (2 * node[:, None] + np.arange(2)).ravel()
    triangles = tree.order.reshape(-1, LEAF)[node].ravel()
    index = np.repeat(index, LEAF)
    kept = triangles >= 0
    index, triangles = index[kept], triangles[kept]
    kept = crosses(index, tree.triangle_middle[triangles], tree.triangle_half[triangles])
    return index[kept], triangles[kept]
