"""The scene of ``closed_form.py`` in Blender, exported with its passes: once in perspective, once parallel."""

from __future__ import annotations

from pathlib import Path

import bpy

from sora_addon.scenes.stage import clear
from sora_addon.scenes.surfaces import surface
from tests.bench.closed_form import FIRST, HEIGHT, LAST, SCALE, SENSOR, SHIFT, SQUARES, WIDTH, camera_place, lens

from .scenes import empty_scene, export


def main(folder: str) -> list[str]:
    """The names of the shots in FOLDER."""
    for name in ("perspective", "parallel"):
        _build(parallel=name == "parallel")
        export(Path(folder, name), passes=True)
    return ["perspective", "parallel"]


def _build(parallel: bool) -> None:
    scene = empty_scene()
    clear(scene, LAST)
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    data = bpy.data.cameras.new("Camera")
    data.sensor_fit, data.sensor_width, data.clip_start, data.clip_end = "HORIZONTAL", SENSOR, 0.1, 1000.0
    data.shift_x, data.shift_y = SHIFT
    if parallel:
        data.type, data.ortho_scale = "ORTHO", SCALE
    camera = scene.camera = _put(scene, "Camera", data)
    things = [(_put(scene, square.name, _mesh(square.name, square.side)), square) for square in SQUARES]
    for frame in range(FIRST - 1, LAST + 2):
        _key(camera, frame, *camera_place(frame))
        data.lens = lens(frame)
        data.keyframe_insert("lens", frame=frame)
        for thing, square in things:
            _key(thing, frame, *square.place(frame))


def _put(scene: bpy.types.Scene, name: str, data: bpy.types.ID) -> bpy.types.Object:
    thing = bpy.data.objects.new(name, data)
    scene.collection.objects.link(thing)
    return thing


def _mesh(name: str, side: float) -> bpy.types.Mesh:
    half = side / 2
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(-half, -half, 0), (half, -half, 0), (half, half, 0), (-half, half, 0)], [], [(0, 1, 2, 3)])
    mesh.materials.append(surface(name, (0.5, 0.5, 0.5)))
    return mesh


def _key(thing: bpy.types.Object, frame: int, place, turn) -> None:
    thing.location, thing.rotation_euler = place, turn
    thing.keyframe_insert("location", frame=frame)
    thing.keyframe_insert("rotation_euler", frame=frame)
