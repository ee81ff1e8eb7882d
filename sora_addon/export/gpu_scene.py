"""The sampled scene on the GPU: buffers kept by ``Mesh.key``, one draw for all instances of a mesh and material.

Whoever draws it from another point of view (a lamp, say) makes a ``scene_shader`` and a framebuffer:

    shader = scene_shader("shadow", constants=[("MAT4", "clip_from_camera")],
                          vertex="gl_Position = clip_from_camera * vec4(camera_point(), 1.0);", fragment="")
    cutout = scene_shader("shadow_cutout", ..., textured=True, fragment="if (surface_is_cut()) { discard; }")
    with framebuffer.bind():
        framebuffer.clear(depth=1.0)
        scene.draw(shader, {"clip_from_camera": matrix}, cutout=cutout, only="shadows")

Everything is in the axes of this frame's camera (OpenCV: x right, y down, z forward; metres): multiply a lamp's matrices
by ``camera_row.world`` in float64 first.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import bpy
import gpu
import numpy as np
from gpu.types import GPUBatch, GPUTexture, GPUUniformBuf

from .. import compat
from ..contract import CameraRow
from .gpu_mesh import GpuMesh, Moves
from .sample import Doubles, Floats, Instance, Mesh, Sample
from .scene_shader import CHUNK, ROWS, SURFACE_ROWS, SceneShader
from .surface import Picture, Surface, plain

MISSING = plain((1.0, 0.0, 1.0))
"""Blender's pink."""


class NoGpu(RuntimeError):
    """No GPU context can be made here."""


def start_gpu() -> str:
    """Make the ``gpu`` module usable, in background too, and return the renderer's name. Raises NoGpu."""
    try:
        compat.gpu_start()
    except RuntimeError as error:
        raise NoGpu(str(error)) from error
    return f"{gpu.platform.renderer_get()} ({gpu.platform.backend_type_get()})"


@dataclass
class _Draw:
    """One mesh and material, with the run of instances that show it."""

    batch: GPUBatch
    material: int
    deforms: tuple[int, int]
    first: int
    count: int
    seen: bool
    shadows: bool


@dataclass
class _Group:
    """Instances that differ in nothing but their place."""

    mesh: Mesh
    moves: Moves
    seen: bool
    shadows: bool
    rows: list[Doubles] = field(default_factory=list)


