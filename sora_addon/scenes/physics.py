"""Rigid bodies: made, tuned, simulated."""

from __future__ import annotations

from typing import Literal

import bpy

SUBSTEPS = 20
"""A frame. Bullet's integrator falls g t dt / 2 too far: 0.4 s of fall is right to 1 ms at 24 x 20 steps a second."""

Shape = Literal["BOX", "SPHERE", "CYLINDER", "CONVEX_HULL", "MESH"]


def rigid(
    scene: bpy.types.Scene,
    thing: bpy.types.Object,
    shape: Shape,
    *,
    mass: float | None = None,
    friction: float = 0.6,
    restitution: float = 0.3,
    kinematic: bool = False,
) -> bpy.types.Object:
    """Put ``thing`` into the scene's rigid-body world: falling with ``mass`` (kg), else standing as what others meet.

    Bullet multiplies friction and restitution of the two that touch. Margins are off, so that what is seen is what meets.
    """
    with bpy.context.temp_override(scene=scene, object=thing, active_object=thing, selected_objects=[thing]):
        if scene.rigidbody_world is None:
            _add_world(scene)
        bpy.ops.rigidbody.object_add(type="PASSIVE" if mass is None else "ACTIVE")
    body = thing.rigid_body
    body.collision_shape = shape
    body.friction, body.restitution = friction, restitution
    body.use_margin, body.collision_margin = True, 0.0
    body.linear_damping, body.angular_damping = 0.02, 0.05
    body.kinematic = kinematic
    if mass is not None:
        body.mass = mass
    return thing


def simulate(scene: bpy.types.Scene) -> None:
    """Bake the rigid bodies over the scene's frames and the one after, which the last one's motion leads to."""
    world = scene.rigidbody_world
    world.point_cache.frame_start, world.point_cache.frame_end = scene.frame_start, scene.frame_end + 1
    with bpy.context.temp_override(scene=scene, point_cache=world.point_cache):
        bpy.ops.ptcache.bake(bake=True)
    scene.frame_set(scene.frame_start)


def _add_world(scene: bpy.types.Scene) -> None:
    bpy.ops.rigidbody.world_add()
    scene.rigidbody_world.substeps_per_frame = SUBSTEPS
    scene.rigidbody_world.solver_iterations = 30
