"""The truth pictures of a clip: Cycles, scene-linear, denoised, half EXR."""

from __future__ import annotations

from pathlib import Path

import bpy

from ... import compat
from ..surfaces import surface

CLAY = (0.62, 0.62, 0.62)
"""Albedo of the clay variant."""
CAREFUL = 32
"""Samples from which on the denoiser takes its time."""


def prepare(scene: bpy.types.Scene, size: tuple[int, int], samples: int) -> None:
    """Set Cycles up: few bounces, no caustics, OIDN on albedo and normal, data kept between frames, one thread.

    The same bounces whatever the samples, so that held-out clips differ from those learned from by noise alone.
    """
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.resolution_x, render.resolution_y = size
    render.use_persistent_data = True
    render.use_compositing = render.use_sequencer = False
    render.use_motion_blur = False
    render.film_transparent = False
    render.use_file_extension = False
    render.threads_mode, render.threads = "FIXED", 1
    compat.set_media(render.image_settings, "image", "OPEN_EXR")
    render.image_settings.color_mode, render.image_settings.color_depth = "RGB", "16"
    render.image_settings.exr_codec = "ZIP"
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_adaptive_sampling = False
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "FAST"
    cycles.denoising_quality = "FAST" if samples < CAREFUL else "HIGH"
    cycles.use_light_tree = False  # a handful of lamps
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 6, 2, 3
    cycles.transmission_bounces, cycles.volume_bounces, cycles.transparent_max_bounces = 5, 0, 8
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 6.0
    cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 1.5


def frame(scene: bpy.types.Scene, number: int, path: Path) -> None:
    """Render one frame to ``path``."""
    scene.frame_set(number)
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def clay_frame(scene: bpy.types.Scene, number: int, path: Path) -> None:
    """The same frame with everything made of grey clay; fewer samples do, for nothing shines or refracts."""
    layer = scene.view_layers[0]
    samples = scene.cycles.samples
    clay = bpy.data.materials.get("Clay override") or surface("Clay override", CLAY, roughness=0.85)
    layer.material_override = clay
    scene.cycles.samples = max(3, samples // 4)
    try:
        frame(scene, number, path)
    finally:
        layer.material_override = None
        scene.cycles.samples = samples
