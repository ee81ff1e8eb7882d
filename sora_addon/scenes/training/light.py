"""Light by the hour: sun, sky, lamps. Radiance is chosen so that no exposure is needed to see the picture."""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ... import compat
from ...contract.geometry import vector
from ..shapes import Point, ball, box
from ..stage import lamp, sky
from ..surfaces import Colour
from .places import Place
from .plain import GREY, WHITE, plain_energy
from .recipe import Recipe, rng
from .stuff import glow
from .veil import Veil

Draw = np.random.Generator


@dataclass(frozen=True)
class Daylight:
    """The sun's elevation (degrees) from and to, colour, energy and angular size (degrees); zenith and horizon radiance."""

    elevation: tuple[float, float]
    sun: Colour
    energy: float
    size: float
    zenith: Colour
    horizon: Colour


DAY: dict[str, Daylight] = {
    "noon": Daylight((50, 75), (1.0, 0.96, 0.88), 4.2, 0.6, (0.20, 0.36, 0.72), (0.52, 0.62, 0.76)),
    "overcast": Daylight((45, 75), (0.95, 0.97, 1.0), 0.9, 55.0, (0.62, 0.66, 0.72), (0.50, 0.53, 0.58)),
    "golden hour": Daylight((11, 22), (1.0, 0.60, 0.27), 5.0, 0.8, (0.22, 0.30, 0.44), (0.62, 0.46, 0.30)),
    "sunset": Daylight((3, 8), (1.0, 0.33, 0.10), 4.2, 1.5, (0.16, 0.15, 0.28), (0.72, 0.30, 0.14)),
    "blue hour": Daylight((30, 60), (0.45, 0.60, 1.0), 0.22, 40.0, (0.045, 0.085, 0.24), (0.10, 0.13, 0.25)),
    "night": Daylight((30, 60), (0.55, 0.68, 1.0), 0.10, 1.0, (0.004, 0.006, 0.016), (0.010, 0.011, 0.018)),
    "studio": Daylight((90, 90), WHITE, 0.0, 1.0, (0.09, 0.09, 0.09), (0.09, 0.09, 0.09)),
    "neon": Daylight((90, 90), WHITE, 0.0, 1.0, (0.010, 0.008, 0.022), (0.022, 0.012, 0.035)),
}
"""From the usual photographers' figures, brought into the range that a display shows."""


def light(scene: bpy.types.Scene, made: Recipe, place: Place) -> tuple[list[Veil], dict[str, Any]]:
    """Light the scene for its hour; returns the veils of light that only the words tell, and what was chosen."""
    draw = rng(made.seed, "light")
    day = DAY[made.hour]
    chosen: dict[str, Any] = {}
    before = set(scene.objects)
    if made.hour == "studio":
        _softboxes(scene, draw)
    elif made.hour == "neon":
        _tubes(scene, place, draw)
    elif place.enclosed:
        _window_light(scene, place, day, draw)
    else:
        chosen |= _sun(scene, day, made, draw)
    if made.hour in ("night", "blue hour") or (place.enclosed and made.hour not in ("studio", "neon")):
        _practicals(scene, place, draw, bright=1.0 if made.hour in ("night", "blue hour") else 0.45)
    gradient = made.room == "open air" and made.hour not in ("studio", "neon") and draw.random() < 0.5
    strength = _under_water(made, draw)
    zenith, horizon = _scaled(day.zenith, strength), _scaled(day.horizon, strength)
    _sky(scene, zenith, horizon, gradient)
    if made.place == "underwater" and made.hour not in ("night", "neon", "blue hour"):
        for one in scene.objects:
            if one.type == "LIGHT" and one.data.type == "SUN":
                red, green, blue = one.data.color
                one.data.color = (red * 0.45, green * 0.85, blue)
                one.data.angle = math.radians(12.0)
    lamps = [one for one in set(scene.objects) - before if one.type == "LIGHT"]
    chosen |= {"gradient": gradient, "lamps": len(lamps)}
    return (_neutral(scene, lamps) if made.words_light else []), chosen


def _under_water(made: Recipe, draw: Draw) -> float:
    return float(draw.uniform(0.6, 0.9)) if made.place == "underwater" else float(draw.uniform(0.85, 1.15))


