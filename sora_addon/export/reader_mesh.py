"""Evaluated meshes as triangles in numpy, read again only when their geometry has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .sample import Floats, Ints, Mesh

_FLAT = 1e-4
"""How far corner normals of a flat triangle may be from its own before its own are taken."""


@dataclass(eq=False)
class _Topology:
    """How the vertices of a mesh hang together; kept over frames so that a deforming mesh keeps its triangles."""

    corner_vertices: Ints
    polygon_sizes: Ints
    loops: Ints
    """(T, 3)"""
    corners: Ints
    """(T, 3)"""
    polygons: Ints
    """(T,)"""


@dataclass(eq=False)
class _Kept:
    mesh: Mesh
    topology: _Topology
    slots: tuple[int, ...]


class MeshReader:
    """Reads meshes and keeps them by ``cache``, a key of the caller's that stays while the datablock does."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Kept] = {}

    def forget(self, keys: Callable[[Hashable], bool]) -> None:
        """Drop the meshes whose key ``keys`` is true for."""
        self._kept = {key: kept for key, kept in self._kept.items() if not keys(key)}

    def read(self, cache: Hashable, data: Any, slots: tuple[int, ...], *, changed: bool) -> Mesh:
        """The mesh ``data`` (an evaluated Mesh). ``slots`` are the contract indices of its material slots, one at least.

        With ``changed`` False, what was read for ``cache`` before is returned.
        """
        kept = self._kept.get(cache)
        if kept is not None and not changed and kept.slots == slots:
            return kept.mesh
        topology = _topology(data, kept.topology if kept is not None else None)
        mesh = _mesh(data, topology, slots)
        if kept is not None and kept.mesh.key == mesh.key:
            mesh = kept.mesh
        self._kept[cache] = _Kept(mesh, topology, slots)
        return mesh


def _topology(data: Any, earlier: _Topology | None) -> _Topology:
    corner_vertices = np.empty(len(data.loops), np.int32)
    if len(corner_vertices):
        data.attributes[".corner_vert"].data.foreach_get("value", corner_vertices)
    polygon_sizes = np.empty(len(data.polygons), np.int32)
    data.polygons.foreach_get("loop_total", polygon_sizes)
    if (
        earlier is not None
        and np.array_equal(earlier.corner_vertices, corner_vertices)
        and np.array_equal(earlier.polygon_sizes, polygon_sizes)
    ):
        return earlier
    data.calc_loop_triangles()
    count = len(data.loop_triangles)
    loops = np.empty(count * 3, np.int32)
    data.loop_triangles.foreach_get("loops", loops)
    polygons = np.empty(count, np.int32)
    data.loop_triangles.foreach_get("polygon_index", polygons)
    corners = corner_vertices[loops].reshape(-1, 3)
    return _Topology(corner_vertices, polygon_sizes, loops.reshape(-1, 3), corners, polygons)


def _mesh(data: Any, topology: _Topology, slots: tuple[int, ...]) -> Mesh:
    points = np.empty((len(data.vertices), 3), np.float32)
    if len(points):
        data.attributes["position"].data.foreach_get("vector", points.reshape(-1))
    normals = _normals(data, topology, points)
    material = _attribute(data, "material_index", "FACE", "value", np.int32, 1)
    if material is None or len(slots) == 1:
        materials = np.full(len(topology.corners), slots[0], np.int32)
    else:
        # A slot number beyond the last shows the last, as in Blender.
        materials = np.array(slots, np.int32)[np.clip(material, 0, len(slots) - 1)][topology.polygons]
    uvs = {}
    for layer in _render_first(data.uv_layers, data.uv_layers.active and _render_uv(data)):
        flat = np.empty(len(data.loops) * 2, np.float32)
        layer.uv.foreach_get("vector", flat)
        uvs[layer.name] = flat.reshape(-1, 2)[topology.loops]
    colors = _colors(data, topology)
    velocity = _attribute(data, "velocity", "POINT", "vector", np.float32, 3)
    key = _digest(points, topology.corners, normals, materials, velocity, *uvs.values(), *colors.values())
    return Mesh((key, *uvs, "|", *colors), points, topology.corners, normals, materials, uvs, colors, velocity)


def _normals(data: Any, topology: _Topology, points: Floats) -> Floats:
    flat = np.empty(len(data.loops) * 3, np.float32)
    data.corner_normals.foreach_get("vector", flat)
    normals = flat.reshape(-1, 3)[topology.loops]
    if data.normals_domain == "POINT" or data.has_custom_normals:
        return normals
    # Polygons that are not flat have one normal in Blender; every triangle of theirs has its own in a render.
    if data.normals_domain == "FACE":
        sharp = np.ones(len(topology.corners), bool)
    else:
        faces = _attribute(data, "sharp_face", "FACE", "value", np.bool_, 1)
        if faces is None:
            return normals
        sharp = faces[topology.polygons]
    corners = points[topology.corners[sharp]]
    own = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(own, axis=1, keepdims=True)
    own = np.divide(own, length, out=np.zeros_like(own), where=length > 0.0)
    bent = np.flatnonzero((np.abs(own - normals[sharp][:, 0]).max(axis=1) > _FLAT) & (length[:, 0] > 0.0))
    normals[np.flatnonzero(sharp)[bent]] = own[bent][:, None, :]
    return normals


def _render_uv(data: Any) -> str | None:
    return next((layer.name for layer in data.uv_layers if layer.active_render), None)


def _render_first(layers: Any, first: str | None) -> list[Any]:
    return sorted(layers, key=lambda layer: layer.name != first)


def _colors(data: Any, topology: _Topology) -> dict[str, Floats]:
    """Scene linear (T, 3, 4) of every colour attribute, the one to render with first."""
    layers = list(data.color_attributes)
    first = data.color_attributes.render_color_index if layers else 0
    if 0 <= first < len(layers):
        layers.insert(0, layers.pop(first))
    found = {}
    for layer in layers:
        flat = np.empty(len(layer.data) * 4, np.float32)
        layer.data.foreach_get("color", flat)
        values = flat.reshape(-1, 4)
        found[layer.name] = values[topology.corners if layer.domain == "POINT" else topology.loops]
    return found


def _attribute(data: Any, name: str, domain: str, field: str, kind: Any, width: int) -> Any | None:
    attribute = data.attributes.get(name)
    if attribute is None or attribute.domain != domain or not len(attribute.data):
        return None
    if not hasattr(attribute.data[0], field):
        return None
    values = np.empty(len(attribute.data) * width, kind)
    attribute.data.foreach_get(field, values)
    return values.reshape(-1, width) if width > 1 else values


def _digest(*arrays: Any) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        if array is None:
            digest.update(b"none")
        else:
            digest.update(str(array.shape).encode())
            digest.update(np.ascontiguousarray(array).view(np.uint8).reshape(-1).data)
    return digest.digest()
