"""Our passes of a frame, and the same frame of the same scene as Cycles renders it by itself."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from sora_addon import compat
from sora_addon.contract import Material, Size, Time
from sora_addon.export.cycles import CyclesPainter
from sora_addon.export.exr import read_exr
from sora_addon.export.gpu_scene import start_gpu
from sora_addon.export.painter import GpuPainter
from sora_addon.export.reader import Reader
from sora_addon.export.sample import Sample

SIZE = Size(96, 54)
Array = NDArray[Any]


@dataclass
class Picture:
    """One frame; arrays are (height, width) and (height, width, k)."""

    depth: Array
    normal: Array
    to_next: Array
    from_previous: Array
    names: Array
    """The object of each pixel, by name; empty where nothing is."""
    material_names: Array
    color: Array

    @property
    def edges(self) -> Array:
        """Pixels beside which the object, the material, or the surface is another, and those of the picture's rim."""
        kinds = [
            np.unique(names, return_inverse=True)[1].reshape(names.shape) for names in (self.names, self.material_names)
        ]
        edge = np.ones(self.names.shape, bool)
        edge[1:-1, 1:-1] = False
        depth = np.where(np.isinf(self.depth), 0.0, self.depth)
        for axis in (0, 1):
            for way in (-1, 1):
                for kind in kinds:
                    edge |= np.roll(kind, way, axis) != kind
                edge |= np.abs(np.roll(depth, way, axis) - depth) > 0.2 * depth
                edge |= np.abs(np.roll(self.normal, way, axis) - self.normal).max(-1) > 0.5
        return edge


@dataclass
class Ours:
    """Our passes of a frame, and all that was read for them."""

    picture: Picture
    passes: dict[str, Array]
    samples: list[Sample]
    materials: list[Material]
    left_out: list[str]


def painted(scene: Any, frame: int = 2, size: Size = SIZE, by: str = "gpu") -> Ours:
    """The frame as the exporter makes it."""
    rate = Fraction(scene.render.fps)
    time = Time((rate.numerator, rate.denominator), frame, frame, 0, 0, "00:00:00:00")
    with Reader(scene, scene.view_layers[0], size) as reader:
        samples = [reader.sample(number) for number in (frame - 1, frame, frame + 1)]
        if by == "gpu":
            start_gpu()
            painter: Any = GpuPainter(time, size)
        else:
            painter = CyclesPainter(scene, size, "a test")
        passes = painter.paint(*samples, reader.lights, reader.materials)
        names = np.array(["", *(source.object_name for source in reader.bodies())])
        materials = np.array(["", *(material.name for material in reader.materials)])
        left_out = list(reader.left_out)
    picture = Picture(
        passes["depth.Z"],
        stacked(passes, "normal", "XYZ"),
        stacked(passes, "to_next", "XY"),
        stacked(passes, "from_previous", "XY"),
        names[passes["body.ID"]],
        materials[passes["material.ID"]],
        stacked(passes, "base_color", "RGB"),
    )
    return Ours(picture, passes, samples, reader.materials, left_out)


def stacked(passes: dict[str, Array], name: str, letters: str) -> Array:
    return np.stack([passes[f"{name}.{letter}"] for letter in letters], -1)


def layers_of(scene: Any, frame: int, size: Size, samples: int) -> dict[str, Array]:
    """What Cycles makes of a frame without bounces, at the pixels' centres: (height, width) by channel."""
    scene.frame_set(frame)
    render, cycles = scene.render, scene.cycles
    render.engine, cycles.device, cycles.samples = "CYCLES", "CPU", samples
    cycles.use_adaptive_sampling = cycles.use_denoising = False
    cycles.pixel_filter_type, cycles.filter_width, cycles.max_bounces = "GAUSSIAN", 0.01, 0
    render.resolution_x, render.resolution_y, render.resolution_percentage = size.width, size.height, 100
    render.use_file_extension = False
    compat.set_media(render.image_settings, "multilayer", "OPEN_EXR_MULTILAYER")
    render.image_settings.color_depth, render.image_settings.exr_codec = "32", "ZIP"
    with tempfile.TemporaryDirectory() as folder:
        render.filepath = str(Path(folder, "truth.exr"))
        bpy.ops.render.render(scene=scene.name, write_still=True)
        found = read_exr(render.filepath)
    prefix = f"{scene.view_layers[0].name}."
    return {name.removeprefix(prefix): array for name, array in found.items()}


