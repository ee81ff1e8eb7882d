"""Occlusion, reflections and the lit draft, from what the camera sees alone.

Screen space: what lies outside the picture, behind the camera or behind something else neither occludes nor is mirrored.
Nothing is random from frame to frame, so nothing flickers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gpu.types import Buffer, GPUTexture, GPUUniformBuf

from ..contract import CameraRow, Colour, Material
from .gbuffer import GBuffer
from .lighting_gpu import Block, FullScreen, Target
from .sample import Floats

FRAME = Block("Frame", "frame", (("vec4", "lens", 1), ("vec4", "size", 1), ("vec4", "world", 1)))
"""fx fy cx cy; width, height, 0, 1 where orthographic; the world's colour."""

SLICES, STEPS = 2, 6
"""Of occlusion: directions a pixel, and steps to either side in each. 16 pixels share 32 directions."""
WIDEST_OCCLUSION = 0.25
"""Of the picture's width: how far occlusion looks, at most."""
MIRROR_STEPS = 64
THICKNESS = 0.02
"""Of the depth: how thick a mirror's ray takes things to be."""

_SURFACE = ("surface_picture",)


def frame_block(camera: CameraRow, width: int, height: int, world: Colour) -> GPUUniformBuf:
    """What every pass knows of its frame."""
    return FRAME.pack(
        {
            "lens": np.array([camera.fx, camera.fy, camera.cx, camera.cy]),
            "size": np.array([width, height, 0.0, float(camera.kind == "orthographic")]),
            "world": np.array([*world, 0.0]),
        }
    )


def material_table(materials: Sequence[Material]) -> GPUTexture:
    """What ``material.glsl`` reads: by contract index, roughness, metallic, transmission, reflectance; and emission."""
    highest = max((material.index for material in materials), default=0)
    table: Floats = np.zeros((highest // 256 + 1, 2, 256, 4), np.float32)
    table[:, 0, :] = (0.5, 0.0, 0.0, 0.04)
    for material in materials:
        row, column = divmod(material.index, 256)
        head_on = ((material.ior - 1.0) / (material.ior + 1.0)) ** 2
        table[row, 0, column] = (material.roughness, material.metallic, material.transmission, head_on)
        table[row, 1, column, :3] = material.emission
    flat = table.reshape(-1)
    return GPUTexture((256, 2 * len(table)), format="RGBA32F", data=Buffer("FLOAT", len(flat), flat))


class Occlusion:
    """The open share of the surroundings within a radius, cosine weighted, by ground-truth ambient occlusion."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._rough, self._half, self._smooth = (Target(width, height) for _ in range(3))
        self._search = FullScreen(
            ["surface.glsl", "occlusion.glsl"],
            pictures=_SURFACE,
            outputs=["out_share"],
            blocks=[FRAME],
            constants=[("VEC2", "scale")],
            defines={"SLICES": SLICES, "STEPS": STEPS},
        )
        self._blur = FullScreen(
            ["surface.glsl", "occlusion_blur.glsl"],
            pictures=[*_SURFACE, "shares"],
            outputs=["out_share"],
            blocks=[FRAME],
            constants=[("VEC2", "way")],
        )

    def draw(self, gbuffer: GBuffer, frame: GPUUniformBuf, radius: float) -> GPUTexture:
        """A picture whose four channels are the share: 1 open, 0 closed; 1 where nothing is. ``radius`` in metres."""
        blocks = {"frame": frame}
        surface = {"surface_picture": gbuffer.surface}
        scale = (radius, max(WIDEST_OCCLUSION * self._width, 2.0))
        self._search.draw(self._rough, pictures=surface, blocks=blocks, constants={"scale": scale})
        for source, target, way in ((self._rough, self._half, (1.0, 0.0)), (self._half, self._smooth, (0.0, 1.0))):
            pictures = {**surface, "shares": source.picture}
            self._blur.draw(target, pictures=pictures, blocks=blocks, constants={"way": way})
        return self._smooth.picture


class Mirror:
    """What a mirror would show in place of each surface, as far as the picture holds it."""

    def __init__(self, width: int, height: int) -> None:
        self._draft, self.target = Target(width, height), Target(width, height)
        self._compose = FullScreen(
            ["surface.glsl", "material.glsl", "draft.glsl"],
            pictures=[*_SURFACE, "ids_picture", "material_table", "base_picture", "lamp_light", "shares"],
            outputs=["out_color"],
            blocks=[FRAME],
        )
        self._march = FullScreen(
            ["surface.glsl", "reflection.glsl"],
            pictures=[*_SURFACE, "draft"],
            outputs=["out_color"],
            blocks=[FRAME],
            constants=[("VEC2", "scale")],
            defines={"STEPS": MIRROR_STEPS},
        )

    def draw(
        self,
        gbuffer: GBuffer,
        frame: GPUUniformBuf,
        table: GPUTexture,
        light: GPUTexture,
        shares: GPUTexture,
        longest: float,
    ) -> GPUTexture:
        """RGB the radiance, A 1 where the picture held it; the world's colour and 0 elsewhere. ``longest`` ray, metres."""
        self._compose.draw(
            self._draft,
            pictures={
                "surface_picture": gbuffer.surface,
                "ids_picture": gbuffer.ids,
                "material_table": table,
                "base_picture": gbuffer.base,
                "lamp_light": light,
                "shares": shares,
            },
            blocks={"frame": frame},
        )
        self._march.draw(
            self.target,
            pictures={"surface_picture": gbuffer.surface, "draft": self._draft.picture},
            blocks={"frame": frame},
            constants={"scale": (longest, THICKNESS)},
        )
        return self.target.picture


class Preview:
    """The lit draft."""

    def __init__(self, width: int, height: int) -> None:
        self.target = Target(width, height)
        self._compose = FullScreen(
            ["surface.glsl", "material.glsl", "preview.glsl"],
            pictures=[
                *_SURFACE,
                "ids_picture",
                "material_table",
                "base_picture",
                "lamp_light",
                "lamp_gloss",
                "shares",
                "reflection",
            ],
            outputs=["out_color"],
            blocks=[FRAME],
        )

    def draw(
        self,
        gbuffer: GBuffer,
        frame: GPUUniformBuf,
        table: GPUTexture,
        light: GPUTexture,
        gloss: GPUTexture,
        shares: GPUTexture,
        reflection: GPUTexture,
    ) -> GPUTexture:
        """Scene-linear RGB; alpha 1 everywhere."""
        self._compose.draw(
            self.target,
            pictures={
                "surface_picture": gbuffer.surface,
                "ids_picture": gbuffer.ids,
                "material_table": table,
                "base_picture": gbuffer.base,
                "lamp_light": light,
                "lamp_gloss": gloss,
                "shares": shares,
                "reflection": reflection,
            },
            blocks={"frame": frame},
        )
        return self.target.picture
