"""A scene of our own for Cycles, built from a sample: nothing of the artist's is touched but images that are looked up.

Its axes are the camera's (OpenCV: x right, y down, z forward; metres), which keeps float32 exact wherever the shot is.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from .. import compat
from ..contract import CameraRow, Light, LightRow, Size
from .exr import Array, read_exr
from .gpu_scene import MISSING, camera_from_world
from .sample import Doubles, Mesh, Sample
from .surface import Picture, Surface

NAME = "sora scratch"
_TRIANGLE = "sora_triangle"
_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])
_WORLD = "world"


class CyclesStage:
    """One frame of a shot. Use it in a ``with``: all that it has made is removed at the end."""

    def __init__(self, sample: Sample, lights: Sequence[Light], size: Size) -> None:
        self._sample, self._lights, self._size = sample, lights, size
        self._made: list[Any] = []
        self._solids: list[tuple[Any, Any, Any, Any]] = []
        """Of each material: its links, where its solid part goes in, the node that tells triangles, the matte one."""

    def __enter__(self) -> CyclesStage:
        self._kept_result = "Render Result" in bpy.data.images
        try:
            self._build()
        except BaseException:  # a stop too must leave nothing half done; it is raised again
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def triangles(self, path: Path) -> tuple[Array, Array]:
        """(height, width) places in ``sample.instances`` and triangles of their meshes, -1 where nothing is."""
        for links, socket, data, _ in self._solids:
            links.new(data.outputs[0], socket)
        found = self._render(path, 1)
        numbers = [np.rint(found[f"Combined.{letter}"]).astype(np.int64) - 1 for letter in "RG"]
        return numbers[0], numbers[1]

    def light(self, path: Path, samples: int) -> tuple[list[Array], Array]:
        """White matte lit by each lamp alone, (height, width, 3) each, and the open share of the surroundings."""
        for links, socket, _, matte in self._solids:
            links.new(matte.outputs[0], socket)
        found = self._render(path, samples)
        shape = (self._size.height, self._size.width, 3)
        lit = [
            np.stack([found[f"Combined_{_group(number)}.{letter}"] for letter in "RGB"], -1)
            if f"Combined_{_group(number)}.R" in found
            else np.zeros(shape, np.float32)
            for number in range(len(self._lights))
        ]
        return lit, found[f"Combined_{_WORLD}.R"]

    def _render(self, path: Path, samples: int) -> dict[str, Array]:
        self._scene.cycles.samples = samples
        self._scene.render.filepath = str(path)
        bpy.ops.render.render(scene=self._scene.name, write_still=True)
        prefix = f"{self._layer.name}."
        found = {name.removeprefix(prefix): array for name, array in read_exr(path).items()}
        path.unlink()
        return found

    def _build(self) -> None:
        self._scene = self._keep(bpy.data.scenes.new(NAME))
        self._layer = self._scene.view_layers[0]
        self._settings()
        self._root = self._object(None, np.eye(4))
        self._surfaces: dict[int, Any] = {}
        meshes: dict[Hashable, Any] = {}
        to_camera = camera_from_world(self._sample.camera)
        for number, instance in enumerate(self._sample.instances):
            mesh = meshes.get(instance.mesh.key)
            if mesh is None:
                mesh = meshes[instance.mesh.key] = self._mesh(instance.mesh)
            thing = self._object(mesh, to_camera @ instance.world)
            thing.color = (number + 1.0, 0.0, 0.0, 1.0)
            thing.visible_camera, thing.visible_shadow = instance.seen, instance.shadows
        for number, (light, row) in enumerate(zip(self._lights, self._sample.lights, strict=False)):
            if row.energy > 0.0:
                self._lamp(number, light, row, to_camera)

    def _settings(self) -> None:
        scene, render, cycles = self._scene, self._scene.render, self._scene.cycles
        render.engine = "CYCLES"
        render.resolution_x, render.resolution_y = self._size.width, self._size.height
        render.resolution_percentage = 100
        render.film_transparent = True
        render.use_compositing = render.use_sequencer = False
        render.use_file_extension = False
        compat.set_media(render.image_settings, "multilayer", "OPEN_EXR_MULTILAYER")
        render.image_settings.color_depth, render.image_settings.exr_codec = "32", "ZIP"
        cycles.device = "CPU"
        cycles.use_adaptive_sampling = cycles.use_denoising = False
        cycles.max_bounces = 0
        cycles.transparent_max_bounces = 1024
        cycles.pixel_filter_type, cycles.filter_width = "GAUSSIAN", 0.01  # every sample at the pixel's centre
        cycles.sample_clamp_direct = cycles.sample_clamp_indirect = 0.0
        self._layer.lightgroups.add(name=_WORLD)
        world = scene.world = self._keep(bpy.data.worlds.new(NAME))
        world.lightgroup = _WORLD
        tree = compat.shader_tree(world)
        background = next(node for node in tree.nodes if node.type == "BACKGROUND")
        background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
        self._camera(self._sample.camera)

    def _camera(self, row: CameraRow) -> None:
        data = self._keep(bpy.data.cameras.new(NAME))
        wide, tall = self._size.width, row.fx / row.fy
        data.sensor_fit = "HORIZONTAL"
        if row.kind == "orthographic":
            data.type, data.ortho_scale = "ORTHO", wide / row.fx
        else:
            data.lens, data.sensor_width = 50.0, 50.0 * wide / row.fx
        data.shift_x, data.shift_y = (wide / 2 - row.cx) / wide, (row.cy - self._size.height / 2) * tall / wide
        data.clip_start, data.clip_end = row.near, row.far
        self._scene.render.pixel_aspect_x, self._scene.render.pixel_aspect_y = max(1.0, 1.0 / tall), max(1.0, tall)
        self._scene.camera = self._object(data, _FLIP)

    def _lamp(self, number: int, light: Light, row: LightRow, to_camera: Doubles) -> None:
        data: Any = self._keep(bpy.data.lights.new(NAME, light.kind.upper()))
        data.energy, data.color = row.energy, row.color
        data.use_shadow = light.shadow
        if light.kind == "sun":
            data.angle = light.size
        elif light.kind == "area":
            data.shape = light.shape.upper()
            data.size, data.size_y = light.size, light.size_y
        else:
            data.shadow_soft_size = light.size
        if light.kind == "spot":
            data.spot_size, data.spot_blend = light.spot_angle, light.spot_blend
        lamp = self._object(data, to_camera @ np.reshape(row.world, (4, 4)))
        self._layer.lightgroups.add(name=_group(number))
        lamp.lightgroup = _group(number)

    def _object(self, data: Any, place: Doubles) -> Any:
        """Placed by its parent's inverse, which may shear as a basis cannot."""
        thing = self._keep(bpy.data.objects.new(NAME, data))
        self._scene.collection.objects.link(thing)
        if data is not None:
            thing.parent = self._root if hasattr(self, "_root") else None
            if thing.parent is None:
                thing.matrix_world = Matrix(place.tolist())
            else:
                thing.matrix_parent_inverse = Matrix(place.tolist())
        return thing

    def _mesh(self, mesh: Mesh) -> Any:
        data = self._keep(bpy.data.meshes.new(NAME))
        count = len(mesh.corners)
        data.vertices.add(len(mesh.points))
        data.vertices.foreach_set("co", mesh.points.reshape(-1))
        data.loops.add(3 * count)
        data.loops.foreach_set("vertex_index", mesh.corners.reshape(-1))
        data.polygons.add(count)
        data.polygons.foreach_set("loop_start", np.arange(0, 3 * count, 3, dtype=np.int32))
        slots = np.unique(mesh.materials)
        for index in slots:
            data.materials.append(self._surface(int(index)))
        data.polygons.foreach_set("material_index", np.searchsorted(slots, mesh.materials).astype(np.int32))
        numbers = data.attributes.new(_TRIANGLE, "FLOAT", "FACE")
        numbers.data.foreach_set("value", np.arange(1, count + 1, dtype=np.float32))
        for name, uv in mesh.uvs.items():
            data.uv_layers.new(name=name, do_init=False).uv.foreach_set("vector", uv.reshape(-1))
        for name, color in mesh.colors.items():
            layer = data.color_attributes.new(name, "FLOAT_COLOR", "CORNER")
            layer.data.foreach_set("color", color.reshape(-1))
        if mesh.colors:
            data.color_attributes.render_color_index = 0
        data.update(calc_edges=True)
        data.normals_split_custom_set(mesh.normals.reshape(-1, 3))
        return data

    def _surface(self, index: int) -> Any:
        """A material that is there where the surface is."""
        if index in self._surfaces:
            return self._surfaces[index]
        surface = self._sample.surfaces.get(index, MISSING)
        material = self._surfaces[index] = self._keep(bpy.data.materials.new(NAME))
        material.cycles.emission_sampling = "NONE"
        tree = compat.shader_tree(material)
        tree.nodes.clear()
        nodes = _Builder(tree)
        data = nodes.add("ShaderNodeEmission")
        who = nodes.add("ShaderNodeSeparateXYZ", nodes.add("ShaderNodeObjectInfo").outputs["Color"])
        triangle = nodes.add("ShaderNodeAttribute", attribute_name=_TRIANGLE)
        pair = nodes.add("ShaderNodeCombineXYZ", who.outputs[0], triangle.outputs["Fac"])
        tree.links.new(pair.outputs[0], data.inputs["Color"])
        matte = nodes.add("ShaderNodeBsdfDiffuse")
        matte.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
        socket = nodes.add("ShaderNodeOutputMaterial").inputs["Surface"]
        cut = nodes.cut(surface)
        if cut is not None:
            mix = nodes.add("ShaderNodeMixShader", cut)
            tree.links.new(nodes.add("ShaderNodeBsdfTransparent").outputs[0], mix.inputs[2])
            tree.links.new(mix.outputs[0], socket)
            socket = mix.inputs[1]
        self._solids.append((tree.links, socket, data, matte))
        return material

    def _keep(self, made: Any) -> Any:
        self._made.append(made)
        return made

    def _remove(self) -> None:
        bpy.data.batch_remove(self._made)
        if not self._kept_result and "Render Result" in bpy.data.images:
            bpy.data.images.remove(bpy.data.images["Render Result"])