class GpuScene:
    """Three neighbouring samples, ready to draw. Needs ``start_gpu`` first."""

    def __init__(self, frame_seconds: float) -> None:
        """``frame_seconds``: how long a frame lasts, for meshes whose motion is a velocity."""
        self._seconds = frame_seconds
        self._meshes: dict[tuple[Hashable, ...], GpuMesh] = {}
        self._draws: list[_Draw] = []
        self._places: list[GPUUniformBuf] = []
        self._surfaces: dict[int, Surface] = {}
        self._surface_rows: dict[int, tuple[Surface, GPUUniformBuf]] = {}
        self._pictures: dict[Picture, tuple[GPUTexture, bool]] = {}
        self._blank: GPUTexture | None = None
        self._constants: GPUUniformBuf | None = None

    def update(self, previous: Sample | None, here: Sample, following: Sample | None) -> None:
        """Take three neighbouring frames; without a neighbour, motion there is unknown. Unused buffers are freed."""
        self._surfaces = here.surfaces
        before = {instance.identity: instance for instance in previous.instances} if previous else {}
        after = {instance.identity: instance for instance in following.instances} if following else {}
        cameras = [
            camera_from_world(row.camera) if row is not None else camera_from_world(here.camera)
            for row in (here, previous, following)
        ]
        groups: dict[Hashable, _Group] = {}
        for instance in here.instances:
            self._group(groups, instance, before.get(instance.identity), after.get(instance.identity), cameras)
        used: dict[tuple[Hashable, ...], GpuMesh] = {}
        self._draws = []
        rows: list[Doubles] = []
        for group in groups.values():
            key = (group.mesh.key, group.moves.key)
            mesh = self._meshes.get(key) or used.get(key) or GpuMesh(group.mesh, group.moves)
            used[key] = mesh
            self._place(group, mesh, len(rows))
            rows.extend(group.rows)
        self._meshes = used
        self._draws.sort(key=lambda draw: draw.material)
        self._places = _uniform_chunks(rows)

    def draw(
        self,
        shader: SceneShader,
        constants: Mapping[str, Any],
        *,
        cutout: SceneShader | None = None,
        only: Literal["seen", "shadows"] = "seen",
        facing: float = 0.0,
    ) -> None:
        """Draw into the bound framebuffer with depth test and no face culling by the pipeline.

        ``constants``: the shader's own, by name (numbers, tuples, 4x4 arrays). ``cutout`` draws the materials of which
        parts may be missing; without it ``shader`` draws them too. ``only``: what the camera sees, or what casts shadows.
        ``facing``: 1 where the view is upright as OpenGL counts, -1 where it is mirrored (row 0 on top), 0 to ignore
        the culling of materials.
        """
        gpu.state.depth_test_set("LESS_EQUAL")
        gpu.state.depth_mask_set(True)
        gpu.state.face_culling_set("NONE")
        gpu.state.blend_set("NONE")
        for one, cuts in ((shader, False), (cutout or shader, True)):
            draws = [
                draw
                for draw in self._draws
                if (draw.seen if only == "seen" else draw.shadows) and self._surface(draw.material).cuts == cuts
            ]
            if draws:
                self._draw_all(one, draws, constants, facing)
        gpu.state.depth_test_set("NONE")
        gpu.state.depth_mask_set(False)

    def _draw_all(
        self, scene_shader: SceneShader, draws: list[_Draw], constants: Mapping[str, Any], facing: float
    ) -> None:
        shader = scene_shader.shader
        self._constants = scene_shader.bind(constants)
        if scene_shader.textured:
            shader.uniform_float("facing", facing)
        chunk, material = -1, -1
        for draw in draws:
            if scene_shader.textured and draw.material != material:
                material = draw.material
                self._bind_surface(shader, material)
            shader.uniform_int("deforms", draw.deforms)
            done = 0
            while done < draw.count:
                wanted, first = divmod(draw.first + done, CHUNK)
                count = min(draw.count - done, CHUNK - first)
                if wanted != chunk:
                    chunk = wanted
                    shader.uniform_block("places", self._places[chunk])
                shader.uniform_int("first_instance", first)
                draw.batch.draw_instanced(shader, instance_start=0, instance_count=count)
                done += count

    def _surface(self, material: int) -> Surface:
        return self._surfaces.get(material, MISSING)

    def _bind_surface(self, shader: Any, material: int) -> None:
        surface = self._surface(material)
        kept = self._surface_rows.get(material)
        if kept is None or kept[0] != surface:
            kept = (surface, GPUUniformBuf(self._rows_of(surface).reshape(-1)))
            self._surface_rows[material] = kept
        shader.uniform_int("material", material)
        shader.uniform_block("surface", kept[1])
        shader.uniform_sampler("color_picture", self._texture(surface.picture))
        shader.uniform_sampler("alpha_picture", self._texture(surface.alpha_picture))

    def _rows_of(self, surface: Surface) -> Floats:
        rows = np.zeros((SURFACE_ROWS, 4), np.float32)
        rows[:8, :3] = surface.terms
        rows[8] = surface.alpha_weights
        rows[9] = (surface.alpha_constant, surface.alpha_tint, 0.0, float(surface.object_color))
        extensions = ("REPEAT", "EXTEND", "CLIP", "MIRROR")
        for row, picture in ((10, surface.picture), (12, surface.alpha_picture)):
            if picture is not None:
                rows[row : row + 2, :3] = np.reshape(picture.place, (2, 3))
                rows[row, 3] = extensions.index(picture.extension)
                self._texture(picture)
                rows[row + 1, 3] = float(picture.closest) + 2.0 * float(self._pictures[picture][1])
        rows[14] = (
            float(surface.picture is not None),
            float(surface.picture is not None and surface.picture.ignores_alpha),
            float(surface.alpha_picture is not None),
            float(surface.culls),
        )
        return rows

    def _texture(self, picture: Picture | None) -> GPUTexture:
        if picture is None:
            if self._blank is None:
                self._blank = GPUTexture((1, 1), format="RGBA32F")
            return self._blank
        if picture not in self._pictures:
            image = bpy.data.images[picture.name, picture.library] if picture.library else bpy.data.images[picture.name]
            premultiplied = image.alpha_mode == "PREMUL" or image.is_float
            self._pictures[picture] = (gpu.texture.from_image(image), premultiplied)
        return self._pictures[picture][0]

    def _group(
        self,
        groups: dict[Hashable, _Group],
        here: Instance,
        before: Instance | None,
        after: Instance | None,
        cameras: list[Doubles],
    ) -> None:
        moves = Moves.of(here.mesh, before and before.mesh, after and after.mesh, self._seconds)
        key = (here.mesh.key, moves.key, here.seen, here.shadows)
        group = groups.get(key)
        if group is None:
            group = groups[key] = _Group(here.mesh, moves, here.seen, here.shadows)
        row = np.zeros((ROWS, 4))
        row[0:3] = (cameras[0] @ here.world)[:3]
        row[3:6] = (cameras[1] @ (before or here).world)[:3]
        row[6:9] = (cameras[2] @ (after or here).world)[:3]
        row[9, 0] = 0.0 if here.holdout else here.body
        row[9, 1] = -1.0 if np.linalg.det(here.world[:3, :3]) < 0.0 else 1.0
        row[10] = here.color
        group.rows.append(row)

    def _place(self, group: _Group, mesh: GpuMesh, first: int) -> None:
        deforms = (group.moves.before, group.moves.after)
        for material in mesh.materials:
            batch = mesh.batch(material, self._surface(material))
            self._draws.append(_Draw(batch, material, deforms, first, len(group.rows), group.seen, group.shadows))


def camera_from_world(row: CameraRow) -> Doubles:
    """(4, 4) world to the row's OpenCV camera axes, float64."""
    return np.asarray(np.linalg.inv(np.array(row.world, np.float64).reshape(4, 4)), np.float64)


def _uniform_chunks(rows: list[Doubles]) -> list[GPUUniformBuf]:
    chunks = []
    for start in range(0, len(rows), CHUNK):
        block = np.zeros((CHUNK, ROWS, 4), np.float32)
        some = rows[start : start + CHUNK]
        block[: len(some)] = some
        chunks.append(GPUUniformBuf(block.reshape(-1)))
    return chunks
