"""One mesh on the GPU: its vertices welded where every corner agrees, a batch a material."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from gpu.types import GPUBatch, GPUIndexBuf, GPUVertBuf, GPUVertFormat

from .sample import Floats, Ints, Mesh
from .surface import Surface

RIGID, DEFORMING, UNKNOWN = 0, 1, 2
"""How a mesh's points at a neighbouring frame are known: by the transform alone, by their own positions, not at all."""


@dataclass(frozen=True, eq=False)
class Moves:
    """Where the points of a mesh are at the neighbouring frames, in the mesh's axes there."""

    key: Hashable
    before: int
    after: int
    points_before: Floats | None = None
    points_after: Floats | None = None

    @staticmethod
    def of(here: Mesh, before: Mesh | None, after: Mesh | None, seconds: float) -> Moves:
        """From the same instance's meshes at the neighbouring frames, None where it is not there.

        Points are followed by their number while the topology stays; else by the mesh's velocity; else they are unknown.
        """
        kinds, points, keys = [], [], []
        for other, step in ((before, -seconds), (after, seconds)):
            if other is None:
                kind, where, key = UNKNOWN, None, None
            elif other.key == here.key:
                kind, where, key = RIGID, None, None
            elif _same_topology(here, other):
                kind, where, key = DEFORMING, other.points, other.key
            elif here.velocities is not None:
                kind, where, key = DEFORMING, here.points + np.float32(step) * here.velocities, ("velocity", step)
            else:
                kind, where, key = UNKNOWN, None, None
            kinds.append(kind)
            points.append(where)
            keys.append((kind, key))
        return Moves(tuple(keys), kinds[0], kinds[1], points[0], points[1])


def _same_topology(one: Mesh, other: Mesh) -> bool:
    if len(one.points) != len(other.points) or len(one.corners) != len(other.corners):
        return False
    return one.corners is other.corners or np.array_equal(one.corners, other.corners)


class GpuMesh:
    """Vertex buffers of a mesh. Batches are made when a material asks for them."""

    def __init__(self, mesh: Mesh, moves: Moves) -> None:
        self._mesh = mesh
        corner_data = [mesh.normals.reshape(-1, 3)]
        corner_data += [uv.reshape(-1, 2) for uv in mesh.uvs.values()]
        corner_data += [color.reshape(-1, 4) for color in mesh.colors.values()]
        self._corners, self._representative = weld(mesh.corners, len(mesh.points), corner_data)
        vertex = mesh.corners.reshape(-1)[self._representative]
        self._points = {"point": mesh.points[vertex]}
        if moves.points_before is not None:
            self._points["point_before"] = moves.points_before[vertex]
        if moves.points_after is not None:
            self._points["point_after"] = moves.points_after[vertex]
        self._points["normal"] = mesh.normals.reshape(-1, 3)[self._representative]
        self._buffers: dict[tuple[str, str | None], GPUVertBuf] = {}
        self._batches: dict[tuple[int, Hashable], GPUBatch] = {}
        self.materials: list[int] = [int(index) for index in np.unique(mesh.materials)]
        """Contract indices of the materials that it shows."""

    def batch(self, material: int, surface: Surface) -> GPUBatch:
        """The triangles of one material with what its surface needs."""
        layers: list[tuple[str, str | None, Floats]] = []
        for attribute, picture in (("uv", surface.picture), ("alpha_uv", surface.alpha_picture)):
            found = self._layer(self._mesh.uvs, picture.uv if picture else None) if picture else None
            if found is not None:
                layers.append((attribute, found, self._mesh.uvs[found].reshape(-1, 2)))
        found = self._layer(self._mesh.colors, surface.attribute or None) if surface.needs_tint else None
        if found is not None:
            layers.append(("tint", found, self._mesh.colors[found].reshape(-1, 4)))
        key = (material, tuple(layer[:2] for layer in layers))
        if key not in self._batches:
            chosen = self._mesh.materials == material
            corners = self._corners if chosen.all() else self._corners[chosen]
            index = GPUIndexBuf(type="TRIS", seq=np.ascontiguousarray(corners, np.int32))
            buffers = [self._buffer(name, None, data) for name, data in self._points.items()]
            buffers += [self._buffer(name, layer, data[self._representative]) for name, layer, data in layers]
            batch = GPUBatch(type="TRIS", buf=buffers[0], elem=index)
            for buffer in buffers[1:]:
                batch.vertbuf_add(buffer)
            self._batches[key] = batch
        return self._batches[key]

    @staticmethod
    def _layer(layers: dict[str, Floats], name: str | None) -> str | None:
        """The named layer; the first, which is the one to render with, where no name is given."""
        if name is None:
            return next(iter(layers), None)
        return name if name in layers else None

    def _buffer(self, attribute: str, layer: str | None, data: Floats) -> GPUVertBuf:
        key = (attribute, layer)
        if key not in self._buffers:
            form: Any = GPUVertFormat()
            form.attr_add(id=attribute, comp_type="F32", len=data.shape[1], fetch_mode="FLOAT")
            buffer = GPUVertBuf(form, len(data))
            buffer.attr_fill(attribute, np.ascontiguousarray(data, np.float32))
            self._buffers[key] = buffer
        return self._buffers[key]


def weld(corners: Ints, vertices: int, corner_data: list[Floats]) -> tuple[Ints, Ints]:
    """Share vertices between corners that agree in every array.

    ``corners`` (T, 3) are vertices; ``corner_data`` are (3 T, k) each. Returns (T, 3) new vertices and, for each of
    these, a corner (in 0 .. 3 T - 1) that shows its data. Corners that disagree with the first one at their vertex get
    a vertex of their own, so smooth meshes with seams stay small without a search.
    """
    flat = corners.reshape(-1)
    numbers = np.arange(len(flat), dtype=np.int32)
    first = np.full(vertices, -1, np.int32)
    first[flat[::-1]] = numbers[::-1]
    leader = first[flat]
    agrees = np.ones(len(flat), bool)
    for data in corner_data:
        agrees &= (data == data[leader]).all(axis=1)
    used = first >= 0
    new_number = np.cumsum(used, dtype=np.int32) - 1
    shared = int(used.sum())
    alone = ~agrees
    result = np.where(agrees, new_number[flat], shared + np.cumsum(alone, dtype=np.int32) - 1)
    representative = np.concatenate([first[used], numbers[alone]])
    return result.reshape(-1, 3).astype(np.int32), representative
