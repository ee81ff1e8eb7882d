"""Lamps in numbers: how bright each is on white matte, and where its shadow is seen from. Plain numpy: no bpy here.

Measured against Cycles 4.2 and 5.2 (bounces off, white Diffuse BSDF), with E the energy, d the distance, n.l the cosine:

- point and spot: E / (4 pi^2 (d^2 + r^2)) n.l ("soft falloff", Blender's default, is what adds r^2); a spot's cone is a
  smoothstep of the cosine from its rim inwards, in the lamp's own scaled axes;
- sun: E / pi n.l; its disc has the angular diameter ``size``;
- area: a Lambertian emitter of E watts, radiance E / (pi A), A with the object's scale, shining along -z.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..contract import Light, LightRow
from .lighting_gpu import Block
from .sample import Doubles
from .shadow_points import TAPS, ball_cells, flat_cells
from .shadow_views import Casters, View, is_narrow, lamp_views, sun_view

MOST_SAMPLES = 16
MOST_VIEWS = 48
SEARCH = 0.15
"""Share of a map's width in which blockers are sought, at most, to either side."""

KINDS = ("sun", "point", "spot", "area")

LAMP = Block(
    "Lamp",
    "lamp",
    (
        ("vec4", "place", 1),  # x y z, kind
        ("vec4", "power", 1),  # brightness, squared radius or sine
        ("vec4", "cone", 1),  # cosine of the rim, 1 over the width of the smooth part, radius for highlights
        ("vec4", "counts", 1),  # samples, faces a sample, reach of the taps, widest search
        ("vec4", "axis_x", 1),  # unit axis, half size
        ("vec4", "axis_y", 1),
        ("vec4", "axis_z", 1),  # points against the light
        ("vec4", "inverse_x", 1),  # rows that take camera axes to the lamp's scaled ones
        ("vec4", "inverse_y", 1),
        ("vec4", "inverse_z", 1),
        ("vec4", "points", MOST_SAMPLES),  # places, or directions to a sun
        ("vec4", "taps", MOST_SAMPLES * TAPS // 2),  # two a row
        ("vec4", "tiles", MOST_VIEWS),  # x y, width, height in texels
        ("vec4", "spreads", MOST_VIEWS),  # spread of the filter, depth of a texel at slope 1
        ("mat4", "clips", MOST_VIEWS),  # camera to map
        ("mat4", "backs", MOST_VIEWS),
    ),
)


@dataclass(frozen=True, eq=False)
class Lamp:
    """A lamp at one frame, in the world's axes."""

    kind: str
    place: Doubles
    axes: Doubles
    """(3, 3) unit x, y, z, row by row; z points against the light."""
    inverse: Doubles
    """(3, 3) world to the lamp's own, scaled axes."""
    half_x: float
    half_y: float
    """Metres; the radius for point and spot, the tangent of the angular radius for a sun."""
    disc: bool
    power: float
    """What ``n.l`` and distance (or the solid angle) are multiplied with on white matte, without colour."""
    rim: float
    blend: float
    """Of a spot: cosine of its half angle, and the width of its smooth part in cosines."""
    shadow: bool

    @staticmethod
    def of(light: Light, row: LightRow) -> Lamp:
        """From the contract. A lamp's scale counts for an area's size and a spot's cone, as in Cycles."""
        world = np.array(row.world, np.float64).reshape(4, 4)
        linear = world[:3, :3]
        scales = np.linalg.norm(linear, axis=0)
        scales = np.where(scales > 1e-9, scales, 1.0)
        axes = _orthonormal((linear / scales).T)
        disc = light.kind != "area" or light.shape in ("disk", "ellipse")
        if light.kind == "sun":
            half_x = half_y = math.tan(min(0.5 * light.size, 1.5))
            power = row.energy / math.pi
        elif light.kind == "area":
            square = light.shape in ("square", "disk")
            half_x = 0.5 * light.size * scales[0]
            half_y = 0.5 * (light.size if square else light.size_y) * scales[1]
            half_x, half_y = max(half_x, 1e-4), max(half_y, 1e-4)
            power = row.energy / (math.pi * half_x * half_y * (math.pi if disc else 4.0))
        else:
            half_x = half_y = light.size
            power = row.energy / (4.0 * math.pi**2)
        rim = math.cos(0.5 * light.spot_angle)
        return Lamp(
            light.kind,
            world[:3, 3],
            axes,
            np.asarray(np.linalg.inv(axes.T * scales), np.float64),
            float(half_x),
            float(half_y),
            disc,
            power,
            rim,
            max((1.0 - rim) * light.spot_blend, 1e-6),
            light.shadow,
        )


@dataclass(frozen=True, eq=False)
class LampShadow:
    """Where a lamp's shadow is seen from."""

    points: Doubles
    """(S, 3) places in the world; for a sun, directions to it."""
    taps: Doubles
    """(S, TAPS, 2) in metres (or tangents) along the lamp's x and y, or across the view of a point or spot."""
    faces: int
    views: list[View | None]
    """S * faces of them."""


def lamp_shadow(lamp: Lamp, samples: int, seen: Doubles, casters: Casters, texels: int) -> LampShadow:
    """The depth maps that the lamp needs; ``seen`` (P, 3) are points that the camera sees. No points: no shadow.

    Lamps that shine to all sides may get fewer samples than asked for, so that their cube maps fit in a block.
    """
    none = LampShadow(np.zeros((0, 3)), np.zeros((0, TAPS, 2)), 1, [])
    sun = lamp.kind == "sun"
    throws = casters.without_floors(lamp.axes[2] if sun else lamp.place, sun=sun)
    if not lamp.shadow or not throws.any() or not len(seen):
        return none
    boxes = casters.corners[throws]
    if max(lamp.half_x, lamp.half_y) < (1e-4 if sun else 1e-3):
        samples = 1
    if sun:
        middles, taps = flat_cells(samples, disc=True, half_x=lamp.half_x, half_y=lamp.half_y)
        points = lamp.axes[2] + middles @ lamp.axes[:2]
        views = [sun_view(-point, lamp.axes[0], seen, boxes, texels) for point in points]
        return LampShadow(points, taps, 1, views)
    axes = np.eye(3) if lamp.kind == "point" else lamp.axes
    lit = seen
    if lamp.kind == "spot":
        local = (seen - lamp.place) @ lamp.inverse.T
        lit = seen[-local[:, 2] > lamp.rim * np.linalg.norm(local, axis=1)]
    elif lamp.kind == "area":
        lit = seen[(seen - lamp.place) @ lamp.axes[2] < 0.0]
    if not len(lit):
        return none
    wide = is_narrow(lamp.place, axes, lit, max(lamp.half_x, lamp.half_y))
    faces = 1 if wide else 6
    samples = min(samples, MOST_SAMPLES if wide else MOST_VIEWS // 6)
    if lamp.kind == "area":
        middles, taps = flat_cells(samples, disc=lamp.disc, half_x=lamp.half_x, half_y=lamp.half_y)
        points = lamp.place + middles @ lamp.axes[:2]
    else:
        middles, taps = ball_cells(samples)
        points, taps = lamp.place + lamp.half_x * middles, lamp.half_x * taps
    views = [view for point in points for view in lamp_views(point, axes, lit, boxes, texels, wide=wide)]
    return LampShadow(points, taps, faces, views)


def lamp_values(lamp: Lamp, shadow: LampShadow, tiles: Doubles, camera: Doubles) -> dict[str, Doubles]:
    """The fields of ``LAMP``. ``camera`` is the (4, 4) camera to world; ``tiles`` (V, 4) come from ``ShadowMaps.draw``."""
    turn, home = camera[:3, :3], camera[:3, 3]
    sun, area = lamp.kind == "sun", lamp.kind == "area"
    axes = (np.eye(3) if lamp.kind == "point" else lamp.axes) @ turn
    round_ = math.sqrt(math.pi) / 2.0 if area and lamp.disc else 1.0
    halves = (lamp.half_x * round_, lamp.half_y * round_) if area else (0.0, 0.0)
    angular = lamp.half_x**2 / (1.0 + lamp.half_x**2)
    radius = math.sqrt(lamp.half_x * lamp.half_y) * (1.0 if lamp.disc else 2.0 / math.sqrt(math.pi))
    inverse = lamp.inverse @ turn
    points = shadow.points @ turn if sun else (shadow.points - home) @ turn
    values = {
        "place": np.append((lamp.place - home) @ turn, KINDS.index(lamp.kind)),
        "power": np.array([lamp.power, angular if sun else lamp.half_x**2, 0.0, 0.0]),
        "cone": np.array([lamp.rim, 1.0 / lamp.blend, radius, 0.0]),
        "counts": np.array([len(points), shadow.faces, np.abs(shadow.taps).max(initial=0.0), SEARCH]),
        "axis_x": np.append(axes[0], halves[0]),
        "axis_y": np.append(axes[1], halves[1]),
        "axis_z": np.append(axes[2], 0.0),
        "inverse_x": np.append(inverse[0], 0.0),
        "inverse_y": np.append(inverse[1], 0.0),
        "inverse_z": np.append(inverse[2], 0.0),
        "points": np.pad(points, ((0, 0), (0, 1))),
        "taps": shadow.taps.reshape(-1, 4),
        "tiles": tiles,
    }
    clips = [np.eye(4) if view is None else view.clip @ camera for view in shadow.views]
    values["clips"] = np.reshape(clips, (-1, 4, 4))
    values["backs"] = np.reshape([np.linalg.inv(clip) for clip in clips], (-1, 4, 4))
    values["spreads"] = np.array(
        [
            (0.0, 0.0, 0.0, 0.0) if view is None else (view.spread, view.texel_depth / max(tile[2], 1.0), 0.0, 0.0)
            for view, tile in zip(shadow.views, tiles, strict=True)
        ]
    ).reshape(-1, 4)
    return values


def _orthonormal(rows: Doubles) -> Doubles:
    """The rotation's rows; the third is kept, as the direction of light, and the others straightened."""
    z = rows[2] / np.linalg.norm(rows[2])
    x = rows[0] - z * (rows[0] @ z)
    x = x / np.linalg.norm(x)
    y = rows[1] - z * (rows[1] @ z) - x * (rows[1] @ x)
    return np.stack([x, y / np.linalg.norm(y), z])
