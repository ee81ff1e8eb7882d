"""What every instance and every particle did, row by row, kept while the frames are read. Plain numpy: no bpy here."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from .contacts import Clock
from .sample import Doubles, Floats, Mesh, ParticleSample, Sample

MOST_PLACES = 6_000_000
"""Vertices times rows that are kept of one mesh that bends; of a finer one every second, third ... vertex is kept."""


@dataclass(eq=False)
class Way:
    """One instance through the rows of a shot; rows in which it was not there are missing."""

    body: int
    mesh: Mesh
    """As it was first seen."""
    worlds: dict[int, Doubles] = field(default_factory=dict)
    """(4, 4) mesh axes to world by row."""
    bent: dict[int, Floats] = field(default_factory=dict)
    """(V', 3) every ``every``th vertex in world axes, by row, once the mesh has changed its shape."""
    every: int = 1
    melts: bool = False
    """Its vertices are others from frame to frame: a fluid's surface, a boolean."""

    @property
    def bends(self) -> bool:
        return bool(self.bent)

    def whole(self, rows: int) -> Doubles:
        """(rows, 4, 4), or (1, 4, 4) where it never moves. Where it was not there it stands as it did at the nearest row."""
        known = sorted(self.worlds)
        stack = np.stack([self.worlds[row] for row in known])
        if np.ptp(stack, axis=0).max() <= 1e-6 * max(1.0, float(np.abs(stack).max())):
            return stack[:1]
        return stack[nearest(known, rows)]

    def bent_rows(self, rows: int) -> Doubles:
        """(rows, V', 3) vertices in world axes."""
        known = sorted(self.bent)
        return np.stack([self.bent[row] for row in known]).astype(np.float64)[nearest(known, rows)]


def nearest(known: list[int], rows: int) -> list[int]:
    """For each row, the place in ``known`` (rising) of the row nearest to it."""
    places = np.array(known)
    return [int(np.abs(places - row).argmin()) for row in range(rows)]


class History:
    """The rows of a shot, added in order: those before its first frame, its frames, those after its last."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ways: dict[Hashable, Way] = {}
        self.particles: dict[int, dict[int, ParticleSample]] = {}
        """By body, then by row."""
        self._rows = 0

    def add(self, sample: Sample) -> None:
        """The next row."""
        row = self._rows
        self._rows += 1
        for instance in sample.instances:
            way = self.ways.get(instance.identity)
            if way is None:
                every = -(-len(instance.mesh.points) * self.clock.rows // MOST_PLACES)
                way = self.ways[instance.identity] = Way(instance.body, instance.mesh, every=max(1, every))
            self._bend(way, instance.mesh, instance.world, row)
            way.worlds[row] = instance.world
        for system in sample.particles:
            self.particles.setdefault(system.body, {})[row] = system

    def _bend(self, way: Way, mesh: Mesh, world: Doubles, row: int) -> None:
        if way.melts or (not way.bends and mesh.key == way.mesh.key):
            return
        if mesh.points.shape != way.mesh.points.shape or not np.array_equal(mesh.corners, way.mesh.corners):
            way.melts = True
            way.bent.clear()
            return
        if not way.bends:  # the rows before the first change
            for earlier, place in way.worlds.items():
                way.bent[earlier] = _placed(way.mesh.points[:: way.every], place)
        way.bent[row] = _placed(mesh.points[:: way.every], world)


def _placed(points: Floats, world: Doubles) -> Floats:
    return (points @ world[:3, :3].T + world[:3, 3]).astype(np.float32)
