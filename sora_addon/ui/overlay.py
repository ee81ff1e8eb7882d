"""Contacts in the 3D view: rings on the surfaces that meet, brightest when they do."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import bpy
import gpu
from gpu_extras.batch import batch_for_shader

from .. import stalls
from ..client.desk import existing
from ..client.found import Found, Meeting

BEFORE, AFTER = 12.0, 4.0
"""Frames around the current one whose contacts are drawn: those that were stay longer than those to come."""
CORNERS = 16
COLORS = {
    "impact": (1.0, 0.55, 0.1),
    "close": (1.0, 0.55, 0.1),
    "step": (0.9, 0.85, 0.2),
    "splash": (0.2, 0.6, 1.0),
    "roll": (0.3, 0.9, 0.5),
    "slide": (0.8, 0.4, 0.9),
}
MOST = 200
"""Rings at a time: a rain of drops must not slow the view."""
WIDTH, LEAST = 2.0, 10.0
"""Pixels: of the line, and of the smallest ring's radius, which is seen from however far."""

Point = tuple[float, float, float]
Color = tuple[float, float, float, float]
Scale = Callable[[Point], float]
"""Blender units that a pixel of the view is wide at a point, given in those units."""

_handle: Any = None
_drawn: tuple[Any, ...] = ()
_batch: Any = None


def start() -> None:
    global _handle
    if not bpy.app.background:
        _handle = bpy.types.SpaceView3D.draw_handler_add(_draw, (), "WINDOW", "POST_VIEW")


def stop() -> None:
    global _handle, _batch, _drawn
    if _handle is not None:
        bpy.types.SpaceView3D.draw_handler_remove(_handle, "WINDOW")
    _handle, _batch, _drawn = None, None, ()


def _draw() -> None:
    with stalls.held("overlay"):
        _draw_rings()


def _draw_rings() -> None:
    global _batch, _drawn
    context = bpy.context
    scene, desk = context.scene, existing()
    if desk is None or not context.window_manager.sora.show_contacts or not context.space_data.overlay.show_overlays:
        return
    found = desk.state.contacts_of(scene.sora.id).found
    if found is None:
        return
    frame, unit = scene.frame_current_final, scene.unit_settings.scale_length
    least = LEAST * context.preferences.system.ui_scale
    shader = gpu.shader.from_builtin("POLYLINE_FLAT_COLOR")
    seen = tuple(map(tuple, context.region_data.perspective_matrix)), context.region.height, least
    if _drawn != (id(found), frame, unit, seen):
        points, colors = rings(found, frame, unit, scale_of(context.region_data, context.region.height), least)
        _batch = batch_for_shader(shader, "LINES", {"pos": points, "color": colors}) if points else None
        _drawn = (id(found), frame, unit, seen)
    if _batch is None:
        return
    gpu.state.blend_set("ALPHA")
    gpu.state.depth_test_set("NONE")  # what meets hides the place where it meets
    shader.bind()
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", WIDTH * context.preferences.system.ui_scale)
    _batch.draw(shader)
    gpu.state.blend_set("NONE")


def scale_of(view: Any, height: int) -> Scale:
    """That of a ``RegionView3D`` in a region of ``height`` pixels. A point behind the viewer has the scale 0."""
    depth, up = tuple(view.perspective_matrix[3]), view.window_matrix[1][1]

    def scale(point: Point) -> float:
        x, y, z = point
        return max(0.0, depth[0] * x + depth[1] * y + depth[2] * z + depth[3]) * 2.0 / (up * height)

    return scale


def rings(found: Found, frame: float, unit: float, scale: Scale, least: float) -> tuple[list[Point], list[Color]]:
    """Line ends (Blender units of ``unit`` metres) and their colours, for the contacts around ``frame``.

    No ring's radius is below ``least`` pixels.
    """
    points: list[Point] = []
    colors: list[Color] = []
    for meeting in found.near(frame, BEFORE, AFTER)[-MOST:]:
        age = _age(meeting, frame)
        alpha = max(0.0, 1.0 - (age / BEFORE if age > 0 else -age / AFTER))
        x, y, z = meeting.point_at(frame)
        center = x / unit, y / unit, z / unit
        radius = max((0.05 + 0.02 * min(meeting.speed, 10.0)) / unit, least * scale(center))
        corners = _circle(center, meeting.normal, radius * (1.0 + 0.1 * max(0.0, age)))
        color = (*COLORS[meeting.kind], alpha)
        for i, corner in enumerate(corners):
            points += [corner, corners[(i + 1) % CORNERS]]
            colors += [color, color]
    return points, colors


def _age(meeting: Meeting, frame: float) -> float:
    """Frames since it ended; below 0 before it began; 0 while it lasts."""
    if frame < meeting.start:
        return frame - meeting.start
    return max(0.0, frame - meeting.end)


def _circle(center: Point, normal: Point, radius: float) -> list[Point]:
    x, y, z = center
    a, b = _across(normal)
    found = []
    for i in range(CORNERS):
        c, s = math.cos(2 * math.pi * i / CORNERS) * radius, math.sin(2 * math.pi * i / CORNERS) * radius
        found.append((x + a[0] * c + b[0] * s, y + a[1] * c + b[1] * s, z + a[2] * c + b[2] * s))
    return found


def _across(normal: Point) -> tuple[Point, Point]:
    """Two unit vectors across a unit vector and each other (Duff et al., Building an Orthonormal Basis, Revisited, 2017)."""
    x, y, z = normal
    sign = math.copysign(1.0, z)
    a = -1.0 / (sign + z)
    b = x * y * a
    return (1.0 + sign * x * x * a, sign * b, -sign * x), (b, sign + y * y * a, -y)
