"""What happens in a clip: bodies that fall, roll, topple, swing, hang and walk. The floor is z = 0, the stage 3 m wide."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import bpy
import numpy as np
from mathutils import Vector

from ...contract.geometry import vector
from ..meetings import let_go
from ..physics import rigid, simulate
from ..shapes import box, lathe, sheet
from ..splash import splash
from ..stage import FPS
from . import vocabulary as known
from .recipe import Recipe, rng
from .stuff import stuff
from .things import COLLISION, ROLLS, half_height, thing
from .walker import walker

Draw = np.random.Generator
SUNK = 0.75
"""Damping that stands for water."""
POOL = 0.26
"""Metres of the level of a pool."""


@dataclass
class Action:
    """What moves. ``actors`` are what the camera should see; ``things`` are those with a material of the vocabulary."""

    actors: list[bpy.types.Object] = field(default_factory=list)
    things: list[tuple[bpy.types.Object, str, str]] = field(default_factory=list)
    """Object, material, shape."""


def stage_event(scene: bpy.types.Scene, made: Recipe, floor: bpy.types.Object) -> Action:
    """Put the event of the recipe on the stage and simulate it, all frames of the scene."""
    action = Action()
    stager = _Stager(scene, made, action, floor)
    _EVENTS[made.event](stager)
    if scene.rigidbody_world is not None:
        if made.place == "underwater":
            for one in scene.rigidbody_world.collection.objects:
                one.rigid_body.linear_damping = one.rigid_body.angular_damping = SUNK
        simulate(scene)
    for later in stager.later:
        later()
    return action


class _Stager:
    def __init__(self, scene: bpy.types.Scene, made: Recipe, action: Action, floor: bpy.types.Object) -> None:
        self.scene, self.made, self.action, self.floor = scene, made, action, floor
        self.draw = rng(made.seed, "event")
        self.later: list[Callable[[], None]] = []
        self.count = 0

    def make(self, size: float, *, shape: str | None = None, material: str | None = None) -> bpy.types.Object:
        """The next thing of the recipe, at the origin, not yet a rigid body."""
        place = self.count % len(self.made.shapes)
        self.count += 1
        shape, kind = shape or self.made.shapes[place], material or self.made.materials[place]
        name = f"{kind.capitalize()} {shape} {self.count}"
        stripe = stuff(kind, self.draw) if shape == "ball" and self.draw.random() < 0.6 else None
        one = thing(self.scene, shape, name, size, stuff(kind, self.draw), self.draw, stripe=stripe)
        one.sora.sound = known.SOUND_OF[kind]
        self.action.actors.append(one)
        self.action.things.append((one, kind, shape))
        return one

    def weigh(self, one: bpy.types.Object, *, kinematic: bool = False) -> bpy.types.Object:
        """Make it fall, as heavy and springy as what it is made of."""
        kind, shape = next((kind, shape) for made, kind, shape in self.action.things if made is one)
        volume = 0.5 * float(np.prod(one.dimensions)) if one.dimensions.length else 1e-3
        mass = float(np.clip(known.DENSITY[kind] * volume, 0.05, 60.0))
        return rigid(
            self.scene,
            one,
            COLLISION.get(shape, "CONVEX_HULL"),
            mass=mass,
            friction=float(self.draw.uniform(0.4, 0.9)),
            restitution=min(1.0, known.BOUNCE[kind] * 1.15),
            kinematic=kinematic,
        )

    def size(self, low: float = 0.22, high: float = 0.46) -> float:
        return float(self.draw.uniform(low, high))

    def tilt(self, one: bpy.types.Object) -> None:
        one.rotation_euler = tuple(float(v) for v in self.draw.uniform(-0.6, 0.6, 3) + np.array(one.rotation_euler))

    def lie(self, one: bpy.types.Object, x: float, y: float) -> None:
        one.location = (x, y, half_height(one) + 0.002)


def _drop(stage: _Stager) -> None:
    """One to four things fall side by side."""
    for number in range(int(stage.draw.integers(1, 5))):
        one = stage.make(stage.size())
        stage.tilt(one)
        one.location = (
            -0.7 + 0.5 * number + stage.draw.uniform(-0.1, 0.1),
            stage.draw.uniform(-0.3, 0.4),
            stage.draw.uniform(0.7, 1.7),
        )
        stage.weigh(one)


def _stack(stage: _Stager) -> None:
    """Things come down on each other."""
    height = 0.0
    for number in range(int(stage.draw.integers(3, 6))):
        one = stage.make(stage.size(0.26, 0.42), shape=None if number % 2 else "cube" if not stage.made.held else None)
        height += half_height(one)
        one.location = (
            stage.draw.uniform(-0.07, 0.07),
            stage.draw.uniform(-0.07, 0.07),
            height + number * 0.22 + 0.002,
        )
        height += half_height(one)
        stage.weigh(one)


def _roll(stage: _Stager) -> None:
    """Down a plank and on over the floor, into what stands there."""
    slope, length = stage.draw.uniform(0.25, 0.5), 1.3
    side = float(stage.draw.choice([-1.0, 1.0]))
    top, foot = length * math.sin(slope), side * 0.15
    middle = (foot + side * length / 2 * math.cos(slope), 0.0, top / 2 - 0.02)
    plank = box(
        stage.scene,
        "Plank",
        (length, 0.5, 0.05),
        stuff("wood", stage.draw),
        at=middle,
        turn=(0.0, -side * slope, 0.0),
        tile=0.6,
    )
    rigid(stage.scene, plank, "BOX", friction=0.9, restitution=0.2)
    shape = stage.made.shapes[0] if stage.made.shapes[0] in ROLLS[:1] else "ball"
    for number in range(int(stage.draw.integers(1, 3))):
        one = stage.make(stage.size(0.18, 0.3), shape=shape)
        radius = max(one.dimensions) / 2
        up = length - 0.2 - 0.34 * number
        one.location = (
            foot + side * (up * math.cos(slope)) - side * math.sin(slope) * (radius + 0.012),
            stage.draw.uniform(-0.08, 0.08),
            up * math.sin(slope) + (radius + 0.012) * math.cos(slope),
        )
        stage.weigh(one)
    target = stage.make(stage.size())
    stage.lie(target, -side * stage.draw.uniform(0.5, 0.8), stage.draw.uniform(-0.05, 0.1))
    stage.weigh(target)


def _domino(stage: _Stager) -> None:
    """A row of slabs that a ball sets off."""
    count, side = int(stage.draw.integers(4, 8)), float(stage.draw.choice([-1.0, 1.0]))
    tall, bend = stage.draw.uniform(0.36, 0.5), stage.draw.uniform(-0.25, 0.25)
    kind = stage.made.materials[1]
    for number in range(count):
        x = side * (-0.35 + number * tall * 0.42)
        y, turn = bend * ((number - 1) / 3) ** 2 * 0.3, math.atan2(bend * 0.2 * (number - 1), tall * 0.42) * side
        name = f"{kind.capitalize()} slab {number + 1}"
        slab = box(
            stage.scene,
            name,
            (0.06, 0.22, tall),
            stuff(kind, stage.draw),
            at=(x, y, tall / 2 + 0.001),
            turn=(0.0, 0.0, turn),
            tile=tall,
            bevel=0.005,
        )
        slab.sora.sound = known.SOUND_OF[kind]
        stage.action.actors.append(slab)
        stage.action.things.append((slab, kind, "cube"))
        stage.weigh(slab)
    mover = stage.make(0.2, shape="ball", material=stage.made.materials[0])
    stage.weigh(mover, kinematic=True)
    start = (-side * stage.draw.uniform(0.9, 1.1), 0.0, 0.26)
    let_go(mover, start=start, velocity=(side * stage.draw.uniform(1.6, 2.4), 0.0, 0.0))


def _pendulum(stage: _Stager) -> None:
    """A bob on a rod swings through what stands in its way."""
    long, amplitude = stage.draw.uniform(1.0, 1.5), stage.draw.uniform(0.7, 1.1)
    pivot = bpy.data.objects.new("Pivot", None)
    pivot.location = (0.0, 0.0, long + 0.2)
    stage.scene.collection.objects.link(pivot)
    bob = stage.make(0.3, shape="ball", material=stage.made.materials[0])
    rod = lathe(
        stage.scene,
        "Steel rod",
        [(0.012, 0.0), (0.012, long - 0.14), (0.0, long - 0.14)],
        stuff("steel", stage.draw),
        at=(0.0, 0.0, -long + 0.14),
        segments=10,
    )
    bob.location = (0.0, 0.0, -long)
    for one in (bob, rod):
        one.parent = pivot
    phase, rate = stage.draw.uniform(2.6, 3.6), math.sqrt(9.81 / long)
    for frame in range(-2, stage.scene.frame_end + 4):
        pivot.rotation_euler.y = amplitude * math.cos(rate * (frame - 1) / FPS + phase)
        pivot.keyframe_insert("rotation_euler", index=1, frame=frame)
    rigid(stage.scene, bob, "SPHERE", mass=8.0, restitution=0.6, kinematic=True)
    for number in range(int(stage.draw.integers(1, 4))):
        one = stage.make(stage.size(0.26, 0.4))
        stage.lie(one, 0.25 + 0.42 * number, stage.draw.uniform(-0.05, 0.05))
        stage.weigh(one)


def _cloth(stage: _Stager) -> None:
    """A sheet falls over things and hangs in folds."""
    for number in range(int(stage.draw.integers(1, 3))):
        one = stage.make(stage.size(0.4, 0.6))
        stage.lie(one, -0.25 + 0.5 * number, stage.draw.uniform(-0.1, 0.1))
        one.modifiers.new("meets", "COLLISION")
        one.collision.thickness_outer = 0.012
        rigid(stage.scene, one, "CONVEX_HULL")
    stage.floor.modifiers.new("meets", "COLLISION")
    side = stage.draw.uniform(1.1, 1.5)
    cloth = sheet(
        stage.scene,
        "Cloth sheet",
        (side, side),
        stuff("cloth", stage.draw),
        at=(0.0, 0.0, stage.draw.uniform(0.75, 1.0)),
        turn=(stage.draw.uniform(-0.1, 0.1), stage.draw.uniform(-0.1, 0.1), stage.draw.uniform(0, 1.5)),
        tile=side,
        cells=26,
    )
    cloth.data.polygons.foreach_set("use_smooth", [True] * len(cloth.data.polygons))
    cloth.sora.sound = "cloth"
    stage.action.actors.append(cloth)
    stage.action.things.append((cloth, "cloth", "cube"))
    hangs = cloth.modifiers.new("hangs", "CLOTH")
    hangs.settings.quality = 5
    hangs.settings.mass = 0.3
    hangs.collision_settings.distance_min = 0.012
    hangs.point_cache.frame_start, hangs.point_cache.frame_end = stage.scene.frame_start, stage.scene.frame_end

    def bake() -> None:
        with bpy.context.temp_override(scene=stage.scene, point_cache=hangs.point_cache):
            bpy.ops.ptcache.bake(bake=True)

    stage.later.append(bake)


def _surface(stage: _Stager) -> None:
    """A pool between low walls that ripples, and things that fall in."""
    wide, deep = 2.2, 1.7
    wall = stuff(str(stage.draw.choice(["stone", "wood", "brick", "tiles"])), stage.draw)
    for name, low, high in (
        ("Basin left", (-wide / 2 - 0.12, -deep / 2, 0.0), (-wide / 2, deep / 2, 0.34)),
        ("Basin right", (wide / 2, -deep / 2, 0.0), (wide / 2 + 0.12, deep / 2, 0.34)),
        ("Basin front", (-wide / 2 - 0.12, -deep / 2 - 0.12, 0.0), (wide / 2 + 0.12, -deep / 2, 0.34)),
        ("Basin back", (-wide / 2 - 0.12, deep / 2, 0.0), (wide / 2 + 0.12, deep / 2 + 0.12, 0.34)),
    ):
        size = vector(b - a for a, b in zip(low, high, strict=True))
        middle = vector((a + b) / 2 for a, b in zip(low, high, strict=True))
        rigid(stage.scene, box(stage.scene, name, size, wall, at=middle, tile=0.6), "BOX")
    water_stuff = stuff("water", stage.draw)
    water = sheet(stage.scene, "Water", (wide, deep), water_stuff, at=(0.0, 0.0, POOL), tile=1.0, cells=90)
    water.data.polygons.foreach_set("use_smooth", [True] * len(water.data.polygons))
    water.sora.sound = "water"
    swell = water.modifiers.new("swell", "WAVE")
    swell.height, swell.width, swell.narrowness, swell.speed = stage.draw.uniform(0.006, 0.016), 0.3, 6.0, 0.02
    swell.start_position_x, swell.start_position_y = stage.draw.uniform(-0.8, 0.8), -0.7
    swell.time_offset = -400.0
    first = stage.make(stage.size(0.2, 0.32))
    stage.tilt(first)
    x = stage.draw.uniform(-0.4, 0.4)
    first.location = (x, stage.draw.uniform(-0.2, 0.3), stage.draw.uniform(0.9, 1.6))
    stage.weigh(first)
    if stage.draw.random() < 0.5:
        second = stage.make(stage.size(0.16, 0.26))
        second.location = (x + stage.draw.uniform(0.4, 0.6), 0.1, stage.draw.uniform(1.2, 2.2))
        stage.weigh(second)
    radius = max(first.dimensions) / 2
    stage.action.actors.append(water)
    stage.later.append(lambda: _splashed(stage.scene, first, radius, water_stuff))


def _splashed(scene: bpy.types.Scene, first: bpy.types.Object, radius: float, water: bpy.types.Material) -> None:
    splash(scene, first, radius=radius * 0.8, level=POOL, material=water)
    for rings in scene.objects["Water"].modifiers:
        if rings.name == "rings":
            rings.falloff_radius = 0.6


def _walk(stage: _Stager) -> None:
    """Somebody walks past things that stand there."""
    stage.action.actors.append(
        walker(stage.scene, known_frames(stage.scene), stage.draw, y=float(stage.draw.uniform(0.0, 0.5)))
    )
    for number in range(int(stage.draw.integers(1, 4))):
        one = stage.make(stage.size(0.26, 0.6))
        stage.lie(one, -0.9 + 0.8 * number, -0.55 + stage.draw.uniform(-0.15, 0.1))
        stage.weigh(one)


def known_frames(scene: bpy.types.Scene) -> int:
    """Frames of the scene."""
    return scene.frame_end - scene.frame_start + 1


def _collide(stage: _Stager) -> None:
    """Two or three things fly at each other."""
    for number in range(int(stage.draw.integers(2, 4))):
        one = stage.make(stage.size(0.24, 0.42))
        stage.weigh(one, kinematic=True)
        turn = math.tau * number / 2 + stage.draw.uniform(-0.3, 0.3)
        away, speed = stage.draw.uniform(0.9, 1.2), stage.draw.uniform(1.8, 3.2)
        start = (
            away * math.cos(turn),
            0.25 * away * math.sin(turn) + 0.3 * (number == 2),
            stage.draw.uniform(0.45, 0.7),
        )
        let_go(
            one,
            start=start,
            velocity=(-speed * math.cos(turn), -0.25 * speed * math.sin(turn), stage.draw.uniform(0.5, 1.2)),
            falling=True,
        )


def _throw(stage: _Stager) -> None:
    """Things are thrown against a panel and fall before it."""
    panel_kind = str(stage.draw.choice(["wood", "steel", "glass", "stone", "brick"]))
    side = float(stage.draw.choice([-1.0, 1.0]))
    panel = box(
        stage.scene,
        f"{panel_kind.capitalize()} panel",
        (0.12, 1.5, 1.5),
        stuff(panel_kind, stage.draw),
        at=(side * 0.75, 0.1, 0.75),
        turn=(0.0, 0.0, stage.draw.uniform(-0.25, 0.25)),
        tile=1.0,
    )
    panel.sora.sound = known.SOUND_OF[panel_kind]
    rigid(stage.scene, panel, "BOX", friction=0.7, restitution=0.7)
    stage.action.things.append((panel, panel_kind, "cube"))
    for number in range(int(stage.draw.integers(1, 4))):
        one = stage.make(stage.size(0.18, 0.34))
        stage.weigh(one, kinematic=True)
        start = (-side * (0.7 + 0.35 * number), stage.draw.uniform(-0.3, 0.35), stage.draw.uniform(0.5, 1.0))
        let_go(
            one,
            start=start,
            velocity=(side * stage.draw.uniform(2.4, 4.2), 0.0, stage.draw.uniform(0.6, 1.8)),
            falling=True,
        )


_EVENTS: dict[str, Callable[[_Stager], None]] = {
    "drop": _drop,
    "stack": _stack,
    "roll": _roll,
    "domino": _domino,
    "pendulum": _pendulum,
    "cloth": _cloth,
    "surface": _surface,
    "walk": _walk,
    "collide": _collide,
    "throw": _throw,
}


@dataclass(frozen=True)
class Played:
    """Where the actors are, frame by frame: (frames, actors, 3) middles, and (actors,) half sizes, metres."""

    middles: np.ndarray
    halves: np.ndarray

    def turning_points(self) -> list[int]:
        """Scene frames in which something changes its way abruptly, the strongest first."""
        speed = np.diff(self.middles, axis=0)
        jolt = np.linalg.norm(np.diff(speed, axis=0), axis=2).max(axis=1)
        order = [int(i) for i in np.argsort(-jolt) if jolt[i] > 0.25 * max(float(jolt.max()), 1e-6)]
        return [i + 2 for i in order]


def play(scene: bpy.types.Scene, actors: list[bpy.types.Object]) -> Played:
    """Look at every frame of the scene."""
    rows = []
    halves = np.zeros(len(actors))
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        graph = bpy.context.evaluated_depsgraph_get()
        row = []
        for number, actor in enumerate(actors):
            shown = actor.evaluated_get(graph)
            corners = [shown.matrix_world @ Vector(corner) for corner in shown.bound_box]
            low = np.min(corners, axis=0)
            high = np.max(corners, axis=0)
            halves[number] = max(halves[number], float(np.max(high - low)) / 2)
            row.append((low + high) / 2)
        rows.append(row)
    return Played(np.array(rows), halves)