def _sun(scene: bpy.types.Scene, day: Daylight, made: Recipe, draw: Draw) -> dict[str, Any]:
    """From either side or against the camera, seldom from behind it."""
    height = math.radians(draw.uniform(*day.elevation))
    around = float(draw.choice([-1.0, 1.0])) * draw.uniform(25.0, 150.0)
    turn = math.radians(around)
    # 0 shines from behind the camera (-y), 180 against it
    at: Point = (10 * math.cos(height) * math.sin(turn), -10 * math.cos(height) * math.cos(turn), 10 * math.sin(height))
    if made.place in ("yard", "street", "roof") and at[1] > 0 and height < 0.5:
        at = (at[0], -at[1] * 0.5, at[2])  # a wall stands there
    name = "Moon" if made.hour in ("night", "blue hour") else "Sun"
    lamp(
        scene,
        name,
        "SUN",
        day.energy * draw.uniform(0.85, 1.2),
        at=at,
        color=_varied(day.sun, draw),
        size=math.radians(day.size),
    )
    return {"sun_elevation": math.degrees(height), "sun_azimuth": float(around)}


def _window_light(scene: bpy.types.Scene, place: Place, day: Daylight, draw: Draw) -> None:
    """A window that glows with the sky, and the sun through it while it is up."""
    for at, toward, side in place.windows:
        reach = math.dist(at, toward)
        sky_light = tuple(0.6 * a + 0.4 * b for a, b in zip(day.zenith, day.horizon, strict=True))
        power = 55.0 * side * side * reach * 0.4
        color, level = _normalised(
            vector(s * 1.0 + 0.22 * day.energy * c * 0.35 for s, c in zip(sky_light, day.sun, strict=True))
        )
        lamp(
            scene,
            "Window",
            "AREA",
            power * level * draw.uniform(0.9, 1.4),
            at=at,
            toward=toward,
            color=color,
            size=side,
        )
        if day.energy > 2.0:
            lamp(
                scene,
                "Sunbeam",
                "SPOT",
                260.0 * day.energy * reach * draw.uniform(0.8, 1.2),
                at=_beyond(at, toward, 2.0, draw),
                toward=toward,
                color=day.sun,
                size=0.05,
            )


def _beyond(at: Point, toward: Point, metres: float, draw: Draw) -> Point:
    way = np.array(at) - np.array(toward)
    way = way / np.linalg.norm(way) + np.array([0.0, draw.uniform(-0.2, 0.2), draw.uniform(0.15, 0.4)])
    return tuple((np.array(at) + metres * way).tolist())


def _practicals(scene: bpy.types.Scene, place: Place, draw: Draw, *, bright: float) -> None:
    """Lamps that are seen: warm bulbs where the place has room for them."""
    spots = list(place.lamps)
    draw.shuffle(spots)
    warm = glow("Bulb", (1.0, 0.62, 0.28), 12.0 * bright)
    for number, at in enumerate(spots[: int(draw.integers(1, max(2, len(spots)) + 1))]):
        x, y, z = (float(v) for v in at)
        near = max(math.dist((x, y, z), (0.0, 0.0, 0.3)), 1.0)
        power = 26.0 * near**1.6 * bright * draw.uniform(0.8, 1.5)
        bulb = ball(scene, f"Bulb {number}", 0.06, warm, at=(x, y, z), segments=16)
        bulb.visible_shadow = False
        color = (1.0, draw.uniform(0.55, 0.75), draw.uniform(0.25, 0.45))
        lamp(scene, f"Practical {number}", "POINT", min(power, 900.0), at=(x, y, z), color=color, size=0.06)


def _softboxes(scene: bpy.types.Scene, draw: Draw) -> None:
    """Key, fill and rim."""
    side = float(draw.choice([-1.0, 1.0]))
    tint = _varied(WHITE, draw)
    lamp(
        scene,
        "Key",
        "AREA",
        draw.uniform(200.0, 320.0),
        at=(side * 2.6, -2.2, draw.uniform(2.0, 3.0)),
        toward=(0.0, 0.0, 0.3),
        color=tint,
        size=draw.uniform(0.7, 1.6),
    )
    lamp(scene, "Fill", "AREA", draw.uniform(30.0, 80.0), at=(-side * 3.0, -2.6, 1.6), toward=(0.0, 0.0, 0.3), size=2.0)
    lamp(scene, "Rim", "AREA", draw.uniform(90.0, 220.0), at=(-side * 1.6, 2.2, 2.6), toward=(0.0, 0.0, 0.3), size=0.8)


