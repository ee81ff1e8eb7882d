"""Small scenes in which things meet: falling, bouncing, colliding, shutting, or not at all.

Times of falls are those of free fall, t = sqrt(2 h / g); Bullet is some milliseconds early at most (``physics.SUBSTEPS``).
"""

from __future__ import annotations

import math

import bpy

from .expected import Expected, Happenings
from .physics import rigid, simulate
from .shapes import ball, box
from .stage import FPS, camera, clear, glide, lamp, sky
from .surfaces import surface

GRAVITY = 9.81
RADIUS = 0.1


def studio(scene: bpy.types.Scene, frames: int, *, floor: bool = True, distance: float = 3.2) -> None:
    """An empty stage: a lit stone floor whose upper side is z = 0, seen by a camera that stands still."""
    clear(scene, frames)
    sky(scene, (0.5, 0.55, 0.6), 0.6)
    lamp(scene, "Sun", "SUN", 3.0, at=(-2.0, -2.0, 4.0), size=math.radians(2.0))
    camera(scene, [(1, (0.6, -distance, 1.1), (0.0, 0.0, 0.4))])
    if floor:
        stone = surface("Stone", (0.45, 0.44, 0.42), roughness=0.8)
        rigid(
            scene,
            box(scene, "Floor", (6.0, 6.0, 0.2), stone, at=(0.0, 0.0, -0.1)),
            "BOX",
            friction=0.8,
            restitution=1.0,
        )


def drop(scene: bpy.types.Scene) -> Happenings:
    """A steel ball falls 1 m onto stone and stays there."""
    studio(scene, 36)
    steel = surface("Steel", (0.6, 0.6, 0.62), roughness=0.2, metallic=1.0)
    rigid(scene, ball(scene, "Ball", RADIUS, steel, at=(0.0, 0.0, 1.0 + RADIUS)), "SPHERE", mass=32.7, restitution=0.0)
    simulate(scene)
    return (_fall(1.0, "Ball", "Floor"),)


def bounce(scene: bpy.types.Scene) -> Happenings:
    """A rubber ball falls 1 m and bounces, keeping 0.8 of its speed."""
    studio(scene, 72)
    rubber = surface("Rubber", (0.6, 0.05, 0.04))
    rigid(scene, ball(scene, "Ball", RADIUS, rubber, at=(0.0, 0.0, 1.0 + RADIUS)), "SPHERE", mass=1.0, restitution=0.8)
    simulate(scene)
    return (_fall(1.0, "Ball", "Floor"),)


def two_bodies(scene: bpy.types.Scene) -> Happenings:
    """Weightless: a steel ball at 1.5 m/s meets a wooden one at rest, head on, 0.9 m away."""
    studio(scene, 36, floor=False)
    scene.use_gravity = False
    steel = surface("Steel", (0.6, 0.6, 0.62), roughness=0.2, metallic=1.0)
    wood = surface("Wood", (0.5, 0.32, 0.16))
    mover = ball(scene, "Steel ball", RADIUS, steel)
    rigid(scene, mover, "SPHERE", mass=4.0, restitution=0.9, kinematic=True)
    waiting = ball(scene, "Wood ball", RADIUS, wood, at=(0.45, 0.0, 0.5))
    rigid(scene, waiting, "SPHERE", mass=2.0, restitution=0.9)
    for thing in (mover, waiting):
        thing.rigid_body.linear_damping = 0.0
    let_go(mover, start=(0.45 - 2 * RADIUS - 0.9, 0.0, 0.5), velocity=(1.5, 0.0, 0.0))
    simulate(scene)
    return (Expected("impact", 0.6, ("Steel ball", "Wood ball"), 1.5),)


def keyed(scene: bpy.types.Scene) -> Happenings:
    """A ball is keyed at even speed to a wall, which it meets between two frames, and back."""
    studio(scene, 36, floor=False)
    plastic = surface("Plastic", (0.1, 0.3, 0.7), roughness=0.3)
    box(scene, "Wall", (0.2, 1.0, 1.0), surface("Wood", (0.5, 0.32, 0.16)), at=(0.6, 0.0, 0.5))
    mover = ball(scene, "Ball", RADIUS, plastic)
    meeting, far, near = 13.37, -0.8, 0.5 - RADIUS
    for frame, x in ((1.0, far), (meeting, near), (30.0, far)):
        mover.location = (x, 0.0, 0.5)
        mover.keyframe_insert("location", frame=frame)
    glide(mover, "LINEAR")
    time = (meeting - 1.0) / FPS
    return (Expected("impact", time, ("Ball", "Wall"), (near - far) / time),)


