"""The demo's shot, exported by us and rendered by Cycles: seconds a frame.

No file of this folder, which a script's Python looks in first, may be called as Blender's add-on ``cycles`` is.
"""

from __future__ import annotations

import time
from pathlib import Path

import bpy

from sora_addon.export.exporter import Exporter
from sora_addon.export.options import options_of

from .scenes import build

FIRST = 41
OURS, THEIRS = 8, 2
"""Frames."""
SAMPLES = (16, 64)


def main(folder: str) -> dict[str, float]:
    """Seconds a frame: ``export`` (to FOLDER/shot), and Cycles by its samples."""
    build("demo")
    scene, view_layer = bpy.context.scene, bpy.context.view_layer
    options = options_of(scene, view_layer, first=FIRST, last=FIRST + OURS - 1)
    start = time.perf_counter()
    for _ in Exporter(scene, view_layer, Path(folder, "shot"), options).run():
        pass
    took = {"export": (time.perf_counter() - start) / OURS}
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.use_denoising = "CPU", True
    scene.cycles.use_adaptive_sampling = False
    scene.render.use_persistent_data = True
    for samples in SAMPLES:
        scene.cycles.samples = samples
        start = time.perf_counter()
        for frame in range(FIRST, FIRST + THEIRS):
            scene.frame_set(frame)
            scene.render.filepath = str(Path(folder, f"cycles_{samples}_{frame}.png"))
            bpy.ops.render.render(write_still=True)
        took[str(samples)] = (time.perf_counter() - start) / THEIRS
    return took