class _Builder:
    """Makes shader nodes of one tree."""

    def __init__(self, tree: Any) -> None:
        self._tree = tree

    def add(self, kind: str, *inputs: Any, **settings: Any) -> Any:
        """A node; ``inputs`` are sockets to link from, or values, in order."""
        node = self._tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for socket, value in zip(node.inputs, inputs, strict=False):
            if isinstance(value, (float, tuple)):
                socket.default_value = value
            else:
                self._tree.links.new(value, socket)
        return node

    def math(self, operation: str, *inputs: Any) -> Any:
        return self.add("ShaderNodeMath", *inputs, operation=operation).outputs[0]

    def cut(self, surface: Surface) -> Any | None:
        """A socket that is 1 where parts of the surface are missing, 0 elsewhere; None where none are."""
        cut = None
        if surface.cuts:
            alpha = self.add("ShaderNodeValue").outputs[0]
            alpha.default_value = surface.alpha_constant
            if surface.alpha_picture is not None and any(surface.alpha_weights):
                image = self._picture(surface.alpha_picture)
                weights = surface.alpha_weights
                dot = self.add("ShaderNodeVectorMath", image.outputs[0], weights[:3], operation="DOT_PRODUCT")
                alpha = self.math("ADD", alpha, dot.outputs["Value"])
                alpha = self.math("ADD", alpha, self.math("MULTIPLY", image.outputs[1], weights[3]))
            if surface.alpha_tint:
                if surface.object_color:
                    tint = self.add("ShaderNodeObjectInfo").outputs["Alpha"]
                else:
                    tint = self.add("ShaderNodeVertexColor", layer_name=surface.attribute or "").outputs["Alpha"]
                alpha = self.math("ADD", alpha, self.math("MULTIPLY", tint, surface.alpha_tint))
            cut = self.math("LESS_THAN", alpha, 0.5)
        if surface.culls:
            behind = self.add("ShaderNodeNewGeometry").outputs["Backfacing"]
            cut = behind if cut is None else self.math("MAXIMUM", cut, behind)
        return cut

    def _picture(self, picture: Picture) -> Any:
        uv = self.add("ShaderNodeUVMap", uv_map=picture.uv or "").outputs[0]
        sides = []
        for start in (0, 3):
            a, b, c = picture.place[start : start + 3]
            dot = self.add("ShaderNodeVectorMath", uv, (a, b, 0.0), operation="DOT_PRODUCT")
            sides.append(self.math("ADD", dot.outputs["Value"], c))
        at = self.add("ShaderNodeCombineXYZ", *sides).outputs[0]
        images = bpy.data.images
        return self.add(
            "ShaderNodeTexImage",
            at,
            image=images[picture.name, picture.library] if picture.library else images[picture.name],
            extension=picture.extension,
            interpolation="Closest" if picture.closest else "Linear",
        )


def _group(number: int) -> str:
    return f"light_{number:03d}"