def rendered(scene: Any, frame: int = 2, size: Size = SIZE) -> Picture:
    """The frame as Cycles renders the artist's own scene: one sample, at each pixel's centre."""
    things = [""] + [thing.name for thing in bpy.data.objects]
    for number, name in enumerate(things[1:], 1):
        bpy.data.objects[name].pass_index = number
    materials = [""] + [material.name for material in bpy.data.materials]
    for number, name in enumerate(materials[1:], 1):
        bpy.data.materials[name].pass_index = number
    for name in ("z", "normal", "vector", "object_index", "material_index", "diffuse_color"):
        setattr(scene.view_layers[0], f"use_pass_{name}", True)
    found = layers_of(scene, frame, size, samples=1)

    def layers(short: str, letters: str) -> Array:
        return np.stack([found[f"{compat.pass_name(short)}.{letter}"] for letter in letters], -1)

    unit = scene.unit_settings.scale_length if scene.unit_settings.system != "NONE" else 1.0
    ids = np.rint(layers("IndexOB", "X")[..., 0]).astype(int)
    nothing = ids == 0
    depth = np.where(nothing, np.inf, found["Depth.V" if "Depth.V" in found else "Depth.Z"] * unit)
    camera = np.array(scene.camera.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world)[:3, :3]
    camera = camera / np.linalg.norm(camera, axis=0) * (1.0, -1.0, -1.0)
    vector = layers("Vector", "XYZW")
    return Picture(
        depth,
        layers("Normal", "XYZ") @ camera,
        vector[..., 2:] * (-1.0, 1.0),
        vector[..., :2] * (-1.0, 1.0),
        np.array(things)[ids],
        np.array(materials)[np.rint(layers("IndexMA", "X")[..., 0]).astype(int)],
        layers("DiffCol", "RGB"),
    )


def assert_same(
    ours: Picture,
    truth: Picture,
    show: Sequence[str] = (),
    *,
    motion: bool = False,
    color: float | None = None,
    materials: bool = False,
    normal: float = 1e-4,
    strays: float = 0.0,
) -> None:
    """Ids exact off the edges, depth within 1e-4 of itself, ``normal``, motion within 0.01 px, ``color`` where asked.

    ``strays``: share of pixels whose colour may be another, because they lie on the edge of a texel. ``show``: the objects that must be seen, on ten pixels each at least.
    """
    off_edge = ~truth.edges
    for name in show:
        assert (off_edge & (truth.names == name)).sum() >= 10, f"Cycles hardly shows {name}"
    wrong = off_edge & (ours.names != truth.names)
    assert not wrong.any(), [(ours.names[at], truth.names[at], at) for at in zip(*np.nonzero(wrong), strict=True)][:5]
    if materials:
        assert (ours.material_names == truth.material_names)[off_edge].all()
    thing = off_edge & (truth.names != "")
    assert np.isinf(ours.depth[off_edge & (truth.names == "")]).all()
    assert _worst(ours.depth[thing] / truth.depth[thing] - 1.0) < 1e-4
    assert _worst(ours.normal[thing] - truth.normal[thing]) < normal
    if motion:
        assert _worst(ours.to_next[thing] - truth.to_next[thing]) < 0.01
        assert _worst(ours.from_previous[thing] - truth.from_previous[thing]) < 0.01
    if color is not None:
        off = ~(np.abs(ours.color - truth.color)[thing].max(-1) < color)
        assert off.mean() <= strays, np.abs(ours.color - truth.color)[thing].max()


def _worst(values: Array) -> float:
    """The largest, and infinite where one is not a number."""
    return float(np.where(np.isnan(values), np.inf, np.abs(values)).max(initial=0.0))


def matte(name: str, color: tuple[float, float, float] = (0.8, 0.8, 0.8)) -> Any:
    """A material of a Diffuse BSDF, whose colour Cycles tells as it is."""
    material = bpy.data.materials.new(name)
    tree = compat.shader_tree(material)
    tree.nodes.clear()
    shader, output = tree.nodes.new("ShaderNodeBsdfDiffuse"), tree.nodes.new("ShaderNodeOutputMaterial")
    shader.inputs["Color"].default_value = (*color, 1.0)
    tree.links.new(shader.outputs[0], output.inputs["Surface"])
    return material


def looks_at(thing: Any, eye: tuple[float, float, float], target: tuple[float, float, float]) -> None:
    """Put a camera or a lamp at ``eye`` so that it looks at ``target``."""
    from mathutils import Vector

    away = Vector(target) - Vector(eye)
    thing.matrix_world = Matrix.Translation(eye) @ away.to_track_quat("-Z", "Y").to_matrix().to_4x4()
