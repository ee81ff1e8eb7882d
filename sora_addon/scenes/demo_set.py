"""The yard of the demo: what stands there whether anything happens or not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import bpy
import numpy as np

from . import pictures
from .physics import rigid
from .shapes import box, lathe, sheet, solid
from .surfaces import surface

SLAB_TOP = 0.16
PLINTH_TOP = 0.34
WATER_LEVEL = 0.17
TROUGH = (1.80, 0.15)
LANTERN = (-1.86, -0.10, 0.5)
LANE = 0.15
"""The y along which the chain of events runs."""


@dataclass(frozen=True)
class Palette:
    """The materials of the yard."""

    floor: bpy.types.Material
    slab: bpy.types.Material
    wall: bpy.types.Material
    wood: bpy.types.Material
    blocks: bpy.types.Material
    shutter: bpy.types.Material
    steel: bpy.types.Material
    iron: bpy.types.Material
    glass: bpy.types.Material
    bottle: bpy.types.Material
    rubber: bpy.types.Material
    stripe: bpy.types.Material
    ceramic: bpy.types.Material
    cardboard: bpy.types.Material
    tape: bpy.types.Material
    gravel: bpy.types.Material
    water: bpy.types.Material
    leaf: bpy.types.Material
    flame: bpy.types.Material
    dark: bpy.types.Material


def palette() -> Palette:
    """Every material, with its picture."""
    oak = pictures.boards("Oak", (0.60, 0.41, 0.24))
    return Palette(
        floor=surface("Stone floor", image=pictures.tiles("Stone floor", (0.56, 0.53, 0.49)), roughness=0.7),
        slab=surface("Stone slab", image=pictures.speckle("Slab", (0.67, 0.64, 0.58), depth=0.22), roughness=0.6),
        wall=surface("Stone brick wall", image=pictures.bricks("Bricks", (0.58, 0.29, 0.20), rows=26), roughness=0.9),
        wood=surface("Wood oak", image=oak, roughness=0.55),
        blocks=surface(
            "Wood beech", image=pictures.boards("Beech", (0.72, 0.52, 0.32), gap=0.0, seed=41), roughness=0.5
        ),
        shutter=surface("Wood painted", image=pictures.boards("Paint", (0.16, 0.40, 0.42), seed=51), roughness=0.5),
        steel=surface("Steel", (0.62, 0.63, 0.66), roughness=0.18, metallic=1.0),
        iron=surface("Steel blackened", (0.03, 0.03, 0.035), roughness=0.5, metallic=0.6),
        glass=surface("Glass", (0.55, 0.80, 0.86), roughness=0.04, transmission=0.85),
        bottle=surface("Glass green", (0.06, 0.22, 0.09), roughness=0.06, transmission=0.6),
        rubber=surface("Rubber red", (0.62, 0.035, 0.025), roughness=0.45),
        stripe=surface("Rubber cream", (0.78, 0.66, 0.45), roughness=0.45),
        ceramic=surface("Ceramic terracotta", image=pictures.speckle("Terracotta", (0.72, 0.38, 0.25)), roughness=0.8),
        cardboard=surface("Cardboard", image=pictures.speckle("Cardboard", (0.64, 0.49, 0.34), depth=0.1, seed=61)),
        tape=surface("Plastic tape", (0.42, 0.30, 0.16), roughness=0.3),
        gravel=surface(
            "Gravel", image=pictures.speckle("Gravel", (0.50, 0.47, 0.43), depth=0.5, seed=71), roughness=0.95
        ),
        water=surface("Water", (0.035, 0.10, 0.11), roughness=0.03, ior=1.33),
        leaf=surface("Leaf", (0.07, 0.19, 0.08), roughness=0.5),
        flame=surface("Lantern flame", (1.0, 0.50, 0.15), glow=9.0),
        dark=surface("Dark room", (0.012, 0.012, 0.016), roughness=1.0),
    )


def build_set(scene: bpy.types.Scene, stuff: Palette) -> None:
    """Floor, wall with its window, crate and plank, slab, plinth, gravel, trough and dressing."""
    _ground(scene, stuff)
    _wall(scene, stuff)
    _track(scene, stuff)
    _gravel(scene, stuff)
    _trough(scene, stuff)
    _dressing(scene, stuff)


def _ground(scene: bpy.types.Scene, stuff: Palette) -> None:
    floor = box(scene, "Floor", (14.0, 10.0, 0.2), stuff.floor, at=(0.0, 0.0, -0.1), tile=3.0)
    rigid(scene, floor, "BOX", friction=0.8, restitution=0.6)


def _wall(scene: bpy.types.Scene, stuff: Palette) -> None:
    """The window's opening is 0.62 wide, from 0.62 to 1.32 high, its left edge at x 0.42."""
    left, right, low, high, y, deep = 0.42, 1.04, 0.62, 1.32, 1.9, 0.24
    parts = {
        "Wall left": (-6.0, left, 0.0, 3.0),
        "Wall right": (right, 6.0, 0.0, 3.0),
        "Wall below": (left, right, 0.0, low),
        "Wall above": (left, right, high, 3.0),
    }
    for name, (x0, x1, z0, z1) in parts.items():
        part = box(scene, name, (x1 - x0, deep, z1 - z0), stuff.wall, at=((x0 + x1) / 2, y, (z0 + z1) / 2), tile=2.6)
        _keep_world_uvs(part, 2.6)
    width = right - left
    box(scene, "Room", (width + 0.1, 0.02, high - low + 0.1), stuff.dark, at=((left + right) / 2, y + 0.13, 0.97))
    box(
        scene,
        "Sill",
        (width + 0.16, 0.36, 0.05),
        stuff.slab,
        at=((left + right) / 2, y - 0.03, low - 0.025),
        bevel=0.006,
    )
    box(
        scene,
        "Lintel",
        (width + 0.2, 0.28, 0.09),
        stuff.wood,
        at=((left + right) / 2, y - 0.01, high + 0.045),
        bevel=0.006,
    )


