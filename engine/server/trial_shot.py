"""A shot of a third of a second that needs no Blender: a ball on a floor, and a camera that goes past. For trying models."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import (
    SHOT_FORMAT,
    SHOT_VERSION,
    Body,
    BodyRow,
    Box,
    CameraRow,
    Contact,
    Light,
    LightRow,
    Material,
    Shot,
    Size,
    Source,
    Time,
    View,
    Words,
    World,
    matrix,
)

from ..media.passes import Passes, Planes

WIDTH, HEIGHT, FRAMES, RATE = 192, 108, 9, (24, 1)
RADIUS = 0.5
FLOOR, BALL = 1, 2
STILL = matrix(np.eye(4).reshape(-1).tolist())
LENS = 0.9 * WIDTH


def trial_shot(settings: dict[str, Any], backend: str) -> Shot:
    """The shot, with these settings for that backend."""
    rows = [_camera(frame) for frame in range(FRAMES)]
    box = Box((-RADIUS, -RADIUS, -RADIUS), (RADIUS, RADIUS, RADIUS))
    bodies = [
        Body(_uuid("floor"), FLOOR, "Floor", "still", "stone", [FLOOR], Box((-9, -9, -1), (9, 9, 0)), [BodyRow(STILL)]),
        Body(_uuid("ball"), BALL, "Ball", "still", "steel", [BALL], box, [BodyRow(STILL)], 5.0),
    ]
    return Shot(
        format=SHOT_FORMAT,
        version=SHOT_VERSION,
        id=_uuid("trial"),
        name="trial",
        source=Source("engine doctor", "trial", "none"),
        time=Time(RATE, 1, FRAMES),
        size=Size(WIDTH, HEIGHT),
        view=View(),
        camera=rows,
        lights=[
            Light(_uuid("sun"), "Sun", "sun", "angle", 0, 0, 0, 0, True, [LightRow(STILL, (1, 1, 1), 3.0)] * FRAMES)
        ],
        world=World([(0.3, 0.4, 0.5)] * FRAMES),
        materials=[Material(FLOOR, "Stone", (0.5, 0.5, 0.5)), Material(BALL, "Steel", (0.7, 0.6, 0.5))],
        bodies=bodies,
        contacts=[Contact("impact", 0.15, (BALL, FLOOR), (0, 0, 0), (0, 0, 1), 3.0, 10.0)],
        words=Words("a steel ball on a stone floor", seed=1, backend=backend, settings=settings),
    )


class TrialPasses(Passes):
    """Its passes, worked out as they are asked for; nothing lies on disk."""

    def frame(self, number: int, only: Iterable[str] | None = None) -> Planes:
        """As ``Passes.frame``."""
        offset = number - self.shot.time.first
        world = _matrix(offset)
        j, i = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
        rays = np.stack([(i - WIDTH / 2) / LENS, (j - HEIGHT / 2) / LENS, np.ones_like(i)], -1) @ world[:3, :3].T
        depth, body, normal = _seen(world[:3, 3], rays)
        points = world[:3, 3] + rays * np.where(np.isfinite(depth), depth, 0.0)[..., None]
        here = np.stack([i, j], -1)
        shade = (
            np.clip(normal[..., 2], 0, 1) * np.where(body == BALL, 0.7, 0.4) * (0.7 + 0.3 * np.sin(5 * points[..., 0]))
        )
        grey = np.repeat(np.where(body > 0, shade, 0.5)[..., None], 3, -1).astype(np.float32)
        known = {
            "depth": depth.astype(np.float32),
            "normal": (normal @ world[:3, :3]).astype(np.float32),
            "to_next": (_projected(points, offset + 1) - here).astype(np.float32),
            "from_previous": (here - _projected(points, offset - 1)).astype(np.float32),
            "body": body,
            "material": body,
            "base_color": grey,
            "occlusion": np.ones((HEIGHT, WIDTH), np.float32),
            "world_light": np.full((HEIGHT, WIDTH, 3), 0.3, np.float32),
            "reflection": np.zeros((HEIGHT, WIDTH, 4), np.float32),
            "preview": grey,
            "light_000": grey,
        }
        return {name: known[name] for name in (known if only is None else only)}


def _seen(eye: NDArray[Any], rays: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.uint32], NDArray[Any]]:
    """Depth, body and world normal that each ray of ``rays`` (H, W, 3), one metre deep, meets first."""
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = np.where(rays[..., 2] < 0, -eye[2] / rays[..., 2], np.inf)
        centre = eye - (0, 0, RADIUS)
        a, b, c = (rays**2).sum(-1), rays @ centre, centre @ centre - RADIUS**2
        ball = np.where(b * b > a * c, (-b - np.sqrt(np.maximum(b * b - a * c, 0))) / a, np.inf)
    hit = ball < floor
    depth = np.where(hit, ball, floor)
    body = np.where(hit, BALL, np.where(np.isfinite(floor), FLOOR, 0)).astype(np.uint32)
    round_ = (centre + rays * np.where(hit, ball, 0.0)[..., None]) / RADIUS
    normal = np.where(hit[..., None], round_, (0.0, 0.0, 1.0)) * (body > 0)[..., None]
    return depth, body, normal


def _matrix(offset: int) -> NDArray[np.float64]:
    """Camera to world; it looks along y, a little down, and goes to the right."""
    world = np.eye(4)
    tilt = np.radians(12.0)
    world[:3, 0] = 1, 0, 0
    world[:3, 1] = 0, -np.sin(tilt), -np.cos(tilt)
    world[:3, 2] = 0, np.cos(tilt), -np.sin(tilt)
    world[:3, 3] = 0.05 * offset - 0.2, -4.0, 1.4
    return world


def _camera(offset: int) -> CameraRow:
    world = matrix(_matrix(offset).reshape(-1).tolist())
    return CameraRow("Camera", "perspective", world, LENS, LENS, WIDTH / 2, HEIGHT / 2, 0.1, 100.0)


def _projected(points: NDArray[Any], offset: int) -> NDArray[Any]:
    world = _matrix(offset)
    local = (points - world[:3, 3]) @ world[:3, :3]
    return LENS * local[..., :2] / np.maximum(local[..., 2:], 1e-6) + (WIDTH / 2, HEIGHT / 2)


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"trial {name}"))