def stack(scene: bpy.types.Scene) -> Happenings:
    """A wooden cube lies on the floor; a second falls 0.3 m onto it, a third later onto both."""
    studio(scene, 48)
    wood = surface("Wood", (0.5, 0.32, 0.16))
    side = 0.3
    for i, bottom in enumerate((0.0, side + 0.3, side * 2 + 1.2)):
        cube = box(scene, f"Cube {i + 1}", (side, side, side), wood, at=(0.0, 0.0, bottom + side / 2))
        rigid(scene, cube, "BOX", mass=16.0, restitution=0.0, friction=0.8)
    simulate(scene)
    return (_fall(0.3, "Cube 2", "Cube 1"),)


def hinge(scene: bpy.types.Scene) -> Happenings:
    """A door swings shut under a steady turning force and meets its jamb between two frames."""
    studio(scene, 36)
    wood = surface("Wood", (0.5, 0.32, 0.16))
    box(scene, "Jamb", (0.1, 0.12, 1.6), wood, at=(0.55, 0.03, 0.8))
    pin = bpy.data.objects.new("Hinge", None)
    pin.location = (-0.3, 0.0, 0.8)
    scene.collection.objects.link(pin)
    door = box(scene, "Door", (0.8, 0.04, 1.5), wood, at=(0.4, -0.05, 0.0))
    door.parent = pin
    meeting = 21.6
    for frame, degrees in ((1.0, -75.0), (meeting, 0.0), (36.0, 0.0)):
        pin.rotation_euler.z = math.radians(degrees)
        pin.keyframe_insert("rotation_euler", index=2, frame=frame)
    glide(pin, "QUAD", "EASE_IN")
    return (Expected("close", (meeting - 1.0) / FPS, ("Door", "Jamb")),)


def nothing_meets(scene: bpy.types.Scene) -> Happenings:
    """Near misses: balls that pass 3 cm from each other, one that turns round 2 cm before a wall, one that lies still."""
    studio(scene, 48)
    plastic, steel = surface("Plastic", (0.1, 0.3, 0.7)), surface("Steel", (0.6, 0.6, 0.62), metallic=1.0)
    box(scene, "Wall", (0.2, 1.6, 1.0), surface("Wood", (0.5, 0.32, 0.16)), at=(1.1, 0.0, 0.5))
    rigid(scene, ball(scene, "Lying", RADIUS, steel, at=(-0.9, 0.5, RADIUS)), "SPHERE", mass=1.0, restitution=0.0)
    for name, y, ends in (("Left", 0.0, (-0.8, 0.8, -0.8)), ("Right", 2 * RADIUS + 0.03, (0.8, -0.8, 0.8))):
        mover = ball(scene, name, RADIUS, plastic)
        for frame, x in zip((1, 24, 48), ends, strict=True):
            mover.location = (x, y - 0.4, 0.5)
            mover.keyframe_insert("location", frame=frame)
    shy = ball(scene, "Shy", RADIUS, plastic)
    for frame, x in ((1, 0.2), (24, 1.0 - RADIUS - 0.02), (48, 0.2)):
        shy.location = (x, 0.5, 0.9)
        shy.keyframe_insert("location", frame=frame)
    simulate(scene)
    return ()


def let_go(
    thing: bpy.types.Object,
    *,
    start: tuple[float, float, float],
    velocity: tuple[float, float, float],
    falling: bool = False,
    frames: int = 3,
) -> None:
    """Carry a body from ``start`` for ``frames`` frames and let it go: Bullet takes on the velocity that it has then.

    It is carried evenly, or ``falling`` on its parabola, so that nobody sees the hand.
    """
    for frame in range(1, frames + 2):
        seconds = (frame - 1) / FPS
        x, y, z = (at + speed * seconds for at, speed in zip(start, velocity, strict=True))
        thing.location = (x, y, z - GRAVITY / 2.0 * seconds * seconds * falling)
        thing.keyframe_insert("location", frame=frame)
    glide(thing, "LINEAR")
    body = thing.rigid_body
    body.kinematic = True
    body.keyframe_insert("kinematic", frame=frames)
    body.kinematic = False
    body.keyframe_insert("kinematic", frame=frames + 1)


def _fall(height: float, upper: str, lower: str) -> Expected:
    time = math.sqrt(2.0 * height / GRAVITY)
    return Expected("impact", time, (upper, lower), GRAVITY * time)
