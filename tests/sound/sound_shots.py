"""Shots for the tests of sound: a camera at the origin that looks along +y, things before it."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np

from sora_addon.contract import (
    IDENTITY,
    Body,
    BodyRow,
    Box,
    CameraRow,
    Contact,
    Cue,
    Room,
    Shot,
    Size,
    Sound,
    Source,
    Time,
    View,
    Words,
    World,
)

LOOK_ALONG_Y = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def camera_row(x: float = 0.0, name: str = "Camera") -> CameraRow:
    world = (*LOOK_ALONG_Y[:3], x, *LOOK_ALONG_Y[4:])
    return CameraRow(name, "perspective", world, 500.0, 500.0, 256.0, 144.0, 0.1, 100.0)


def body(index: int, sound: Sound, size: float = 0.1, **more: Any) -> Body:
    half = 0.5 * size
    fields: dict[str, Any] = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"body {index}")),
        "index": index,
        "name": f"{sound} {index}",
        "motion": "rigid",
        "sound": sound,
        "materials": [],
        "bounds": Box((-half, -half, -half), (half, half, half)),
        "rows": [BodyRow((*IDENTITY[:7], 3.0, *IDENTITY[8:]))],
    }
    return Body(**(fields | more))


def floor(index: int, sound: Sound, size: float = 20.0) -> Body:
    half = 0.5 * size
    return body(index, sound, motion="still", bounds=Box((-half, -half, -0.1), (half, half, 0.0)))


def hit(
    time: float, first: int = 1, second: int = 2, speed: float = 4.43, point: Any = (0.0, 3.0, 0.0), **more: Any
) -> Contact:
    return Contact(more.pop("kind", "impact"), time, (first, second), point, (0.0, 0.0, 1.0), speed, **more)


def lasting(kind: Any, start: float, end: float, speeds: list[float], points: list[Any] | None = None) -> Contact:
    points = points or [(0.0, 3.0, 0.0)] * len(speeds)
    mean = float(np.mean(speeds))
    return Contact(kind, start, (1, 2), points[0], (0.0, 0.0, 1.0), mean, None, end, speeds, points)


def shot(
    bodies: list[Body],
    contacts: list[Contact],
    frames: int = 24,
    fps: tuple[int, int] = (24, 1),
    room: Room | None = None,
    cues: list[Cue] | None = None,
    camera: list[CameraRow] | None = None,
    words: Words | None = None,
) -> Shot:
    made = Shot(
        "sora-shot",
        1,
        str(uuid.uuid5(uuid.NAMESPACE_OID, "shot")),
        "test",
        Source("test", "scene", "none"),
        Time(fps, 1, frames),
        Size(512, 288),
        View(),
        camera or [camera_row()] * frames,
        [],
        World([(0.0, 0.0, 0.0)] * frames),
        [],
        bodies,
        contacts,
        words or Words("silence", seed=7),
        cues or [],
        room,
    )
    made.check()
    return made


def silent() -> Words:
    """Words that ask for no bed, so that what is heard is the contacts' alone."""
    return Words("silence", seed=7)


def room(size: tuple[float, float, float], sound: Sound = "stone", enclosed: bool = True) -> Room:
    """A room round the origin, its floor a metre and a half below the camera."""
    x, y, z = size
    return Room(Box((-x / 2, -y / 2, -1.5), (x / 2, y / 2, z - 1.5)), enclosed, sound)