def _keep_world_uvs(thing: bpy.types.Object, tile: float) -> None:
    """Let the picture run on from one part of the wall to the next."""
    layer = thing.data.uv_layers[0]
    uvs = np.empty(2 * len(layer.data), np.float32)
    layer.data.foreach_get("uv", uvs)
    uvs = uvs.reshape(-1, 2) + np.array([thing.location.x, thing.location.z], np.float32) / tile
    layer.data.foreach_set("uv", uvs.ravel())


def _track(scene: bpy.types.Scene, stuff: Palette) -> None:
    crate = box(scene, "Crate", (0.5, 0.84, 0.5), stuff.wood, at=(-1.72, LANE + 0.02, 0.25), tile=0.5, bevel=0.008)
    rigid(scene, crate, "BOX")
    for z in (0.06, 0.44):
        box(scene, "Crate batten", (0.53, 0.87, 0.07), stuff.wood, at=(-1.72, LANE + 0.02, z), tile=0.9, bevel=0.006)
    slab = box(scene, "Slab", (0.72, 0.96, SLAB_TOP), stuff.slab, at=(-0.39, -0.13, SLAB_TOP / 2), tile=0.7, bevel=0.01)
    rigid(scene, slab, "BOX", friction=0.7, restitution=0.75)
    angle, middle = plank_place()
    plank = box(
        scene, "Plank", (PLANK, 0.30, 0.035), stuff.wood, at=middle, turn=(0.0, angle, 0.0), tile=0.6, bevel=0.004
    )
    rigid(scene, plank, "BOX", friction=0.9, restitution=0.3)
    plinth = box(
        scene, "Plinth", (0.24, 0.26, PLINTH_TOP), stuff.slab, at=(1.33, LANE, PLINTH_TOP / 2), tile=0.5, bevel=0.008
    )
    rigid(scene, plinth, "BOX", friction=0.5, restitution=0.4)


PLANK = 1.25
_LOW, _LEAN = (-0.60, SLAB_TOP), (-1.47, 0.50)
"""Where, in x and z, the plank's underside rests on the slab and on the crate's edge."""


def plank_place() -> tuple[float, tuple[float, float, float]]:
    """The plank's slope, radians, and its middle."""
    angle = math.atan2(_LEAN[1] - _LOW[1], _LOW[0] - _LEAN[0])
    x, z = along_plank(PLANK / 2, -0.0175)
    return angle, (x, LANE, z)


