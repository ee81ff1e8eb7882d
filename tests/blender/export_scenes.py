"""Small scenes made by code for the exporter's tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from sora_addon.contract import Size
from sora_addon.export.options import ExportOptions, options_of
from sora_addon.export.scene_properties import register_properties


def empty_scene() -> Any:
    """An empty factory scene of three frames."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    register_properties()
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 3
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 64, 32, 100
    return scene


def add(scene: Any, name: str, data: Any, location: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Any:
    """An object of ``data`` in the scene."""
    thing = bpy.data.objects.new(name, data)
    thing.location = location
    scene.collection.objects.link(thing)
    return thing


BOX_FACES = [(0, 2, 3, 1), (0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6), (4, 5, 7, 6)]
"""Of a box: the floor first, the ceiling last."""


def box_mesh(size: float, faces: int = 6) -> Any:
    """A box about the origin, with fewer ``faces`` open at the top."""
    corners = [(x, y, z) for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)]
    mesh = bpy.data.meshes.new("box")
    mesh.from_pydata([tuple(side * size / 2 for side in corner) for corner in corners], [], BOX_FACES[:faces])
    return mesh


def grid_mesh(cells: int, size: float) -> Any:
    """A square from -size to size of that many cells a side."""
    row = cells + 1
    places = [2.0 * size * i / cells - size for i in range(row)]
    faces = [
        (y * row + x, y * row + x + 1, (y + 1) * row + x + 1, (y + 1) * row + x)
        for y in range(cells)
        for x in range(cells)
    ]
    mesh = bpy.data.meshes.new("grid")
    mesh.from_pydata([(x, y, 0.0) for y in places for x in places], [], faces)
    return mesh


def add_camera(scene: Any, location: tuple[float, float, float] = (0.0, -6.0, 1.0)) -> Any:
    """A camera that looks along +y; it is the scene's."""
    camera = add(scene, "Camera", bpy.data.cameras.new("Camera"), location)
    camera.rotation_euler = (1.5707963, 0.0, 0.0)
    scene.camera = camera
    return camera


def little_shot() -> Any:
    """A box that moves over a floor under a lamp, before a camera: three frames."""
    scene = empty_scene()
    add_camera(scene)
    add(scene, "Floor", grid_mesh(2, 5.0))
    box = add(scene, "Box", box_mesh(1.0), (0.0, 0.0, 0.5))
    for frame, x in ((1, -0.5), (3, 0.5)):
        box.location.x = x
        box.keyframe_insert("location", frame=frame)
    lamp = add(scene, "Lamp", bpy.data.lights.new("Lamp", "POINT"), (2.0, -2.0, 4.0))
    lamp.data.energy = 300.0
    scene.frame_set(1)
    return scene


def add_cloth(scene: Any) -> Any:
    """A cloth that falls from frame 1 to 6; not baked."""
    cloth = add(scene, "Cloth", grid_mesh(4, 1.0), (0.0, 0.0, 2.0))
    cache = cloth.modifiers.new("Cloth", "CLOTH").point_cache
    cache.frame_start, cache.frame_end = 1, 6
    scene.frame_end = 6
    return cloth


def bake(scene: Any, thing: Any) -> None:
    cache = thing.modifiers["Cloth"].point_cache
    with bpy.context.temp_override(point_cache=cache, scene=scene, active_object=thing, object=thing):
        bpy.ops.ptcache.bake(bake=True)


def save(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))


def options(scene: Any, **changes: Any) -> ExportOptions:
    return options_of(scene, scene.view_layers[0], **({"size": Size(64, 32)} | changes))
