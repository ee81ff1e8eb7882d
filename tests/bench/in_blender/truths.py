"""What must be among the contacts of a scene, and when: from closed form, from keys, or from Bullet's own steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import bpy

from sora_addon.scenes.demo import SHUT_FRAME
from sora_addon.scenes.expected import Happenings
from sora_addon.scenes.meetings import RADIUS
from sora_addon.scenes.stage import FPS

from .landings import FLIGHT, Landing, corners_below, landings
from .steps import poses_by_step, step_seconds

SIMULATED, KEYED = 0.005, 0.001
"""Seconds: the bounds of issue A."""
FRAME = 1 / FPS
GRAVITY = 9.81
SPEED, SPEED_TIPPING = 0.05, 0.08
"""Shares that a speed may be off by: half a decibel; and of a thing that tips over an edge which still slides, whose corner
comes down in three frames of a motion that is no free fall."""


@dataclass(frozen=True)
class Truth:
    """A contact that happens between ``time`` and ``last``, to ``bound`` seconds."""

    kind: str
    bodies: frozenset[str]
    time: float
    last: float
    bound: float
    speed: float | None = None
    """Metres a second of closing; of what lasts, half a second after its start."""
    speed_bound: float = SPEED
    asked: bool = True
    """False: it is too small for whole frames to show its flight; it may be found."""
    until: float | None = None
    until_bound: float = SIMULATED


@dataclass(frozen=True)
class Truths:
    contacts: list[Truth]
    whole: bool = True
    """Whether these are all; a contact that is not among them is then false."""


def truths_of(name: str, happenings: Happenings) -> Truths:
    """Of the scene ``name`` as it stands open, just built. The scene is not as it was."""
    bound = KEYED if name in ("keyed", "hinge", "walk") else SIMULATED
    known = [Truth(one.kind, frozenset(one.bodies), one.time, one.time, bound, one.speed) for one in happenings]
    add = BY_SCENE.get(name)
    return add(known) if add else Truths(known)


def _ball_on_floor(known: list[Truth]) -> Truths:
    """The first fall is known in closed form; the later ones from the steps."""
    step = step_seconds()
    heights = poses_by_step()["Ball"][:, 2, 3:] - RADIUS
    later = landings(heights, step)[1:]
    return Truths(known + [_impact(landing, "Ball", "Floor") for landing in later])


def _stack(known: list[Truth]) -> Truths:
    step = step_seconds()
    poses = poses_by_step()
    second = landings(corners_below(poses["Cube 2"], 0.15) - 0.3, step)[1:]
    third = landings(corners_below(poses["Cube 3"], 0.15) - 0.6, step)
    return Truths(
        known
        + [_impact(landing, "Cube 2", "Cube 1") for landing in second]
        + [_impact(landing, "Cube 3", "Cube 2") for landing in third]
    )


def _slide(known: list[Truth]) -> Truths:
    """Down the slope until its front edge meets the floor, on over the floor, and its rear edge comes down."""
    step = step_seconds()
    front, *rest = landings(corners_below(poses_by_step()["Carton"], 0.12), step)
    slope = replace(known[0], until=front.first)
    floor = Truth("slide", frozenset(("Carton", "Floor")), front.first, front.first, SIMULATED)
    rear = [replace(_impact(landing, "Carton", "Floor"), speed_bound=SPEED_TIPPING) for landing in rest]
    return Truths([slope, floor, _impact(front, "Carton", "Floor"), *rear])


def _roll(known: list[Truth]) -> Truths:
    """Down the slope until the floor carries it, and over the floor to its edge at x = 3."""
    step = step_seconds()
    poses = poses_by_step()["Ball"]
    landing = landings(poses[:, 2, 3:] - RADIUS, step)[0]
    edge = float((poses[:, 0, 3] < 3.0).sum()) * step
    slope = replace(known[0], until=landing.first)
    floor = Truth(
        "roll", frozenset(("Ball", "Floor")), landing.first, landing.first, SIMULATED, until=edge, until_bound=FRAME
    )
    return Truths([slope, floor, _impact(landing, "Ball", "Floor")])


def _rain(known: list[Truth]) -> Truths:
    """Free fall from birth, but in the particles' own time: ``timestep`` seconds a frame, whatever the frame rate.

    No particle moves after the scene's last frame, so that one which is due within the bound of it may hit or may not.
    """
    scene = bpy.context.scene
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
    cloud = scene.objects["Water rain"].evaluated_get(bpy.context.evaluated_depsgraph_get())
    system = cloud.particle_systems[0]
    pace = system.settings.timestep * FPS
    end = (scene.frame_end - scene.frame_start) * FRAME
    found = []
    for drop in system.particles:
        x, y, radius = drop.location.x, drop.location.y, drop.size
        inside = 0.35 - max(abs(x - 0.5), abs(y))
        for surface, height in (("Steel sheet", 1.75), ("Floor", 2.0)):
            fall = math.sqrt(2 * (height - radius) / GRAVITY) / pace
            time = (drop.birth_time - scene.frame_start) * FRAME + fall
            on_it = inside > 0 if surface == "Steel sheet" else inside <= 0
            # one that grazes the edge of the sheet may be told as either, or as none
            if time < end and (on_it or abs(inside) < radius):
                truth = Truth("impact", frozenset(("rain", surface)), time, time, SIMULATED, GRAVITY * fall * pace**2)
                found.append(replace(truth, asked=abs(inside) >= radius and time < end - SIMULATED))
    return Truths(known + found)


def _demo(known: list[Truth]) -> Truths:
    """Much happens in it; only the shutter is keyed."""
    shut = (SHUT_FRAME - 1) * FRAME
    return Truths([*known, Truth("close", frozenset(("Wood shutter",)), shut, shut, KEYED)], whole=False)


def _impact(landing: Landing, upper: str, lower: str) -> Truth:
    shown = landing.flight >= FLIGHT * FRAME
    bound = SIMULATED if shown else FRAME / 2
    bodies = frozenset((upper, lower))
    return Truth("impact", bodies, landing.first, landing.last, bound, landing.speed if shown else None, asked=shown)


BY_SCENE: dict[str, Callable[[list[Truth]], Truths]] = {
    "demo": _demo,
    "drop": _ball_on_floor,
    "bounce": _ball_on_floor,
    "stack": _stack,
    "slide": _slide,
    "roll": _roll,
    "rain": _rain,
}
"""Scenes of which more is known than ``Expected`` says."""
