"""Full-screen passes: one triangle over a framebuffer, shaders from ``shaders/``, constants in std140 blocks.

Blocks rather than push constants, because those may be no larger than 128 bytes. All pictures have row 0 on top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import gpu
import numpy as np
from gpu.types import (
    GPUBatch,
    GPUFrameBuffer,
    GPUShader,
    GPUShaderCreateInfo,
    GPUTexture,
    GPUUniformBuf,
    GPUVertBuf,
    GPUVertFormat,
)
from numpy.typing import ArrayLike

SHADERS = Path(__file__).parent / "shaders"


@dataclass(frozen=True)
class Block:
    """A std140 block of vec4 and mat4 arrays, which have no gaps: ``instance.field`` in GLSL, ``.field[i]`` if longer than 1."""

    type: str
    instance: str
    fields: tuple[tuple[Literal["vec4", "mat4"], str, int], ...]

    @property
    def struct(self) -> str:
        lines = [f"{kind} {name}{f'[{count}]' if count > 1 else ''};" for kind, name, count in self.fields]
        return f"struct {self.type} {{ {' '.join(lines)} }};\n"

    def pack(self, values: Mapping[str, ArrayLike]) -> GPUUniformBuf:
        """``values`` by field: (..., 4) vectors and (..., 4, 4) matrices as written on paper; missing rows are zero."""
        parts = []
        for kind, name, count in self.fields:
            rows = np.zeros((count, 4 if kind == "mat4" else 1, 4), np.float32)
            given = np.asarray(values[name], np.float64)
            given = given.reshape(-1, 4, 4).transpose(0, 2, 1) if kind == "mat4" else given.reshape(-1, 1, 4)
            rows[: len(given)] = given
            parts.append(rows.reshape(-1))
        return GPUUniformBuf(np.concatenate(parts))


class FullScreen:
    """A pass over every pixel of a framebuffer."""

    def __init__(
        self,
        files: Sequence[str],
        *,
        pictures: Sequence[str],
        outputs: Sequence[str],
        blocks: Sequence[Block] = (),
        constants: Sequence[tuple[str, str]] = (),
        defines: Mapping[str, int] | None = None,
    ) -> None:
        """Compile ``files`` of ``shaders/``, one after the other. ``constants`` are pairs of a type and a name.

        Raises Exception with the compiler's message where the driver refuses them.
        """
        info = GPUShaderCreateInfo()
        info.vertex_in(0, "VEC2", "corner")
        if blocks:
            info.typedef_source("".join(block.struct for block in blocks))
        for slot, block in enumerate(blocks):
            info.uniform_buf(slot, block.type, block.instance)
        for slot, picture in enumerate(pictures):
            info.sampler(slot, "DEPTH_2D" if picture == "shadow_maps" else "FLOAT_2D", picture)
        for kind, name in constants:
            info.push_constant(kind, name)
        for name, number in (defines or {}).items():
            info.define(name, str(number))
        for slot, output in enumerate(outputs):
            info.fragment_out(slot, "VEC4", output)
        info.vertex_source("void main()\n{\n  gl_Position = vec4(corner, 0.0, 1.0);\n}\n")
        info.fragment_source("\n".join((SHADERS / name).read_text("utf-8") for name in files))
        self._shader: GPUShader = gpu.shader.create_from_info(info)
        self._triangle = _triangle()

    def draw(
        self,
        target: Target,
        *,
        pictures: Mapping[str, GPUTexture],
        blocks: Mapping[str, GPUUniformBuf] | None = None,
        constants: Mapping[str, float | tuple[float, ...]] | None = None,
        channel: int | None = None,
    ) -> None:
        """Fill ``target``; only one of its four channels where ``channel`` is given."""
        with target.framebuffer.bind():
            gpu.state.depth_test_set("NONE")
            gpu.state.depth_mask_set(False)
            gpu.state.face_culling_set("NONE")
            gpu.state.blend_set("NONE")
            if channel is not None:
                gpu.state.color_mask_set(*(i == channel for i in range(4)))
            shader = self._shader
            shader.bind()
            for name, value in (constants or {}).items():
                shader.uniform_float(name, value)
            for name, block in (blocks or {}).items():
                shader.uniform_block(name, block)
            for name, picture in pictures.items():
                shader.uniform_sampler(name, picture)
            self._triangle.draw(shader)
            if channel is not None:
                gpu.state.color_mask_set(True, True, True, True)


def _triangle() -> GPUBatch:
    form: Any = GPUVertFormat()
    form.attr_add(id="corner", comp_type="F32", len=2, fetch_mode="FLOAT")
    corners = GPUVertBuf(form, 3)
    corners.attr_fill("corner", np.array([[-1, -1], [3, -1], [-1, 3]], np.float32))
    return GPUBatch(type="TRIS", buf=corners)


@dataclass
class Target:
    """Pictures to draw into, of one size and format."""

    width: int
    height: int
    count: int = 1
    format: str = "RGBA16F"
    pictures: list[GPUTexture] = field(init=False)
    framebuffer: GPUFrameBuffer = field(init=False)

    def __post_init__(self) -> None:
        size = (self.width, self.height)
        self.pictures = [GPUTexture(size, format=self.format) for _ in range(self.count)]
        self.framebuffer = GPUFrameBuffer(color_slots=self.pictures)

    @property
    def picture(self) -> GPUTexture:
        return self.pictures[0]

    def clear(self) -> None:
        with self.framebuffer.bind():
            self.framebuffer.clear(color=(0.0, 0.0, 0.0, 0.0))
