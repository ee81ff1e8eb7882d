"""The passes by Cycles, on a scene of our own: where no GPU context can be made, and to check the shaders against."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..contract import Light, Material, Size
from .cycles_points import geometric_passes
from .cycles_stage import CyclesStage
from .draft import draft
from .exr import Array
from .gbuffer import Arrays
from .sample import Doubles, Sample

LIGHT_SAMPLES, MOST_SAMPLES = 16, 128
"""For each lamp, and for the world: every sample is lit by one of them, chosen at random."""


class CyclesPainter:
    """Cycles says which triangle each pixel shows (one sample) and how it is lit; numpy does the rest.

    Between two calls of ``paint`` nothing of it is left in the file.
    """

    kind: Literal["gpu", "cycles"] = "cycles"

    def __init__(self, scene: Any, size: Size, note: str) -> None:
        """``note``: why the GPU does not paint."""
        self._size = size
        self._seconds = scene.render.fps_base / scene.render.fps
        self.note = f"The passes were made by Cycles, without reflections: {note}"

    def paint(
        self, before: Sample, here: Sample, following: Sample, lights: Sequence[Light], materials: Sequence[Material]
    ) -> Arrays:
        with tempfile.TemporaryDirectory(prefix="sora_") as folder, CyclesStage(here, lights, self._size) as stage:
            instances, triangles = stage.triangles(Path(folder, "triangles.exr"))
            samples = min(LIGHT_SAMPLES * (1 + len(lights)), MOST_SAMPLES)
            lit, open_share = stage.light(Path(folder, "light.exr"), samples)
        passes = geometric_passes(instances, triangles, before, here, following, self._size, self._seconds)
        return passes | _lit_passes(passes, here, materials, lit, open_share)


def _lit_passes(
    passes: Arrays, here: Sample, materials: Sequence[Material], lit: list[Array], open_share: Array
) -> Arrays:
    """Lamps, occlusion, world light, reflection (the world's colour, and A 0: not known) and the preview."""
    something = passes["body.ID"] > 0
    world = np.array(here.world_color)
    lit = [light * something[..., None] for light in lit]
    open_share = np.where(something, np.clip(open_share, 0.0, 1.0), 1.0)
    around = world * (open_share * something)[..., None]
    base = np.stack([passes[f"base_color.{letter}"] for letter in "RGB"], -1)
    light: Doubles = sum(lit, around)
    preview = draft(base, passes["normal.Z"], passes["material.ID"], materials, light, around, world)
    preview[~something] = world
    arrays: Arrays = {"occlusion.V": open_share, "reflection.A": np.zeros_like(open_share)}
    for channel, letter in enumerate("RGB"):
        arrays[f"world_light.{letter}"] = around[..., channel]
        arrays[f"reflection.{letter}"] = np.full_like(open_share, world[channel])
        arrays[f"preview.{letter}"] = preview[..., channel]
        for number, light in enumerate(lit):
            arrays[f"light_{number:03d}.{letter}"] = light[..., channel]
    return arrays
