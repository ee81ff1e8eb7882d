"""The artist's example: late sun in a yard, where one thing sets off the next.

A steel ball falls on a stone slab, bounces off it and runs into gravel. A rubber ball rolls down a plank and over the
slab into a row of wooden blocks; the last block pushes a glass ball off its plinth into a trough of water; a shutter
swings shut. The camera follows in an arc of 29 degrees, closing in. 96 frames, 24 a second.
"""

from __future__ import annotations

import math

import bpy

from .demo_set import LANE, LANTERN, PLINTH_TOP, WATER_LEVEL, Palette, along_plank, build_set, palette
from .expected import Happenings
from .meetings import let_go
from .physics import rigid, simulate
from .shapes import ball, box
from .splash import splash
from .stage import camera, clear, glide, lamp, orbit, sky

FRAMES = 96
BLOCKS, BLOCK_GAP, FIRST_BLOCK = 6, 0.19, 0.05
GLASS = 0.072
"""Radius of the glass ball, metres."""
SHUT_FRAME = 86
"""The frame on which the shutter meets its frame."""


def demo(scene: bpy.types.Scene) -> Happenings:
    """Late sun in a yard, where one thing sets off the next."""
    clear(scene, FRAMES)
    scene.name = "Yard"
    stuff = palette()
    build_set(scene, stuff)
    glass = _action(scene, stuff)
    _shutter(scene, stuff)
    _light(scene)
    _camera(scene)
    simulate(scene)
    splash(scene, glass, radius=GLASS, level=WATER_LEVEL, material=stuff.water)
    return ()


def _action(scene: bpy.types.Scene, stuff: Palette) -> bpy.types.Object:
    """What falls, rolls and topples; returns the glass ball that ends in the water."""
    _thrown_steel(scene, stuff)
    x, z = along_plank(1.08, 0.1)
    rubber = ball(scene, "Rubber ball", 0.1, stuff.rubber, at=(x, LANE, z), stripe=stuff.stripe)
    rigid(scene, rubber, "SPHERE", mass=2.4, friction=0.9, restitution=0.35)
    for i in range(BLOCKS):
        at = (FIRST_BLOCK + i * BLOCK_GAP, LANE, 0.23)
        block = box(scene, f"Block {i + 1}", (0.06, 0.2, 0.46), stuff.blocks, at=at, tile=0.4, bevel=0.004)
        rigid(scene, block, "BOX", mass=1.6, friction=0.6, restitution=0.2)
    glass = ball(scene, "Glass ball", GLASS, stuff.glass, at=(1.30, LANE, PLINTH_TOP + GLASS))
    rigid(scene, glass, "SPHERE", mass=2.6, friction=0.4, restitution=0.4)
    return glass


def _thrown_steel(scene: bpy.types.Scene, stuff: Palette) -> None:
    steel = ball(scene, "Steel ball", 0.075, stuff.steel)
    rigid(scene, steel, "SPHERE", mass=13.8, friction=0.5, restitution=0.72)
    let_go(steel, start=(-0.95, -0.28, 1.18), velocity=(0.92, -0.15, 0.0), falling=True)


def _shutter(scene: bpy.types.Scene, stuff: Palette) -> None:
    """A leaf on hinges at the window's left edge, drawn shut by a gust: faster and faster until it meets the frame."""
    hinge = bpy.data.objects.new("Shutter hinge", None)
    hinge.location = (0.44, 1.765, 0.97)
    scene.collection.objects.link(hinge)
    leaf = box(scene, "Wood shutter", (0.60, 0.03, 0.70), stuff.shutter, at=(0.30, 0.0, 0.0), tile=0.5, bevel=0.004)
    leaf.parent = hinge
    for z in (-0.24, 0.24):
        batten = box(scene, "Shutter batten", (0.56, 0.02, 0.07), stuff.wood, at=(0.30, -0.025, z), tile=0.7)
        batten.parent = hinge
    for frame, degrees in ((1, -118.0), (62, -112.0), (SHUT_FRAME, 0.0)):
        hinge.rotation_euler.z = math.radians(degrees)
        hinge.keyframe_insert("rotation_euler", index=2, frame=frame)
    glide(hinge, "QUAD", "EASE_IN")


def _light(scene: bpy.types.Scene) -> None:
    sky(scene, (0.20, 0.30, 0.46), 0.42)
    lamp(scene, "Sun", "SUN", 5.2, at=(-4.5, -1.4, 2.7), color=(1.0, 0.76, 0.50), size=math.radians(1.2))
    fill = (0.60, 0.76, 1.0)
    lamp(scene, "Sky over the yard", "AREA", 55.0, at=(2.6, -2.6, 3.4), toward=(0.5, 0.3, 0.2), color=fill, size=2.4)
    x, y, z = LANTERN
    lamp(scene, "Lantern", "POINT", 16.0, at=(x, y, z + 0.12), color=(1.0, 0.52, 0.18), size=0.03)


def _camera(scene: bpy.types.Scene) -> None:
    moves = [
        (1, orbit((-0.75, 0.1, 0.0), 3.15, -20.0, 1.02), (-0.72, 0.15, 0.46)),
        (54, orbit((0.70, 0.1, 0.0), 2.85, -3.0, 0.84), (0.82, 0.15, 0.36)),
        (FRAMES, orbit((1.20, 0.1, 0.0), 2.45, 9.0, 0.74), (1.12, 0.30, 0.42)),
    ]
    view = camera(scene, moves, lens=35.0)
    glide(view, "BEZIER")
    glide(view.constraints[0].target, "BEZIER")
    view.data.dof.focus_object = scene.objects["Glass ball"]
