"""Camera, lamps, world and the frame that they fill."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import bpy
from mathutils import Vector

from .. import compat
from .shapes import Point
from .surfaces import Colour

WIDTH, HEIGHT, FPS = 512, 288, 24


def clear(scene: bpy.types.Scene, frames: int) -> None:
    """An empty scene of ``frames`` frames from 1 on, 512x288, 24 a second, seen under the Standard view."""
    for thing in list(scene.objects):
        bpy.data.objects.remove(thing)
    scene.frame_start, scene.frame_end = 1, frames
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = WIDTH, HEIGHT, 100
    render.fps, render.fps_base = FPS, 1.0
    scene.view_settings.view_transform = "Standard"
    scene.unit_settings.system, scene.unit_settings.scale_length = "METRIC", 1.0


def sky(scene: bpy.types.Scene, color: Colour, strength: float = 1.0) -> None:
    """A world of one colour."""
    world = bpy.data.worlds.new("Sky")
    background = compat.shader_tree(world).nodes["Background"]
    background.inputs["Color"].default_value = (*color, 1.0)
    background.inputs["Strength"].default_value = strength
    world.color = color
    scene.world = world


def lamp(
    scene: bpy.types.Scene,
    name: str,
    kind: Literal["SUN", "POINT", "SPOT", "AREA"],
    energy: float,
    *,
    at: Point,
    toward: Point = (0.0, 0.0, 0.0),
    color: Colour = (1.0, 1.0, 1.0),
    size: float = 0.1,
) -> bpy.types.Object:
    """A lamp at ``at`` that shines ``toward`` a point; ``size`` is its angle (sun, radians), radius or side (metres)."""
    data = bpy.data.lights.new(name, kind)
    data.energy, data.color = energy, color
    setattr(data, {"SUN": "angle", "AREA": "size"}.get(kind, "shadow_soft_size"), size)
    thing = bpy.data.objects.new(name, data)
    thing.location = at
    thing.rotation_euler = aim(at, toward)
    scene.collection.objects.link(thing)
    return thing


def camera(
    scene: bpy.types.Scene, moves: Sequence[tuple[int, Point, Point]], *, lens: float = 35.0, name: str = "Camera"
) -> bpy.types.Object:
    """The scene's camera, keyed: at each frame of ``moves`` it stands at a point and looks at another.

    Position and target are interpolated apart from each other by keys on an empty that it tracks, so that it looks
    where it should between keys too.
    """
    data = bpy.data.cameras.new(name)
    data.lens, data.clip_start, data.clip_end = lens, 0.05, 100.0
    thing = bpy.data.objects.new(name, data)
    target = bpy.data.objects.new(f"{name} target", None)
    for one in (thing, target):
        scene.collection.objects.link(one)
    track = thing.constraints.new("TRACK_TO")
    track.target, track.track_axis, track.up_axis = target, "TRACK_NEGATIVE_Z", "UP_Y"
    for frame, at, look in moves:
        thing.location, target.location = at, look
        if len(moves) > 1:
            thing.keyframe_insert("location", frame=frame)
            target.keyframe_insert("location", frame=frame)
    scene.camera = thing
    return thing


def aim(at: Point, toward: Point) -> tuple[float, float, float]:
    """Euler angles that turn -z from ``at`` to ``toward``, y up."""
    turned = (Vector(toward) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    return turned.x, turned.y, turned.z


def glide(thing: bpy.types.Object, kind: Literal["LINEAR", "BEZIER", "QUAD"], easing: str = "AUTO") -> None:
    """How every key of ``thing`` leads to the next: evenly, softly, or as under a steady force (``EASE_IN`` from rest)."""
    for curve in compat.fcurves(thing):
        for key in curve.keyframe_points:
            key.interpolation, key.easing = kind, easing


def orbit(centre: Point, radius: float, degrees: float, height: float) -> Point:
    """The point ``radius`` metres from ``centre``, ``degrees`` from -y toward +x, at ``height``."""
    angle = math.radians(degrees)
    return centre[0] + radius * math.sin(angle), centre[1] - radius * math.cos(angle), height
