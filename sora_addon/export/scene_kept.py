"""What an export changes of a scene, put back at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def frame_kept(scene: Any) -> Iterator[None]:
    """The scene stands afterwards where it stood."""
    frame, subframe = scene.frame_current, scene.frame_subframe
    try:
        yield
    finally:
        scene.frame_set(frame, subframe=subframe)


@contextmanager
def looked_through(scene: Any, name: str | None) -> Iterator[None]:
    """Every frame is seen through the object ``name``, whatever the markers say; None: as the scene has it."""
    if name is None:
        yield
        return
    camera = scene.camera
    bound = [(marker, marker.camera) for marker in scene.timeline_markers if marker.camera]
    try:
        for marker, _ in bound:
            marker.camera = None
        scene.camera = scene.objects[name]
        yield
    finally:
        for marker, own in bound:
            marker.camera = own
        scene.camera = camera