def along_plank(up: float, above: float) -> tuple[float, float]:
    """x and z of the place ``up`` metres from the plank's foot and ``above`` its upper side."""
    angle = math.atan2(_LEAN[1] - _LOW[1], _LOW[0] - _LEAN[0])
    lift = 0.035 + above
    return _LOW[0] - up * math.cos(angle) + lift * math.sin(angle), _LOW[1] + up * math.sin(angle) + lift * math.cos(
        angle
    )


def _gravel(scene: bpy.types.Scene, stuff: Palette) -> None:
    """A bed of gravel in front of the slab's edge: bumps that things meet, and loose stones that are only seen."""
    bed = sheet(scene, "Gravel bed", (1.0, 0.8), stuff.gravel, at=(0.50, -0.52, 0.0), tile=0.5, cells=40)
    rng = np.random.default_rng(5)
    points = np.array([vertex.co[:] for vertex in bed.data.vertices])
    inside = np.clip(np.minimum(0.5 - np.abs(points[:, 0]), 0.4 - np.abs(points[:, 1])) / 0.06, 0.0, 1.0)
    points[:, 2] = inside * (0.022 + 0.012 * rng.uniform(-1.0, 1.0, len(points))) - 0.004
    bed.data.vertices.foreach_set("co", points.ravel())
    rigid(scene, bed, "MESH", friction=1.5, restitution=0.1)
    _stones(scene, stuff.gravel, rng)


