"""Things to be dropped, rolled and struck: every shape of the vocabulary, about ``size`` metres across, resting middle at
its origin."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

from ...contract.geometry import vector
from ..physics import Shape
from ..shapes import Point, ball, box, lathe, solid

COLLISION: dict[str, Shape] = {"ball": "SPHERE", "cube": "BOX"}
"""Of the others: the convex hull."""
ROLLS = ("ball", "cylinder", "torus", "gem", "pebble", "knot", "gear")


def thing(
    scene: bpy.types.Scene,
    shape: str,
    name: str,
    size: float,
    material: bpy.types.Material,
    draw: np.random.Generator,
    *,
    stripe: bpy.types.Material | None = None,
) -> bpy.types.Object:
    """An object of that shape at the world's origin. ``stripe`` shows the turning of a ball."""
    half = size / 2
    if shape == "ball":
        return ball(scene, name, half, material, stripe=stripe, segments=40)
    if shape == "cube":
        sides = vector(size * float(draw.uniform(0.7, 1.0)) for _ in range(3))
        return box(scene, name, sides, material, tile=size, bevel=size * 0.03)
    if shape == "cylinder":
        tall = size * draw.uniform(0.6, 1.2)
        return _turned(scene, name, [(0.0, 0.0), (half * 0.85, 0.0), (half * 0.85, tall), (0.0, tall)], material, size)
    if shape == "cone":
        return _turned(
            scene, name, [(0.0, 0.0), (half, 0.0), (half * draw.uniform(0, 0.4), size), (0.0, size)], material, size
        )
    if shape == "vase":
        neck = draw.uniform(0.35, 0.7)
        outside = [(0.0, 0.0), (0.6, 0.0), (0.85, 0.25), (1.0, 0.6), (0.8, 1.1), (neck, 1.45), (neck * 1.3, 1.7)]
        inside = [(neck * 1.15, 1.7), (neck * 0.85, 1.45), (0.7, 1.1), (0.0, 0.3)]
        return _turned(
            scene, name, [(r * half * 0.8, z * half * 1.1) for r, z in outside + inside], material, size, smooth=True
        )
    if shape == "hourglass":
        outside = [
            (0.0, 0.0),
            (0.9, 0.0),
            (0.9, 0.15),
            (0.7, 0.5),
            (0.2, 1.0),
            (0.7, 1.5),
            (0.9, 1.85),
            (0.9, 2.0),
            (0.0, 2.0),
        ]
        return _turned(scene, name, [(r * half, z * half) for r, z in outside], material, size, smooth=True)
    if shape == "torus":
        turns = np.linspace(-math.pi / 2, 3 * math.pi / 2, 17)
        thick = half * draw.uniform(0.22, 0.36)
        ring = [(half - thick + thick * math.cos(t), thick * math.sin(t)) for t in turns]
        return _turned(scene, name, ring, material, size, smooth=True)
    if shape == "gem":
        return _mesh(scene, name, material, size, _primitive("ico", subdivisions=int(draw.integers(1, 3))))
    if shape == "pebble":
        made = _mesh(scene, name, material, size, _primitive("ico", subdivisions=4), smooth=True)
        _dent(made, half * draw.uniform(0.15, 0.35), draw)
        return made
    if shape == "monkey":
        made = _mesh(scene, name, material, size, _primitive("monkey"), smooth=True)
        made.modifiers.new("smooth", "SUBSURF").levels = 1
        made.rotation_euler.z = draw.uniform(-0.6, 0.6)
        return made
    if shape == "text":
        return _text(scene, name, size, material, draw)
    if shape == "star":
        return _plate(scene, name, size, material, _star(int(draw.integers(5, 8)), 0.45))
    if shape == "gear":
        return _through_file(scene, name, size, material, *_extruded(_gear(int(draw.integers(9, 14)))))
    if shape == "arch":
        return _plate(scene, name, size, material, _arch())
    if shape == "knot":
        return _through_file(scene, name, size, material, *_knot(2, 3))
    if shape == "imported":
        return _through_file(scene, name, size, material, *_superquadric(draw))
    raise KeyError(shape)


def half_height(made: bpy.types.Object) -> float:
    """Metres from the origin to the lowest point, as it is turned."""
    turned = made.rotation_euler.to_matrix()
    return -min((turned @ Vector(corner)).z for corner in made.bound_box)


