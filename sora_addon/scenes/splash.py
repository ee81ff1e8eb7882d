"""Water thrown up where a body falls in: rings on the surface and drops that rise and fall back."""

from __future__ import annotations

import bpy

from .shapes import ball, lathe


def splash(
    scene: bpy.types.Scene, thing: bpy.types.Object, *, radius: float, level: float, material: bpy.types.Material
) -> float | None:
    """Set off a splash where ``thing`` (a ball of ``radius``) first meets the water ``level``; the scene must be simulated.

    The object "Water" gets the rings. Returns the frame, between two, of the touch; None where it stays dry.
    """
    touch = first_touch(scene, thing, level + radius)
    if touch is None:
        return None
    frame, x, y = touch
    _rings(scene, frame, (x, y, level))
    _drops(scene, frame, (x, y, level), radius, material)
    scene.frame_set(scene.frame_start)
    return frame


def first_touch(scene: bpy.types.Scene, thing: bpy.types.Object, height: float) -> tuple[float, float, float] | None:
    """Frame, x and y at which the origin of ``thing`` first sinks below ``height``, between whole frames linearly."""
    before = None
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        at = thing.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world.translation.copy()
        if before is not None and at.z < height <= before.z:
            share = (before.z - height) / (before.z - at.z)
            place = before.lerp(at, share)
            return frame - 1 + share, place.x, place.y
        before = at
    return None


def _rings(scene: bpy.types.Scene, frame: float, at: tuple[float, float, float]) -> None:
    origin = bpy.data.objects.new("Splash", None)
    origin.location, origin.empty_display_size = at, 0.05
    scene.collection.objects.link(origin)
    water = scene.objects["Water"]
    wave = water.modifiers.new("rings", "WAVE")
    wave.start_position_object = origin
    wave.time_offset, wave.lifetime = frame, 0.0
    wave.damping_time = 30.0
    wave.height, wave.width, wave.narrowness, wave.speed = 0.022, 0.09, 26.0, 0.032
    wave.falloff_radius = 0.35


def _drops(
    scene: bpy.types.Scene, frame: float, at: tuple[float, float, float], radius: float, material: bpy.types.Material
) -> None:
    drop = ball(scene, "Water drop", 1.0, material, segments=12)
    drop.location = (0.0, 0.0, -5.0)
    drop.hide_render = drop.hide_viewport = True
    mouth = lathe(
        scene,
        "Water spray",
        [(radius, 0.0), (radius * 1.2, 0.012)],
        material,
        at=(at[0], at[1], at[2] + 0.004),
        segments=24,
    )
    mouth.modifiers.new("drops", "PARTICLE_SYSTEM")
    mouth.show_instancer_for_render = mouth.show_instancer_for_viewport = False
    settings = mouth.particle_systems[0].settings
    settings.name = "Water drops"
    settings.count = 90
    settings.frame_start, settings.frame_end = round(frame), round(frame) + 2
    settings.lifetime, settings.lifetime_random = 16, 0.4
    settings.emit_from, settings.distribution = "FACE", "RAND"
    settings.normal_factor, settings.factor_random = 0.45, 0.35
    settings.object_align_factor = (0.0, 0.0, 1.5)
    settings.render_type, settings.instance_object = "OBJECT", drop
    settings.particle_size, settings.size_random = 0.013, 0.7
