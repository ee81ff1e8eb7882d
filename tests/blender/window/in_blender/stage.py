"""The small scene of the sessions: a box falls onto a floor before a camera that moves. A second's job."""

from typing import Any

import bpy

FRAMES = 12


def small_scene(name: str = "Fall") -> Any:
    """The open scene becomes it: 12 frames of 128x72."""
    scene = bpy.context.scene
    scene.name = name
    scene.frame_start, scene.frame_end = 1, FRAMES
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 128, 72, 100
    cube, camera = scene.objects["Cube"], scene.objects["Camera"]
    wood = bpy.data.materials.new("Wood")
    cube.data.materials.clear()
    cube.data.materials.append(wood)
    cube.scale = (0.5, 0.5, 0.5)
    bpy.ops.mesh.primitive_plane_add(size=12.0)
    floor = bpy.context.object
    floor.name = "Floor"
    floor.data.materials.append(bpy.data.materials.new("Stone"))
    for frame, height in ((1, 2.5), (8, 0.5), (10, 0.8), (12, 0.5)):
        cube.location.z = height
        cube.keyframe_insert("location", frame=frame)
    camera.keyframe_insert("location", frame=1)
    camera.location.x += 0.5
    camera.keyframe_insert("location", frame=FRAMES)
    scene.frame_set(1)
    return scene