def _turned(
    scene: bpy.types.Scene,
    name: str,
    profile: list[tuple[float, float]],
    material: bpy.types.Material,
    size: float,
    *,
    smooth: bool = False,
) -> bpy.types.Object:
    """A lathe whose origin is in its middle."""
    heights = [height for _, height in profile]
    middle = (min(heights) + max(heights)) / 2
    centred = [(radius, height - middle) for radius, height in profile]
    return lathe(scene, name, centred, material, tile=size, smooth=smooth, segments=36)


def _primitive(kind: str, **how: int) -> bpy.types.Mesh:
    if kind == "ico":
        bpy.ops.mesh.primitive_ico_sphere_add(radius=1.0, **how)
    else:
        bpy.ops.mesh.primitive_monkey_add(size=2.0)
    made = bpy.context.object
    mesh = made.data
    bpy.data.objects.remove(made)
    return mesh


def _mesh(
    scene: bpy.types.Scene,
    name: str,
    material: bpy.types.Material,
    size: float,
    mesh: bpy.types.Mesh,
    *,
    smooth: bool = False,
) -> bpy.types.Object:
    """The mesh as a thing, scaled to ``size`` about the middle of its bounds."""
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    points = points.reshape(-1, 3)
    low, high = points.min(0), points.max(0)
    points = (points - (low + high) / 2) * (size / float((high - low).max()))
    faces = [tuple(polygon.vertices) for polygon in mesh.polygons]
    bpy.data.meshes.remove(mesh)
    at: list[Point] = [tuple(point) for point in points.tolist()]
    return solid(scene, name, at, faces, material, tile=size, smooth=smooth)


def _dent(made: bpy.types.Object, depth: float, draw: np.random.Generator) -> None:
    mesh = made.data
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    points = points.reshape(-1, 3)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    wave = np.zeros(len(points))
    for order in (2, 3, 5):
        way = draw.normal(size=3)
        wave += np.sin(order * unit @ (way / np.linalg.norm(way)) + draw.uniform(0, 6.28)) / order
    mesh.vertices.foreach_set("co", (points * (1 + depth * wave / np.linalg.norm(points, axis=1))[:, None]).ravel())
    mesh.update()


LETTERS = ("A", "B", "E", "K", "R", "S", "X", "&", "42", "7", "AB", "OK", "?", "GO")


