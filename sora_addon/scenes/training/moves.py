"""Camera moves of the film vocabulary, over the frames of a clip and a little beyond both ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ..stage import FPS, aim, orbit
from .events import Played
from .places import Place
from .recipe import Recipe, rng

MARGIN = 2
"""Frames before and after the clip that are keyed too: motion needs neighbours."""

OVER_A_WALL = 1.0
"""Metres from which one looks into a basin."""


@dataclass(frozen=True)
class Frame:
    """One keyed pose. Metres, millimetres of lens."""

    at: tuple[float, float, float]
    look: tuple[float, float, float]
    lens: float
    focus: float


def set_camera(scene: bpy.types.Scene, made: Recipe, place: Place, played: Played, first: int) -> dict[str, Any]:
    """Make the scene's camera and key its move; returns what was chosen."""
    draw = rng(made.seed, "camera")
    last = first + made.frames - 1
    here = played.middles[first - 1 : last]
    weight = np.clip(1.0 / (0.3 + np.abs(here[..., 0]).mean(0)), 0.3, 3.0)
    centre = np.average(here.mean(0), axis=0, weights=weight)
    centre[2] = np.clip(centre[2], 0.18, 1.2)
    centre[:2] = np.clip(centre[:2], -0.9, 0.9)
    spread = float(np.percentile(np.linalg.norm(here - centre, axis=2) + np.minimum(played.halves, 0.9), 80))
    lens = float(draw.choice([24.0, 28.0, 35.0, 50.0, 70.0]))
    if place.enclosed:
        lens = min(lens, 35.0)
    distance = float(np.clip(draw.uniform(0.9, 1.5) * max(spread, 0.45) * 2.1 * lens / 30.0, 1.3, 12.0))
    turn = draw.uniform(-38.0, 38.0)
    height = float(draw.uniform(0.3, 1.5) if draw.random() < 0.8 else draw.uniform(1.5, 2.6))
    distance = float(min(distance, place.farthest / max(math.cos(math.radians(turn)), 0.3) - 0.2))
    if made.event == "surface":
        height = max(height, OVER_A_WALL)
    height = min(height, place.highest)
    seconds = (made.frames - 1) / FPS
    amount = float(draw.uniform(0.6, 1.3) * draw.choice([-1.0, 1.0]))
    frames = [
        _pose(
            made.move,
            (frame - first) / max(made.frames - 1, 1),
            seconds,
            amount,
            centre,
            distance,
            turn,
            height,
            lens,
            played,
            draw_seed=made.seed,
            held=made.held,
        )
        for frame in range(first - MARGIN, last + MARGIN + 1)
    ]
    camera = _camera(scene)
    roll = float(draw.uniform(-0.05, 0.05)) if draw.random() < 0.2 else 0.0
    camera.data.dof.use_dof = made.move == "rack focus"
    camera.data.dof.aperture_fstop = float(draw.uniform(0.25, 0.7))  # metres of stage seen as by a long lens near by
    for frame, pose in zip(range(first - MARGIN, last + MARGIN + 1), frames, strict=True):
        at = (pose.at[0], max(pose.at[1], -place.farthest), float(np.clip(pose.at[2], 0.12, place.highest)))
        camera.location = at
        x, y, z = aim(at, pose.look)
        camera.rotation_euler = (x, y + roll, z)
        camera.data.lens = pose.lens
        camera.data.dof.focus_distance = max(pose.focus, 0.1)
        camera.keyframe_insert("location", frame=frame)
        camera.keyframe_insert("rotation_euler", frame=frame)
        camera.data.keyframe_insert("lens", frame=frame)
        camera.data.dof.keyframe_insert("focus_distance", frame=frame)
    return {"lens": lens, "distance": distance, "turn": float(turn), "height": height, "amount": amount, "roll": roll}


def _pose(
    move: str, part: float, seconds: float, amount: float, centre: np.ndarray, distance: float, turn: float, height: float,
    lens: float, played: Played, *, draw_seed: int, held: bool,
) -> Frame:  # fmt: skip
    """The camera at ``part`` (0 to 1) of the clip. Held-out clips move otherwise: outwards, and about another axis."""
    along = (part - 0.5) * seconds * amount
    look = np.array(centre, float)
    if move == "dolly":
        distance *= math.exp(-0.45 * along)
    elif move == "arc":
        turn += 32.0 * along
    elif move == "crane":
        height = height + 0.9 * along
        distance *= math.exp(-0.12 * along)
    at = np.array(orbit(tuple(centre), distance, turn, height))
    side = np.array([math.cos(math.radians(turn)), math.sin(math.radians(turn)), 0.0])
    if move == "truck":
        shift = 0.8 * along * side
        at, look = at + shift, look + shift * (0.4 if held else 1.0)
    elif move == "pedestal":
        shift = np.array([0.0, 0.0, 0.55 * along])
        at, look = at + shift, look + shift
    elif move == "handheld":
        at, look = at + _shake(draw_seed, 1, part * seconds, 0.03), look + _shake(draw_seed, 2, part * seconds, 0.05)
    elif move == "zoom":
        lens *= math.exp(0.7 * along)
        if held:  # the dolly zoom: the subject keeps its size
            at = look + (at - look) * math.exp(0.7 * along)
    ray = look - at
    ray /= np.linalg.norm(ray)
    focus = float(np.linalg.norm(look - at))
    if move == "rack focus":
        depths = np.sort((played.middles[-1] - at) @ ray)
        near, far = max(float(depths[0]) * 0.7, 0.3), float(depths[-1]) + 0.8
        share = np.clip(part, 0.0, 1.0)
        focus = near + (far - near) * float(share if amount > 0 else 1.0 - share)
    return Frame(tuple(at.tolist()), tuple(look.tolist()), float(np.clip(lens, 16.0, 135.0)), focus)


def _shake(seed: int, which: int, time: float, size: float) -> np.ndarray:
    """A hand that is never still: a few slow sines an axis, below some 4 Hz."""
    draw = rng(seed, f"shake {which}")
    rates, phases = draw.uniform(0.4, 4.0, (3, 5)), draw.uniform(0.0, math.tau, (3, 5))
    return size * (np.sin(math.tau * rates * time + phases) / (0.5 + rates)).sum(axis=1)


def _camera(scene: bpy.types.Scene) -> bpy.types.Object:
    data = bpy.data.cameras.new("Camera")
    data.clip_start, data.clip_end = 0.05, 120.0
    camera = bpy.data.objects.new("Camera", data)
    scene.collection.objects.link(camera)
    scene.camera = camera
    return camera
