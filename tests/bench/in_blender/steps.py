"""What Bullet does between two frames: the scene simulated again with a frame for each of its steps.

The steps are as long as before, so that the poses on whole frames are the same; a contact's time can then be read from
them to a fraction of a step (2 ms) without the solver. Only for scenes without keys: those would be hurried.
"""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from sora_addon.scenes.physics import simulate

Doubles = NDArray[np.float64]


def step_seconds() -> float:
    """Length of one of Bullet's steps in the open scene."""
    scene = bpy.context.scene
    return scene.render.fps_base / scene.render.fps / scene.rigidbody_world.substeps_per_frame


def poses_by_step() -> dict[str, Doubles]:
    """(steps, 4, 4) world matrices of each falling body, by name, from the first frame on. The scene is not as it was.

    Raises RuntimeError where the poses on whole frames differ by more than 0.01 mm.
    """
    scene = bpy.context.scene
    world = scene.rigidbody_world
    by_frame = _poses()
    steps = world.substeps_per_frame
    with bpy.context.temp_override(scene=scene, point_cache=world.point_cache):
        bpy.ops.ptcache.free_bake()
    scene.render.fps *= steps
    scene.frame_end = scene.frame_start + (scene.frame_end - scene.frame_start) * steps
    world.substeps_per_frame = 1
    simulate(scene)
    by_step = _poses()
    for name, poses in by_step.items():
        if np.abs(poses[::steps] - by_frame[name]).max() > 1e-5:
            raise RuntimeError(f"{name!r} moves otherwise when it is simulated step by step")
    return by_step


def _poses() -> dict[str, Doubles]:
    scene = bpy.context.scene
    falling = [thing for thing in scene.objects if thing.rigid_body and thing.rigid_body.type == "ACTIVE"]
    rows: dict[str, list[Doubles]] = {thing.name: [] for thing in falling}
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        depsgraph = bpy.context.evaluated_depsgraph_get()
        for thing in falling:
            rows[thing.name].append(np.array(thing.evaluated_get(depsgraph).matrix_world))
    return {name: np.array(poses) for name, poses in rows.items()}
