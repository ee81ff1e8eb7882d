"""Where a clip plays: open ground with architecture, and rooms that sound. The action is at the origin, the floor z = 0.

Cameras stand on the side of -y; what is built stands behind the action, beside it, or (in a room) all around.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from ...contract.geometry import vector
from .. import pictures
from ..physics import rigid
from ..shapes import Point, box, lathe, sheet, solid
from ..surfaces import surface
from .stuff import glow, stuff

Draw = np.random.Generator


@dataclass
class Place:
    """What others must know of a place. Metres."""

    floor: bpy.types.Object
    farthest: float
    """How far from the origin a camera may stand."""
    highest: float
    """How high it may stand."""
    windows: tuple[tuple[Point, Point, float], ...] = ()
    """Openings that daylight enters a room by: a point outside, a point within to shine at, side."""
    lamps: tuple[Point, ...] = ()
    """Where a practical lamp may hang or stand."""

    @property
    def enclosed(self) -> bool:
        return bool(self.windows)


def build(scene: bpy.types.Scene, name: str, ground: str, draw: Draw) -> Place:
    """The place, its floor rigid."""
    return _BUILD[name](scene, stuff(ground, draw), draw)


def _floor(
    scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw, side: tuple[float, float] = (40.0, 40.0)
) -> bpy.types.Object:
    floor = box(scene, "Floor", (*side, 0.4), ground, at=(0.0, 0.0, -0.2), tile=draw.uniform(1.2, 2.6))
    return rigid(scene, floor, "BOX", friction=0.8, restitution=0.7)


def _block(
    scene: bpy.types.Scene, name: str, low: Point, high: Point, material: bpy.types.Material, tile: float = 2.0
) -> bpy.types.Object:
    size = vector(max(b - a, 0.01) for a, b in zip(low, high, strict=True))
    middle = vector((a + b) / 2 for a, b in zip(low, high, strict=True))
    return box(scene, name, size, material, at=middle, tile=tile)


def _yard(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    """A wall with openings behind, and what stands about in yards."""
    floor = _floor(scene, ground, draw)
    wall = stuff(str(draw.choice(["brick", "plaster", "stone"])), draw)
    back, tall = draw.uniform(2.2, 3.6), draw.uniform(2.6, 4.0)
    _pierced_wall(scene, wall, draw, back, tall)
    if draw.random() < 0.6:
        side = float(draw.choice([-1.0, 1.0]))
        x = side * draw.uniform(3.0, 4.5)
        _block(
            scene, "Side wall", (min(x, x + side * 0.3), -1.0, 0.0), (max(x, x + side * 0.3), back, tall * 0.8), wall
        )
    _crates(scene, draw, back)
    return Place(floor, 7.0, 3.5, lamps=((-2.2, back - 0.3, 2.2), (2.0, back - 0.3, 2.2)))


def _pierced_wall(scene: bpy.types.Scene, wall: bpy.types.Material, draw: Draw, back: float, tall: float) -> None:
    """A wall along x at y = ``back`` with one to three openings: dark, with sills."""
    dark = surface("Dark room", (0.02, 0.02, 0.025), roughness=1.0)
    trim = stuff("stone", draw)
    edges, x = [-9.0], -6.0 + draw.uniform(0, 2.0)
    for _ in range(int(draw.integers(2, 5))):
        wide = draw.uniform(0.7, 1.2)
        edges += [x, x + wide]
        x += wide + draw.uniform(1.0, 2.6)
    edges.append(9.0)
    low, high = draw.uniform(0.6, 1.0), draw.uniform(1.7, 2.2)
    for left, right in zip(edges[0::2], edges[1::2], strict=True):
        if right > left:
            _block(scene, "Wall", (left, back, 0.0), (right, back + 0.35, tall), wall)
    for left, right in zip(edges[1:-1:2], edges[2:-1:2], strict=True):
        _block(scene, "Wall below", (left, back, 0.0), (right, back + 0.35, low), wall)
        _block(scene, "Wall above", (left, back, high), (right, back + 0.35, tall), wall)
        _block(scene, "Room", (left, back + 0.2, low), (right, back + 0.24, high), dark)
        _block(scene, "Sill", (left - 0.06, back - 0.1, low - 0.06), (right + 0.06, back + 0.2, low), trim)


def _crates(scene: bpy.types.Scene, draw: Draw, back: float) -> None:
    for number in range(int(draw.integers(1, 5))):
        x = float(draw.choice([-1.0, 1.0])) * draw.uniform(1.5, 3.0)
        y = draw.uniform(0.9, back - 0.5)
        kind = str(draw.choice(["crate", "barrel", "pot", "bush"]))
        material = stuff({"crate": "wood", "barrel": "steel", "pot": "brick", "bush": "leaf"}[kind], draw)
        size = draw.uniform(0.35, 0.8)
        if kind == "crate":
            made = box(
                scene,
                f"Crate {number}",
                (size, size, size),
                material,
                at=(x, y, size / 2),
                turn=(0.0, 0.0, draw.uniform(0, 1.5)),
                tile=size,
            )
            rigid(scene, made, "BOX")
        elif kind == "bush":
            made = _bush(scene, f"Bush {number}", size, material, (x, y, 0.0), draw)
        else:
            wide = size * 0.42
            profile = [(0.0, 0.0), (wide * 0.9, 0.0), (wide * 1.1, size / 2), (wide * 0.9, size), (0.0, size)]
            made = lathe(scene, f"{kind.capitalize()} {number}", profile, material, at=(x, y, 0.0), tile=size)
            rigid(scene, made, "CONVEX_HULL")


def _bush(
    scene: bpy.types.Scene, name: str, size: float, material: bpy.types.Material, at: Point, draw: Draw
) -> bpy.types.Object:
    """Leaves, each a quadrilateral, over a ball."""
    count = 320
    way = draw.normal(size=(count, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    middle = way * size * draw.uniform(0.35, 0.55, (count, 1)) + np.array([0.0, 0.0, size * 0.5])
    across = np.cross(way, draw.normal(size=(count, 3)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    along = np.cross(way, across) + 0.5 * way
    wide = size * 0.09
    corners = np.stack(
        [middle - across * wide * 0.5, middle - along * wide, middle + across * wide * 0.5, middle + along * wide],
        axis=1,
    )
    corners[..., 2] = np.maximum(corners[..., 2], 0.01)
    points = [tuple(point) for point in corners.reshape(-1, 3).tolist()]
    return solid(scene, name, points, [tuple(range(4 * i, 4 * i + 4)) for i in range(count)], material, at=at)


def _street(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    """House fronts behind a kerb, and lamp posts."""
    floor = _floor(scene, ground, draw)
    kerb = stuff("concrete", draw)
    back = draw.uniform(2.4, 3.4)
    _block(scene, "Pavement", (-15.0, back - 1.0, 0.0), (15.0, back + 6.0, 0.12), kerb)
    x = -9.0
    pane = surface("Glass pane", (0.03, 0.04, 0.05), roughness=0.08)
    lit = glow("Lit pane", (1.0, 0.72, 0.4), 1.5) if draw.random() < 0.5 else pane
    while x < 9.0:
        wide, tall = draw.uniform(2.4, 4.2), draw.uniform(3.4, 7.0)
        front = back + draw.uniform(0.6, 1.2)
        face = stuff(str(draw.choice(["brick", "plaster", "stone", "concrete"])), draw)
        _block(scene, "House", (x, front, 0.0), (x + wide, front + 3.0, tall), face)
        columns, rows = max(1, int(wide / 1.1)), max(1, int(tall / 1.5))
        for i in range(columns):
            for j in range(rows):
                left, low = x + (i + 0.5) * wide / columns - 0.3, 0.7 + j * 1.5
                if low + 0.9 < tall:
                    _block(
                        scene,
                        "Window",
                        (left, front - 0.03, low),
                        (left + 0.6, front + 0.02, low + 0.9),
                        lit if draw.random() < 0.4 else pane,
                    )
        x += wide + (draw.uniform(0.5, 1.5) if draw.random() < 0.25 else 0.0)
    posts = []
    iron = stuff("steel", draw)
    for px in (-2.6, 3.0):
        py = back - 0.7
        lathe(
            scene,
            "Lamp post",
            [(0.07, 0.0), (0.04, 0.4), (0.03, 3.0), (0.0, 3.05)],
            iron,
            at=(px, py, 0.1),
            segments=12,
        )
        posts.append((px, py - 0.15, 3.0))
    return Place(floor, 7.5, 4.0, lamps=tuple(posts))


def _hills(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    """Land that is level where things happen and rises around it, with trees, rocks and tufts."""
    cells, side = 56, 44.0
    land = sheet(scene, "Floor", (side, side), ground, tile=draw.uniform(1.2, 2.2), cells=cells)
    points = np.empty(3 * len(land.data.vertices), np.float32)
    land.data.vertices.foreach_get("co", points)
    points = points.reshape(-1, 3)
    rise = pictures.noise(64, (4, 4), int(draw.integers(1, 2**31)), 4)
    index = np.clip(((points[:, :2] / side + 0.5) * 63).astype(int), 0, 63)
    away = np.hypot(points[:, 0], points[:, 1])
    height = (0.6 + rise[index[:, 1], index[:, 0]]) * draw.uniform(2.0, 4.5)
    behind = np.clip(0.5 + points[:, 1] / 12.0, 0.12, 1.0)
    points[:, 2] = np.maximum(height * np.clip((away - 3.5) / 12.0, 0.0, 1.0) ** 1.4 * behind, 0.0)
    land.data.vertices.foreach_set("co", points.ravel())
    land.data.polygons.foreach_set("use_smooth", [True] * len(land.data.polygons))
    rigid(scene, land, "MESH", friction=0.9, restitution=0.6)
    bark, leaf, rock = stuff("wood", draw), stuff("leaf", draw), stuff("stone", draw)
    for number in range(int(draw.integers(3, 9))):
        x, y = draw.uniform(-8.0, 8.0), draw.uniform(2.2, 13.0)
        nearest = int(np.argmin(np.hypot(points[:, 0] - x, points[:, 1] - y)))
        foot = float(points[nearest, 2]) - 0.1
        if draw.random() < 0.6:
            tall = draw.uniform(1.4, 3.4)
            lathe(
                scene,
                f"Trunk {number}",
                [(0.12, 0.0), (0.07, tall * 0.5), (0.0, tall * 0.9)],
                bark,
                at=(x, y, foot),
                segments=10,
            )
            if draw.random() < 0.5:
                profile = [
                    (0.0, 0.25 * tall),
                    (0.34 * tall, 0.27 * tall),
                    (0.16 * tall, 0.62 * tall),
                    (0.22 * tall, 0.6 * tall),
                    (0.0, 1.05 * tall),
                ]
                lathe(scene, f"Fir {number}", profile, leaf, at=(x, y, foot), segments=14, smooth=False)
            else:
                _bush(scene, f"Crown {number}", 0.8 * tall, leaf, (x, y, foot + 0.35 * tall), draw)
        else:
            size = draw.uniform(0.3, 1.1)
            profile = [(0.0, -0.2), (0.6, -0.1), (0.55, 0.3), (0.3, 0.55), (0.0, 0.62)]
            lathe(
                scene,
                f"Rock {number}",
                [(r * size, z * size) for r, z in profile],
                rock,
                at=(x, y, foot),
                segments=int(draw.integers(5, 9)),
                smooth=False,
                tile=size,
            )
    if ground["kind"] == "grass":
        _tufts(scene, ground, draw)
    return Place(land, 5.5, 3.0, lamps=((-2.0, 1.6, 1.8), (2.2, 1.2, 1.6)))


def _tufts(scene: bpy.types.Scene, material: bpy.types.Material, draw: Draw) -> None:
    """Blades of grass around the middle, one mesh."""
    count = 2600
    at = draw.normal(0.0, 1.7, (count, 2))
    at = at[np.hypot(at[:, 0], at[:, 1]) < 3.4]
    count = len(at)
    turn, tall = draw.uniform(0, math.tau, count), draw.uniform(0.02, 0.07, count)
    side = np.stack([np.cos(turn), np.sin(turn)], axis=1) * 0.006
    lean = draw.normal(0.0, 0.02, (count, 2))
    points = np.zeros((count, 3, 3))
    points[:, 0, :2], points[:, 1, :2], points[:, 2, :2] = at - side, at + side, at + lean
    points[:, 2, 2] = tall
    faces = [(3 * i, 3 * i + 1, 3 * i + 2) for i in range(count)]
    solid(scene, "Grass blades", [vector(p) for p in points.reshape(-1, 3).tolist()], faces, material, tile=0.3)


def _ruins(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    """Columns, whole and broken, and a piece of an arcade."""
    floor = _floor(scene, ground, draw)
    marble = stuff("stone", draw)
    for row, y in enumerate((draw.uniform(1.9, 2.6), draw.uniform(4.2, 5.4))):
        for number, x in enumerate(np.arange(-4.5, 4.6, draw.uniform(1.5, 2.1))):
            tall = 3.2 if draw.random() < 0.6 else draw.uniform(0.4, 2.2)
            profile = [(0.34, 0.0), (0.34, 0.15), (0.25, 0.2), (0.21, tall), (0.0, tall + 0.02)]
            column = lathe(
                scene, f"Column {row} {number}", profile, marble, at=(float(x), y, 0.0), segments=18, tile=0.8
            )
            rigid(scene, column, "CONVEX_HULL")
            if tall == 3.2:
                _block(scene, "Capital", (float(x) - 0.33, y - 0.33, 3.2), (float(x) + 0.33, y + 0.33, 3.38), marble)
    _block(scene, "Beam", (-4.8, 4.6, 3.38), (draw.uniform(-1.0, 4.0), 5.1, 3.8), marble)
    for number in range(int(draw.integers(2, 6))):
        size = draw.uniform(0.2, 0.5)
        x = float(draw.choice([-1.0, 1.0])) * draw.uniform(1.3, 3.0)
        made = box(
            scene,
            f"Fragment {number}",
            (size * 1.6, size, size * 0.7),
            marble,
            at=(x, draw.uniform(-0.3, 1.6), size * 0.33),
            turn=(draw.uniform(-0.2, 0.2), draw.uniform(-0.2, 0.2), draw.uniform(0, 3)),
            tile=0.8,
        )
        rigid(scene, made, "BOX")
    return Place(floor, 7.0, 3.0, lamps=((-1.6, 1.5, 1.5), (1.9, 1.7, 1.2)))


def _roof(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    """A parapet, vents and pipes, and the blocks of a city far below and beyond."""
    floor = _floor(scene, ground, draw, (16.0, 12.0))
    wall = stuff(str(draw.choice(["brick", "concrete", "plaster"])), draw)
    y = draw.uniform(2.2, 3.2)
    _block(scene, "Parapet", (-8.0, y, 0.0), (8.0, y + 0.25, draw.uniform(0.6, 1.0)), wall)
    metal = stuff("steel", draw)
    for number in range(int(draw.integers(1, 4))):
        x = draw.uniform(-3.5, 3.5)
        tall = draw.uniform(0.5, 1.2)
        made = lathe(
            scene,
            f"Vent {number}",
            [(0.16, 0.0), (0.16, tall), (0.3, tall), (0.22, tall + 0.25), (0.0, tall + 0.3)],
            metal,
            at=(x, y - 0.5, 0.0),
            segments=20,
        )
        rigid(scene, made, "CONVEX_HULL")
    far = [stuff("concrete", draw), stuff("plaster", draw), stuff("brick", draw)]
    for _ in range(26):
        x, away = draw.uniform(-26.0, 26.0), draw.uniform(9.0, 34.0)
        wide, tall = draw.uniform(2.0, 4.5), draw.uniform(-2.0, 8.0)
        _block(scene, "Tower", (x, away, -12.0), (x + wide, away + wide, tall), far[int(draw.integers(3))], tile=4.0)
    return Place(floor, 5.2, 3.5, lamps=((-2.4, y - 0.2, 1.4), (2.6, y - 0.2, 1.4)))


def _studio(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    """A cyclorama: a floor that turns up into a backdrop."""
    floor = _floor(scene, ground, draw, (9.0, 5.6))
    paper = surface(
        "Paper backdrop", tuple(draw.uniform(0.2, 0.75, 3)) if draw.random() < 0.5 else (0.6, 0.6, 0.6), roughness=0.95
    )
    paper["kind"] = "plaster"
    radius, start, points = 1.2, 1.5, []
    for x in (-6.0, 6.0):
        points += [(x, start, 0.004)]
        points += [
            (x, start + radius * math.sin(t), 0.004 + radius * (1 - math.cos(t)))
            for t in np.linspace(0.2, math.pi / 2, 8)
        ]
        points += [(x, start + radius, 5.0)]
    row = len(points) // 2
    solid(scene, "Backdrop", points, [(i, row + i, row + i + 1, i + 1) for i in range(row - 1)], paper, smooth=True)
    return Place(floor, 5.5, 3.0, lamps=((-2.0, 0.8, 1.6), (2.0, 0.8, 1.6)))


def _room(
    scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw, size: Point, wall: bpy.types.Material
) -> Place:
    """A box of walls of ``size``, with a window on the left and the camera within."""
    wide, deep, tall = size
    floor = _floor(scene, ground, draw, (wide + 0.4, deep + 0.4))
    left, right, back, front = -wide / 2, wide / 2, deep * 0.42, -deep * 0.58
    opening = min(0.5 * tall, 1.8)
    low, y0 = 0.35 * tall, draw.uniform(-0.5, 0.3)
    y1 = y0 + opening
    _block(scene, "Wall right", (right, front, 0.0), (right + 0.2, back, tall), wall)
    _block(scene, "Wall back", (left - 0.2, back, 0.0), (right + 0.2, back + 0.2, tall), wall)
    _block(scene, "Wall front", (left - 0.2, front - 0.2, 0.0), (right + 0.2, front, tall), wall)
    _block(scene, "Wall left a", (left - 0.2, front, 0.0), (left, y0, tall), wall)
    _block(scene, "Wall left b", (left - 0.2, y1, 0.0), (left, back, tall), wall)
    _block(scene, "Wall left low", (left - 0.2, y0, 0.0), (left, y1, low), wall)
    _block(scene, "Wall left high", (left - 0.2, y0, low + opening), (left, y1, tall), wall)
    _block(
        scene, "Ceiling", (left - 0.2, front - 0.2, tall), (right + 0.2, back + 0.2, tall + 0.2), stuff("plaster", draw)
    )
    middle = (left - 0.25, (y0 + y1) / 2, low + opening / 2)
    window = (middle, (0.3, 0.0, 0.2), opening)
    lamps = ((0.4, 0.2, tall - 0.35), (right - 0.5, back - 0.5, min(1.5, tall * 0.5)))
    return Place(floor, min(-front - 0.4, 6.5), tall - 0.5, windows=(window,), lamps=lamps)


def _small_room(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    size = (draw.uniform(4.2, 5.5), draw.uniform(5.6, 6.8), draw.uniform(2.5, 3.0))
    place = _room(scene, ground, draw, size, stuff(str(draw.choice(["plaster", "paint", "brick"])), draw))
    wood = stuff("wood", draw)
    back, right = size[1] * 0.42, size[0] / 2
    _block(scene, "Shelf", (-0.9, back - 0.35, 0.0), (0.5, back - 0.02, draw.uniform(0.8, 1.9)), wood, tile=0.8)
    if draw.random() < 0.6:
        _block(scene, "Table", (right - 0.8, 0.3, 0.68), (right - 0.1, 1.5, 0.74), wood, tile=0.8)
        for y in (0.35, 1.4):
            _block(scene, "Leg", (right - 0.78, y, 0.0), (right - 0.7, y + 0.06, 0.68), wood)
    _block(scene, "Picture", (0.9, back - 0.03, 1.2), (1.6, back - 0.005, 1.8), stuff("cloth", draw), tile=0.8)
    return place


def _hall(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    size = (draw.uniform(9.0, 14.0), draw.uniform(13.0, 20.0), draw.uniform(4.5, 7.0))
    place = _room(scene, ground, draw, size, stuff(str(draw.choice(["plaster", "concrete", "brick"])), draw))
    beam, back = stuff("wood", draw), size[1] * 0.42
    for x in np.arange(-size[0] / 2 + 1.0, size[0] / 2, 2.4):
        _block(scene, "Pilaster", (float(x), back - 0.25, 0.0), (float(x) + 0.4, back, size[2]), beam)
    for number in range(int(draw.integers(1, 4))):
        _block(scene, f"Bench {number}", (2.4, 0.5 + number * 1.2, 0.4), (4.0, 0.9 + number * 1.2, 0.46), beam)
        _block(scene, f"Bench foot {number}", (2.6, 0.6 + number * 1.2, 0.0), (3.8, 0.8 + number * 1.2, 0.4), beam)
    return place


def _cathedral(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    size = (draw.uniform(12.0, 17.0), draw.uniform(26.0, 36.0), draw.uniform(12.0, 18.0))
    stone = stuff("stone", draw)
    place = _room(scene, ground, draw, size, stone)
    apart = draw.uniform(2.4, 3.2)
    for y in np.arange(1.8, size[1] * 0.4, draw.uniform(2.6, 3.4)):
        for side in (-1.0, 1.0):
            profile = [
                (0.55, 0.0),
                (0.55, 0.3),
                (0.36, 0.4),
                (0.32, size[2] * 0.6),
                (0.6, size[2] * 0.68),
                (0.6, size[2]),
            ]
            lathe(scene, "Pillar", profile, stone, at=(side * apart, float(y), 0.0), segments=20, tile=1.2)
        arch = [
            (apart * math.cos(t), float(y), size[2] * 0.66 + apart * 1.2 * math.sin(t))
            for t in np.linspace(0, math.pi, 13)
        ]
        inner = [(x * 0.9, at, z - 0.25) for x, at, z in arch]
        both = [(x, at - d, z) for d in (0.15, -0.15) for line in (arch, inner) for x, at, z in line]
        faces = [(i, i + 1, 14 + i, 13 + i) for i in range(12)]
        faces += [(26 + i + 1, 26 + i, 39 + i, 40 + i) for i in range(12)]
        faces += [(13 + i, 14 + i, 40 + i, 39 + i) for i in range(12)]
        solid(scene, "Arch", both, faces, stone, tile=1.2)
    return Place(place.floor, 6.5, 4.0, place.windows, ((-1.8, 1.4, 2.4), (1.8, 1.4, 2.4), (0.0, 0.4, 5.0)))


def _tunnel(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    """A vault along y whose far end glows."""
    floor = _floor(scene, ground, draw, (7.0, 60.0))
    wall = stuff(str(draw.choice(["concrete", "brick", "tiles"])), draw)
    radius, rise = draw.uniform(2.3, 3.0), draw.uniform(0.5, 1.2)
    turns = np.linspace(0.0, math.pi, 15)
    profile = [
        (-radius, 0.0),
        *((-radius * math.cos(t), rise + radius * 0.8 * math.sin(t)) for t in turns),
        (radius, 0.0),
    ]
    points = [(x, y, z) for y in np.arange(-14.0, 22.1, 4.0) for x, z in profile]
    row, rows = len(profile), len(points) // len(profile)
    faces = [
        (j * row + i, (j + 1) * row + i, (j + 1) * row + i + 1, j * row + i + 1)
        for j in range(rows - 1)
        for i in range(row - 1)
    ]
    solid(scene, "Vault", points, [tuple(reversed(face)) for face in faces], wall, tile=1.6)
    _block(scene, "End", (-4.0, 22.0, 0.0), (4.0, 22.2, 6.0), wall)
    _block(scene, "Mouth", (-4.0, -14.2, 0.0), (4.0, -14.0, 6.0), wall)
    for y in (1.5, 6.5, 11.5):
        _block(scene, "Rib", (-radius - 0.05, y, 0.0), (-radius + 0.12, y + 0.3, rise + 0.9), wall)
        _block(scene, "Rib", (radius - 0.12, y, 0.0), (radius + 0.05, y + 0.3, rise + 0.9), wall)
    high = rise + radius * 0.8 - 0.25
    window = ((0.0, 5.0, high), (0.0, 0.5, 0.0), 1.4)
    return Place(
        floor, 6.0, high - 0.3, windows=(window,), lamps=((0.0, 0.6, high), (0.0, -3.0, high), (0.0, 6.5, high))
    )


def _underwater(scene: bpy.types.Scene, ground: bpy.types.Material, draw: Draw) -> Place:
    """A sea floor with rocks and weed."""
    place = _hills(scene, ground, draw)
    for thing in list(scene.objects):
        if thing.name.startswith(("Trunk", "Fir", "Crown")):
            bpy.data.objects.remove(thing)
    weed = stuff("leaf", draw)
    for number in range(int(draw.integers(10, 24))):
        x, y = draw.uniform(-4.0, 4.0), draw.uniform(1.3, 6.0)
        tall, bend = draw.uniform(0.5, 1.8), draw.uniform(-0.5, 0.5)
        spine = [(bend * math.sin(3.0 * t + number) * t, 0.0, tall * t) for t in np.linspace(0, 1, 9)]
        points = [(px + side * 0.05 * (1.05 - pz / tall), py, pz) for px, py, pz in spine for side in (-1, 1)]
        faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(8)]
        solid(scene, f"Weed {number}", points, faces, weed, at=(x, y, 0.0), turn=(0.0, 0.0, draw.uniform(0, 3)))
    return Place(place.floor, 4.5, 2.5, lamps=((-1.5, 1.0, 1.6), (1.6, 0.8, 1.2)))


_BUILD: dict[str, Callable[[bpy.types.Scene, bpy.types.Material, Draw], Place]] = {
    "yard": _yard,
    "street": _street,
    "hills": _hills,
    "ruins": _ruins,
    "roof": _roof,
    "studio": _studio,
    "small room": _small_room,
    "hall": _hall,
    "cathedral": _cathedral,
    "tunnel": _tunnel,
    "underwater": _underwater,
}