def _text(
    scene: bpy.types.Scene, name: str, size: float, material: bpy.types.Material, draw: np.random.Generator
) -> bpy.types.Object:
    curve = bpy.data.curves.new(name, "FONT")
    curve.body = LETTERS[int(draw.integers(len(LETTERS)))]
    curve.extrude, curve.bevel_depth, curve.resolution_u = 0.14, 0.012, 3
    letters = bpy.data.objects.new(name, curve)
    scene.collection.objects.link(letters)
    mesh = bpy.data.meshes.new_from_object(letters.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    bpy.data.objects.remove(letters)
    bpy.data.curves.remove(curve)
    made = _mesh(scene, name, material, size, mesh)
    made.rotation_euler.x = math.pi / 2
    return made


def _plate(
    scene: bpy.types.Scene, name: str, size: float, material: bpy.types.Material, outline: list[tuple[float, float]]
) -> bpy.types.Object:
    points, faces = _extruded(outline)
    made = solid(
        scene, name, [(x * size / 2, y * size / 2, z * size / 2) for x, y, z in points], faces, material, tile=size
    )
    made.rotation_euler.x = math.pi / 2
    return made


def _extruded(outline: list[tuple[float, float]], deep: float = 0.3) -> tuple[list[Point], list[tuple[int, ...]]]:
    """An outline (counter-clockwise, about 1 in radius) as a plate twice ``deep`` thick."""
    count = len(outline)
    points: list[Point] = [(x, y, -deep) for x, y in outline] + [(x, y, deep) for x, y in outline]
    sides = [(i, (i + 1) % count, count + (i + 1) % count, count + i) for i in range(count)]
    return points, [tuple(reversed(range(count))), tuple(range(count, 2 * count)), *sides]


def _star(tips: int, inner: float) -> list[tuple[float, float]]:
    turns = [math.pi * i / tips for i in range(2 * tips)]
    return [
        ((inner if i % 2 else 1.0) * math.sin(-t), (inner if i % 2 else 1.0) * math.cos(t)) for i, t in enumerate(turns)
    ]


def _gear(teeth: int) -> list[tuple[float, float]]:
    outline = []
    for tooth in range(teeth):
        for share, radius in ((0.0, 0.76), (0.2, 1.0), (0.5, 1.0), (0.7, 0.76)):
            turn = math.tau * (tooth + share) / teeth
            outline.append((radius * math.cos(turn), radius * math.sin(turn)))
    return outline


def _arch() -> list[tuple[float, float]]:
    turns = np.linspace(0.0, math.pi, 14)
    outer = [(math.cos(t), math.sin(t)) for t in turns]
    inner = [(0.6 * math.cos(t), 0.6 * math.sin(t)) for t in reversed(turns)]
    return [(1.0, -0.8), *outer, (-1.0, -0.8), (-0.6, -0.8), *inner, (0.6, -0.8)]


def _knot(p: int, q: int, around: int = 120, tube: int = 12) -> tuple[list[Point], list[tuple[int, ...]]]:
    """A torus knot with a round tube."""
    t = np.linspace(0.0, math.tau, around, endpoint=False)
    radius = 1.0 + 0.45 * np.cos(q * t)
    line = np.stack([radius * np.cos(p * t), radius * np.sin(p * t), 0.6 * np.sin(q * t)], axis=1)
    along = np.roll(line, -1, axis=0) - np.roll(line, 1, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.cross(along, line)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(along, side)
    turn = np.linspace(0.0, math.tau, tube, endpoint=False)
    points = line[:, None] + 0.3 * (
        np.cos(turn)[None, :, None] * side[:, None] + np.sin(turn)[None, :, None] * up[:, None]
    )
    return _grid(points)


def _superquadric(
    draw: np.random.Generator, rows: int = 24, columns: int = 40
) -> tuple[list[Point], list[tuple[int, ...]]]:
    """A twisted superquadric (Barr 1981) with fins: what nobody would build of primitives."""
    e1, e2 = draw.uniform(0.4, 1.6, 2)
    fins, depth, twist = int(draw.integers(0, 6)), draw.uniform(0.0, 0.3), draw.uniform(-1.2, 1.2)
    eta = np.linspace(-math.pi / 2 + 0.05, math.pi / 2 - 0.05, rows)[:, None]
    omega = np.linspace(0.0, math.tau, columns, endpoint=False)[None, :]
    power = lambda value, e: np.sign(value) * np.abs(value) ** e  # noqa: E731
    radius = power(np.cos(eta), e1) * (1 + depth * np.cos(fins * omega))
    z = power(np.sin(eta), e1) * np.ones_like(omega)
    x, y = radius * power(np.cos(omega), e2), radius * power(np.sin(omega), e2)
    turn = twist * z
    points = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn), 1.2 * z], axis=2)
    return _grid(points, closed=False)


def _grid(points: np.ndarray, closed: bool = True) -> tuple[list[Point], list[tuple[int, ...]]]:
    """Faces of (rows, columns, 3) points; columns close on themselves, rows too or end in caps."""
    rows, columns = points.shape[:2]
    number = np.arange(rows * columns).reshape(rows, columns)
    faces: list[tuple[int, ...]] = []
    for i in range(rows if closed else rows - 1):
        after = (i + 1) % rows
        for j in range(columns):
            k = (j + 1) % columns
            faces.append((int(number[i, j]), int(number[i, k]), int(number[after, k]), int(number[after, j])))
    if not closed:
        faces += [tuple(reversed(number[0].tolist())), tuple(number[-1].tolist())]
    return [tuple(point) for point in points.reshape(-1, 3).tolist()], faces


def _through_file(
    scene: bpy.types.Scene,
    name: str,
    size: float,
    material: bpy.types.Material,
    points: list[Point],
    faces: list[tuple[int, ...]],
) -> bpy.types.Object:
    """The mesh, written as Wavefront OBJ and read by Blender's importer, as an artist's would be."""
    lines = [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in points]
    lines += ["f " + " ".join(str(corner + 1) for corner in face) for face in faces]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "thing.obj"
        path.write_text("\n".join(lines) + "\n", encoding="ascii")
        before = set(bpy.data.objects)
        bpy.ops.wm.obj_import(filepath=str(path), forward_axis="Y", up_axis="Z")
        (read,) = set(bpy.data.objects) - before
    mesh = read.data
    bpy.data.objects.remove(read)
    made = _mesh(scene, name, material, size, mesh, smooth=len(faces) > 100)
    made.rotation_euler = (math.pi / 2, 0.0, 0.0)
    return made
