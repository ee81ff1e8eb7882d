"""Meshes: boxes, balls, lathed profiles, sheets. Metres; the origin is the middle of a box, the foot of a lathe.

UV maps are projected along the axis that a face looks along, ``tile`` metres to a repeat of the picture, so that
pictures keep their scale on every shape.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import bpy
import numpy as np

Point = tuple[float, float, float]


def solid(
    scene: bpy.types.Scene,
    name: str,
    points: Sequence[Point],
    faces: Sequence[Sequence[int]],
    material: bpy.types.Material,
    *,
    at: Point = (0.0, 0.0, 0.0),
    turn: Point = (0.0, 0.0, 0.0),
    tile: float = 1.0,
    smooth: bool = False,
) -> bpy.types.Object:
    """An object of ``points`` and ``faces`` (counter-clockwise from outside) at ``at``, turned by Euler XYZ radians."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(list(points), [], list(faces))
    mesh.materials.append(material)
    _project_uvs(mesh, tile)
    mesh.polygons.foreach_set("use_smooth", [smooth] * len(mesh.polygons))
    thing = bpy.data.objects.new(name, mesh)
    thing.location, thing.rotation_euler = at, turn
    scene.collection.objects.link(thing)
    return thing


def _project_uvs(mesh: bpy.types.Mesh, tile: float) -> None:
    layer = mesh.uv_layers.new(name="UVMap")
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    normals = np.empty(3 * len(mesh.polygons), np.float32)
    mesh.polygons.foreach_get("normal", normals)
    counts = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_total", counts)
    at = points.reshape(-1, 3)[corners]
    axis = np.repeat(np.abs(normals.reshape(-1, 3)).argmax(axis=1), counts)
    across = np.where(axis == 0, at[:, 1], at[:, 0])
    along = np.where(axis == 2, at[:, 1], at[:, 2])
    layer.data.foreach_set("uv", (np.stack([across, along], axis=1) / tile).astype(np.float32).ravel())


def box(
    scene: bpy.types.Scene,
    name: str,
    size: Point,
    material: bpy.types.Material,
    *,
    at: Point = (0.0, 0.0, 0.0),
    turn: Point = (0.0, 0.0, 0.0),
    tile: float = 1.0,
    bevel: float = 0.0,
) -> bpy.types.Object:
    """A box of ``size`` about its origin; ``bevel`` metres are taken off its edges by a modifier."""
    x, y, z = (side / 2 for side in size)
    points = [(-x, -y, -z), (x, -y, -z), (x, y, -z), (-x, y, -z), (-x, -y, z), (x, -y, z), (x, y, z), (-x, y, z)]
    faces = [(0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
    thing = solid(scene, name, points, faces, material, at=at, turn=turn, tile=tile)
    if bevel:
        modifier = thing.modifiers.new("bevel", "BEVEL")
        modifier.width, modifier.segments = bevel, 2
    return thing


def ball(
    scene: bpy.types.Scene,
    name: str,
    radius: float,
    material: bpy.types.Material,
    *,
    at: Point = (0.0, 0.0, 0.0),
    stripe: bpy.types.Material | None = None,
    segments: int = 48,
) -> bpy.types.Object:
    """A ball whose poles lie on y, so that one that rolls along x shows it; ``stripe`` fills every other of 8 wedges."""
    rings = segments // 2
    points: list[Point] = [(0.0, -radius, 0.0)]
    for ring in range(1, rings):
        polar = math.pi * ring / rings
        for step in range(segments):
            turn = math.tau * step / segments
            points.append(
                (
                    radius * math.sin(polar) * math.cos(turn),
                    -radius * math.cos(polar),
                    radius * math.sin(polar) * math.sin(turn),
                )
            )
    points.append((0.0, radius, 0.0))
    last = len(points) - 1
    faces: list[tuple[int, ...]] = []
    wedges: list[int] = []
    for step in range(segments):
        after = (step + 1) % segments
        faces.append((0, 1 + step, 1 + after))
        faces.append((last, last - segments + after, last - segments + step))
        wedges += [step, step]
        for ring in range(rings - 2):
            low, high = 1 + ring * segments, 1 + (ring + 1) * segments
            faces.append((low + after, low + step, high + step, high + after))
            wedges.append(step)
    thing = solid(scene, name, points, faces, material, at=at, tile=radius, smooth=True)
    if stripe is not None:
        thing.data.materials.append(stripe)
        thing.data.polygons.foreach_set("material_index", [wedge * 8 // segments % 2 for wedge in wedges])
    return thing


def lathe(
    scene: bpy.types.Scene,
    name: str,
    profile: Sequence[tuple[float, float]],
    material: bpy.types.Material,
    *,
    at: Point = (0.0, 0.0, 0.0),
    turn: Point = (0.0, 0.0, 0.0),
    tile: float = 1.0,
    segments: int = 48,
    smooth: bool = True,
) -> bpy.types.Object:
    """``profile`` (radius, height), from the foot up its outside and perhaps down its inside, turned about z.

    A first or last radius of 0 closes it with a point.
    """
    points: list[Point] = []
    rows: list[list[int]] = []
    for radius, height in profile:
        if radius == 0.0:
            rows.append([len(points)] * segments)
            points.append((0.0, 0.0, height))
            continue
        rows.append(list(range(len(points), len(points) + segments)))
        points += [
            (radius * math.cos(math.tau * step / segments), radius * math.sin(math.tau * step / segments), height)
            for step in range(segments)
        ]
    faces: list[tuple[int, ...]] = []
    for low, high in pairwise(rows):
        for step in range(segments):
            after = (step + 1) % segments
            corners = dict.fromkeys((low[step], low[after], high[after], high[step]))
            faces.append(tuple(corners))
    return solid(scene, name, points, faces, material, at=at, turn=turn, tile=tile, smooth=smooth)


def sheet(
    scene: bpy.types.Scene,
    name: str,
    size: tuple[float, float],
    material: bpy.types.Material,
    *,
    at: Point = (0.0, 0.0, 0.0),
    turn: Point = (0.0, 0.0, 0.0),
    tile: float = 1.0,
    cells: int = 1,
) -> bpy.types.Object:
    """A flat sheet that looks up, of ``cells`` by ``cells`` faces."""
    xs = np.linspace(-size[0] / 2, size[0] / 2, cells + 1)
    ys = np.linspace(-size[1] / 2, size[1] / 2, cells + 1)
    points = [(float(x), float(y), 0.0) for y in ys for x in xs]
    row = cells + 1
    faces = [
        (j * row + i, j * row + i + 1, (j + 1) * row + i + 1, (j + 1) * row + i)
        for j in range(cells)
        for i in range(cells)
    ]
    return solid(scene, name, points, faces, material, at=at, turn=turn, tile=tile)