def _tubes(scene: bpy.types.Scene, place: Place, draw: Draw) -> None:
    """Two or three tubes of saturated light that are seen, and what they throw."""
    hue = draw.choice([0.86, 0.52, 0.75, 0.95, 0.6])
    spots = ((-1.7, 1.0, 0.9), (1.7, 0.9, 1.1), (0.2, 1.7, 1.9))
    for number, (x, y, z) in enumerate(spots[: int(draw.integers(2, 4))]):
        color: Colour = tuple(part**1.6 for part in colorsys.hsv_to_rgb((hue + 0.36 * number) % 1.0, 0.92, 1.0))
        upright = draw.random() < 0.5
        size = (0.05, 0.05, 1.2) if upright else (1.2, 0.05, 0.05)
        z = min(z, place.highest)
        tube = box(scene, f"Neon tube {number}", size, glow(f"Neon {number}", color, 6.0), at=(x, y, max(z, 0.7)))
        tube.visible_shadow = False
        lamp(
            scene,
            f"Neon {number}",
            "AREA",
            draw.uniform(60.0, 130.0),
            at=(x, y - 0.06, max(z, 0.7)),
            toward=(0.0, -0.3, 0.2),
            color=color,
            size=1.0,
        )
    lamp(
        scene,
        "Front spill",
        "AREA",
        draw.uniform(20.0, 50.0),
        at=(-1.5, -3.0, 2.0),
        toward=(0.0, 0.0, 0.2),
        color=vector(colorsys.hsv_to_rgb((hue + 0.18) % 1.0, 0.6, 1.0)),
        size=1.5,
    )


def _sky(scene: bpy.types.Scene, zenith: Colour, horizon: Colour, gradient: bool) -> None:
    """One colour, or a picture that goes from the horizon to the zenith; the mean of the two is alike."""
    if not gradient:
        sky(scene, vector(0.5 * (a + b) for a, b in zip(zenith, horizon, strict=True)))
        return
    rows = 64
    image = bpy.data.images.new("Sky", 4, rows, float_buffer=True)
    up = np.sin(np.linspace(-math.pi / 2, math.pi / 2, rows))
    share = np.clip(up, 0.0, 1.0)[:, None] ** 0.5
    colors = np.array(horizon) * (1 - share) + np.array(zenith) * share
    colors[up < 0] *= 0.7
    pixels = np.ones((rows, 4, 4), np.float32)
    pixels[..., :3] = colors[:, None]
    image.pixels.foreach_set(pixels.ravel())
    image.update()
    image.pack()
    sky(scene, horizon)
    tree = compat.shader_tree(scene.world)
    node = tree.nodes.new("ShaderNodeTexEnvironment")
    node.image = image
    tree.links.new(node.outputs["Color"], tree.nodes["Background"].inputs["Color"])


def _neutral(scene: bpy.types.Scene, lamps: list[bpy.types.Object]) -> list[Veil]:
    """The same lamps where they are, all white, as a layout artist leaves them: the hour is in the words alone."""
    veils: list[Veil] = []
    for one in lamps:
        data: Any = one.data
        true, color = data.energy, tuple(data.color)
        plain = plain_energy(data.type, true)
        veils.append(Veil(_setter(data, energy=plain, color=WHITE), _setter(data, energy=true, color=color)))
    world = scene.world
    grey = bpy.data.worlds.new("Grey")
    background = compat.shader_tree(grey).nodes["Background"]
    background.inputs["Color"].default_value = (*GREY, 1.0)
    grey.color = GREY
    veils.append(Veil(_setter(scene, world=grey), _setter(scene, world=world)))
    return veils


def _setter(owner: Any, **values: Any) -> Any:
    def do() -> None:
        for name, value in values.items():
            setattr(owner, name, value)

    return do


def _varied(color: Colour, draw: Draw) -> Colour:
    return vector(float(part * draw.uniform(0.94, 1.04)) for part in color)


def _scaled(color: Colour, factor: float) -> Colour:
    return vector(part * factor for part in color)


def _normalised(color: Colour) -> tuple[Colour, float]:
    peak = max(color)
    return vector(part / peak for part in color), peak
