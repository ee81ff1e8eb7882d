"""Depth maps of the scene as lamps see it, side by side in one texture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import gpu
import numpy as np
from gpu.types import GPUFrameBuffer, GPUTexture

from .gpu_scene import GpuScene
from .sample import Doubles
from .scene_shader import scene_shader
from .shadow_views import View

LARGEST_ATLAS = 8192
"""Texels a side."""


class ShadowMaps:
    """Draws depth maps, ``texels`` a side each. Needs ``start_gpu`` first."""

    def __init__(self, texels: int) -> None:
        self.texels = texels
        self._across = 0
        self._texture: GPUTexture | None = None
        self._framebuffer: GPUFrameBuffer | None = None
        # ``deforms`` and ``material`` are named so that no compiler drops them: GpuScene.draw sets them in every shader.
        place = "gl_Position = light_clip * vec4(deforms.x > 2 ? vec3(0.0) : camera_point(), 1.0);"
        constants = [("MAT4", "light_clip")]
        self._solid = scene_shader("sora_shadow", vertex=place, fragment="", constants=constants)
        self._cut = scene_shader(
            "sora_shadow_cut",
            vertex=place,
            fragment="if (material < 0 || surface_is_cut()) {\n  discard;\n}",
            constants=constants,
            textured=True,
        )

    @property
    def texture(self) -> GPUTexture:
        """DEPTH_COMPONENT32F; valid until the next ``draw``."""
        if self._texture is None:
            self._make(1)
        assert self._texture is not None
        return self._texture

    def draw(self, scene: GpuScene, views: Sequence[View | None], world: Doubles) -> Doubles:
        """Draw the views and return their (len(views), 4) tiles: x, y and size in texels; all 0 where there is no view.

        ``world`` is the (4, 4) camera to world of the frame that ``scene`` holds.
        """
        wanted = [index for index, view in enumerate(views) if view is not None]
        tiles = np.zeros((len(views), 4))
        if not wanted:
            return tiles
        self._make(math.ceil(math.sqrt(len(wanted))))
        assert self._framebuffer is not None
        with self._framebuffer.bind():
            gpu.state.depth_mask_set(True)
            self._framebuffer.clear(depth=1.0)
            for place, index in enumerate(wanted):
                view = views[index]
                assert view is not None
                row, column = divmod(place, self._across)
                tiles[index] = (column * self.texels, row * self.texels, self.texels, self.texels)
                gpu.state.viewport_set(column * self.texels, row * self.texels, self.texels, self.texels)
                scene.draw(self._solid, {"light_clip": view.clip @ world}, cutout=self._cut, only="shadows")
        return tiles

    def _make(self, across: int) -> None:
        if across <= self._across:
            return
        if across * self.texels > LARGEST_ATLAS:
            raise ValueError(
                f"{across * across} shadow maps of {self.texels} texels do not fit in one texture; take fewer shadow samples"
            )
        self._across = across
        size = (across * self.texels, across * self.texels)
        self._texture = GPUTexture(size, format="DEPTH_COMPONENT32F")
        self._framebuffer = GPUFrameBuffer(depth_slot=self._texture)