def _stones(scene: bpy.types.Scene, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Some 260 eight-cornered pebbles as one mesh."""
    corners = np.array([(x, y, z) for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], float)
    sides = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6)]
    points, faces = [], []
    for _ in range(260):
        place = np.array([rng.uniform(-0.56, 0.56), rng.uniform(-0.46, 0.46), rng.uniform(0.008, 0.026)])
        size = rng.uniform(0.008, 0.020) * rng.uniform(0.6, 1.2, 3)
        turn = rng.uniform(0.0, math.tau)
        spin = np.array(
            [[math.cos(turn), -math.sin(turn), 0.0], [math.sin(turn), math.cos(turn), 0.0], [0.0, 0.0, 1.0]]
        )
        start = len(points)
        jitter = rng.uniform(0.6, 1.0, (8, 3))
        points += [tuple(point) for point in (corners * jitter * size) @ spin.T + place]
        faces += [tuple(start + corner for corner in side) for side in sides]
    solid(scene, "Gravel stones", points, faces, material, at=(0.50, -0.52, 0.0), tile=0.13)


def _trough(scene: bpy.types.Scene, stuff: Palette) -> None:
    at = (TROUGH[0], TROUGH[1], 0.0)
    profile = [(0.0, 0.0), (0.30, 0.0), (0.345, 0.21), (0.345, 0.22), (0.30, 0.22), (0.265, 0.01), (0.0, 0.01)]
    trough = lathe(scene, "Stone trough", profile, stuff.slab, at=at, tile=0.6, smooth=False, segments=64)
    rigid(scene, trough, "MESH", friction=0.8, restitution=0.05)
    rings = [(0.292 * i / 24, WATER_LEVEL) for i in range(24, -1, -1)]
    lathe(scene, "Water", list(rings), stuff.water, at=at, segments=64)


def _dressing(scene: bpy.types.Scene, stuff: Palette) -> None:
    for name, size, at, turn in (
        ("Cardboard box", (0.52, 0.40, 0.36), (-1.05, 1.36, 0.18), 0.12),
        ("Cardboard parcel", (0.32, 0.28, 0.20), (-1.10, 1.38, 0.46), -0.3),
    ):
        box(scene, name, size, stuff.cardboard, at=at, turn=(0.0, 0.0, turn), tile=0.4, bevel=0.004)
        band = (0.06, size[1] + 0.004, size[2] + 0.004)
        box(scene, f"{name} tape", band, stuff.tape, at=at, turn=(0.0, 0.0, turn))
    shape = [
        (0.0, 0.0),
        (0.045, 0.0),
        (0.045, 0.17),
        (0.038, 0.20),
        (0.016, 0.235),
        (0.015, 0.30),
        (0.019, 0.31),
        (0.0, 0.31),
    ]
    lathe(scene, "Bottle", shape, stuff.bottle, at=(-0.55, 1.12, 0.0), segments=32)
    lathe(
        scene, "Bottle lying", shape, stuff.bottle, at=(-0.30, 1.02, 0.045), turn=(0.0, math.pi / 2, 0.5), segments=32
    )
    pot = [(0.0, 0.0), (0.13, 0.0), (0.18, 0.27), (0.205, 0.27), (0.205, 0.32), (0.17, 0.32), (0.16, 0.28), (0.0, 0.28)]
    lathe(scene, "Pot", pot, stuff.ceramic, at=(1.62, 1.38, 0.0), tile=0.5, smooth=False)
    _agave(scene, stuff.leaf, (1.62, 1.38, 0.27))
    _lantern(scene, stuff, LANTERN)
    _branch(scene, stuff.leaf)


def _agave(scene: bpy.types.Scene, material: bpy.types.Material, at: tuple[float, float, float]) -> None:
    """Twenty stiff leaves that rise and bow outward."""
    points: list[tuple[float, float, float]] = []
    faces: list[tuple[int, ...]] = []
    rng = np.random.default_rng(9)
    for leaf in range(20):
        turn = leaf * 2.39996
        rise = 0.35 + 1.05 * leaf / 20
        length = rng.uniform(0.30, 0.42)
        start = len(points)
        for step in range(7):
            share = step / 6
            out, up = (
                length * share * math.cos(rise),
                length * (share * math.sin(rise) - 0.35 * share**2 * math.cos(rise)),
            )
            wide = 0.032 * (1.0 - share) ** 0.6 * (0.6 + share)
            x, y = math.cos(turn), math.sin(turn)
            points.append((out * x - wide * y, out * y + wide * x, up + 0.02 * wide))
            points.append((out * x, out * y, up - 0.35 * wide))
            points.append((out * x + wide * y, out * y - wide * x, up + 0.02 * wide))
        for step in range(6):
            a = start + 3 * step
            faces += [(a, a + 1, a + 4, a + 3), (a + 1, a + 2, a + 5, a + 4)]
    solid(scene, "Agave", points, faces, material, at=at, tile=0.2, smooth=True)


def _branch(scene: bpy.types.Scene, material: bpy.types.Material) -> None:
    """Leaves out of the picture, between the sun and the wall, for their dappled shade."""
    rng = np.random.default_rng(17)
    points: list[tuple[float, float, float]] = []
    faces: list[tuple[int, ...]] = []
    for _ in range(150):
        middle = rng.normal((0.0, 0.0, 0.0), (0.5, 0.42, 0.36))
        along = rng.normal(size=3)
        along *= rng.uniform(0.10, 0.17) / np.linalg.norm(along)
        across = np.cross(along, rng.normal(size=3))
        across *= 0.055 / np.linalg.norm(across)
        start = len(points)
        points += [tuple(middle + along), tuple(middle + across), tuple(middle - along), tuple(middle - across)]
        faces.append((start, start + 1, start + 2, start + 3))
    solid(scene, "Branch", points, faces, material, at=(-3.1, 0.25, 3.25), tile=0.2)


def _lantern(scene: bpy.types.Scene, stuff: Palette, at: tuple[float, float, float]) -> None:
    x, y, z = at
    lathe(
        scene, "Lantern foot", [(0.0, 0.0), (0.075, 0.0), (0.075, 0.02), (0.05, 0.035), (0.0, 0.035)], stuff.iron, at=at
    )
    lathe(
        scene,
        "Lantern flame",
        [(0.0, 0.0), (0.028, 0.03), (0.03, 0.07), (0.012, 0.12), (0.0, 0.14)],
        stuff.flame,
        at=(x, y, z + 0.05),
        segments=24,
    )
    for step in range(4):
        turn = math.tau * (step + 0.5) / 4
        bar = (x + 0.062 * math.cos(turn), y + 0.062 * math.sin(turn), z + 0.125)
        box(scene, "Lantern bar", (0.009, 0.009, 0.2), stuff.iron, at=bar)
    roof = [(0.082, 0.0), (0.085, 0.012), (0.03, 0.06), (0.014, 0.085), (0.0, 0.085)]
    lathe(scene, "Lantern roof", [(0.0, 0.0), *roof], stuff.iron, at=(x, y, z + 0.22), segments=32)
