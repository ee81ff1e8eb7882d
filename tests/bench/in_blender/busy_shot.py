"""What an export costs: 512x288, 100,000 triangles, 30 moving bodies, one shadowed lamp."""

from __future__ import annotations

import math
import tempfile
import time
from pathlib import Path
from typing import Any

import bpy

from sora_addon.export.exporter import Exporter
from sora_addon.export.options import options_of
from sora_addon.scenes.shapes import ball, sheet
from sora_addon.scenes.stage import HEIGHT, WIDTH, camera, clear, glide, lamp, orbit, sky
from sora_addon.scenes.surfaces import surface

from .scenes import empty_scene

FRAMES = 25
BODIES = 30
SEGMENTS = 56


def main() -> dict[str, Any]:
    """``steady``: seconds a frame after the first, files written; ``cores``: seconds that all cores spent on it, which
    other programs do not lengthen; ``whole``: seconds of all of the export, over its frames."""
    scene, view_layer = empty_scene(), bpy.context.view_layer
    _build(scene)
    times: dict[str, float] = {}
    spent: dict[str, float] = {}
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        job = Exporter(scene, view_layer, Path(folder, "shot"), options_of(scene, view_layer))
        for message in job.run():
            # contacts begin when the last file is on disk
            times.setdefault(message.stage or message.kind, time.perf_counter())
            spent.setdefault(message.stage or message.kind, time.process_time())
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.exr"))
    end = time.perf_counter()
    return {
        "steady": (times["contacts"] - times["frames"]) / (FRAMES - 1),
        "cores": (spent["contacts"] - spent["frames"]) / (FRAMES - 1),
        "whole": (end - start) / FRAMES,
        "triangles": sum(_triangles(thing) for thing in scene.objects if thing.type == "MESH"),
        "size": [WIDTH, HEIGHT],
        "megabytes": size / FRAMES / 1e6,
        "version": bpy.app.version_string,
    }


def _build(scene: bpy.types.Scene) -> None:
    clear(scene, FRAMES)
    sky(scene, (0.4, 0.5, 0.6), 0.5)
    lamp(scene, "Sun", "SUN", 4.0, at=(-2.0, -3.0, 5.0), size=math.radians(2.0))
    camera(scene, [(1, (0.0, -7.0, 2.5), (0.0, 0.0, 0.6)), (FRAMES, (1.0, -6.5, 2.2), (0.0, 0.0, 0.6))])
    sheet(scene, "Ground", (14.0, 14.0), surface("Stone", (0.4, 0.4, 0.38)), cells=70)
    stuff = [surface(f"Stuff {i}", (0.2 + 0.1 * i, 0.5, 0.7 - 0.1 * i), roughness=0.2 * i) for i in range(5)]
    for i in range(BODIES):
        thing = ball(scene, f"Body {i}", 0.2, stuff[i % len(stuff)], segments=SEGMENTS)
        for frame in (1, FRAMES):
            angle = 360.0 * (i // 3) / (BODIES / 3) + 40.0 * (frame - 1) / FRAMES
            thing.location = orbit((0.0, 0.0, 0.0), 1.0 + 0.7 * (i % 3), angle, 0.4 + 0.5 * (i % 3))
            thing.keyframe_insert("location", frame=frame)
        glide(thing, "LINEAR")


def _triangles(thing: bpy.types.Object) -> int:
    return sum(len(polygon.vertices) - 2 for polygon in thing.data.polygons)
