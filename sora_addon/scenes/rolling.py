"""Small scenes in which things keep touching: sliding and rolling down a slope."""

from __future__ import annotations

import math

import bpy

from .expected import Expected, Happenings
from .meetings import GRAVITY, RADIUS, studio
from .physics import rigid, simulate
from .shapes import ball, box
from .surfaces import surface

SLOPE = math.radians(22.0)
LENGTH, THICK = 2.4, 0.06


def slide(scene: bpy.types.Scene) -> Happenings:
    """A cardboard box slides from rest down a wooden slope; friction is 0.2."""
    studio(scene, 48)
    _slope(scene, friction=0.5)
    cardboard = surface("Cardboard", (0.55, 0.4, 0.25))
    side = 0.24
    thing = box(scene, "Carton", (side, side, side), cardboard, at=_on_slope(1.9, side / 2), turn=(0.0, SLOPE, 0.0))
    rigid(scene, thing, "BOX", mass=2.0, friction=0.4, restitution=0.0)
    simulate(scene)
    fall = GRAVITY * (math.sin(SLOPE) - 0.2 * math.cos(SLOPE))
    return (Expected("slide", 0.0, ("Carton", "Slope"), fall * 0.5),)


def roll(scene: bpy.types.Scene) -> Happenings:
    """A wooden ball rolls from rest down a wooden slope and out over the floor."""
    studio(scene, 48)
    _slope(scene, friction=0.9)
    wood, pale = surface("Wood", (0.5, 0.32, 0.16)), surface("Wood pale", (0.75, 0.6, 0.4))
    thing = ball(scene, "Ball", RADIUS, wood, at=_on_slope(1.9, RADIUS), stripe=pale)
    rigid(scene, thing, "SPHERE", mass=2.5, friction=0.9, restitution=0.0)
    simulate(scene)
    return (Expected("roll", 0.0, ("Ball", "Slope"), GRAVITY * math.sin(SLOPE) * 5.0 / 7.0 * 0.5),)


def _slope(scene: bpy.types.Scene, friction: float) -> None:
    wood = surface("Wood plank", (0.6, 0.42, 0.24))
    board = box(
        scene, "Slope", (LENGTH, 0.5, THICK), wood, at=_on_slope(LENGTH / 2, -THICK / 2), turn=(0.0, SLOPE, 0.0)
    )
    rigid(scene, board, "BOX", friction=friction, restitution=0.0)


def _on_slope(up: float, above: float) -> tuple[float, float, float]:
    """``up`` metres from the foot of the slope's upper side, which is on the floor at x = 1, and ``above`` it."""
    sine, cosine = math.sin(SLOPE), math.cos(SLOPE)
    return 1.0 - up * cosine + above * sine, 0.0, up * sine + above * cosine
