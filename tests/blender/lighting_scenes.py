"""Little scenes told once and made twice: as a sample for our own passes, and in Blender for Cycles to render."""

import math
from dataclasses import replace

import bpy
import numpy as np
from mathutils import Matrix

from sora_addon import compat
from sora_addon.contract import CameraRow, Light, LightRow, Material, Size
from sora_addon.export.gbuffer import GBufferDrawer
from sora_addon.export.gpu_scene import GpuScene
from sora_addon.export.lighting import Lighting
from sora_addon.export.sample import Instance, Mesh, Sample
from sora_addon.export.surface import plain

ID = "00000000-0000-4000-8000-000000000000"
Made = tuple[Mesh, list[tuple[int, ...]], bool]
"""A mesh, its faces as Blender takes them, and whether it is smooth."""


def flat_mesh(key, points, faces, smooth=False, normals=None) -> Made:
    points = np.array(points, np.float32)
    triangles = np.array([(f[0], f[i], f[i + 1]) for f in faces for i in range(1, len(f) - 1)], np.int32)
    a, b, c = (points[triangles[:, i]] for i in range(3))
    flat = np.cross(b - a, c - a)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    corner = normals[triangles] if smooth else np.repeat(flat[:, None], 3, 1)
    return Mesh(key, points, triangles, corner.astype(np.float32), np.ones(len(triangles), np.int32)), faces, smooth


def plane(size=20.0) -> Made:
    h = size / 2
    return flat_mesh(("plane", size), [(-h, -h, 0), (h, -h, 0), (h, h, 0), (-h, h, 0)], [(0, 1, 2, 3)])


def box(x=1.0, y=1.0, z=1.0) -> Made:
    points = [(x * (i - 0.5), y * (j - 0.5), z * (k - 0.5)) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return flat_mesh(("box", x, y, z), points, faces)


def ball(radius=1.0, rings=24, segments=48) -> Made:
    points = [(0, 0, radius)]
    for i in range(1, rings):
        t = math.pi * i / rings
        for j in range(segments):
            p = 2 * math.pi * j / segments
            points.append(
                (radius * math.sin(t) * math.cos(p), radius * math.sin(t) * math.sin(p), radius * math.cos(t))
            )
    points.append((0, 0, -radius))
    last = len(points) - 1
    faces = []
    for j in range(segments):
        k = (j + 1) % segments
        faces.append((0, 1 + j, 1 + k))
        for i in range(rings - 2):
            a, b = 1 + i * segments, 1 + (i + 1) * segments
            faces.append((a + j, b + j, b + k, a + k))
        a = 1 + (rings - 2) * segments
        faces.append((a + j, last, a + k))
    normals = np.array(points) / radius
    return flat_mesh(("ball", radius, rings, segments), points, faces, True, normals)


def turned(x=0.0, y=0.0, z=0.0, rx=0.0, ry=0.0, rz=0.0) -> np.ndarray:
    """(4, 4): turned about x, then y, then z, then moved."""
    m = np.eye(4)
    for angle, (i, j) in ((rx, (1, 2)), (ry, (2, 0)), (rz, (0, 1))):
        r = np.eye(4)
        r[i, i] = r[j, j] = math.cos(angle)
        r[i, j], r[j, i] = -math.sin(angle), math.sin(angle)
        m = r @ m
    m[:3, 3] = (x, y, z)
    return m


def looking(eye, target) -> np.ndarray:
    """(4, 4) of a lamp or a Blender camera at ``eye`` whose -z points at ``target``."""
    eye, target = np.array(eye, float), np.array(target, float)
    z = (eye - target) / np.linalg.norm(eye - target)
    up = np.array([0.0, 0.0, 1.0]) if abs(z[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    x = np.cross(up, z)
    x /= np.linalg.norm(x)
    m = np.eye(4)
    m[:3, 0], m[:3, 1], m[:3, 2], m[:3, 3] = x, np.cross(z, x), z, eye
    return m


class Stage:
    def __init__(self, width=64, height=64, world=(0.0, 0.0, 0.0)):
        self.size = Size(width, height)
        self.world = world
        self.things, self.lamps, self.materials, self.surfaces = [], [], [], {}

    def add(self, made, place=None, base=(1.0, 1.0, 1.0), **look) -> None:
        index = len(self.materials) + 1
        self.materials.append(Material(index, f"m{index}", base, **look))
        self.surfaces[index] = plain(base)
        self.things.append((made, np.eye(4) if place is None else place, index))

    def lamp(
        self, kind, place, energy, size=0.0, *, shape=None, size_y=0.0, color=(1, 1, 1), angle=0.0, blend=0.0
    ) -> None:
        shapes = {"sun": "angle", "area": "square"}
        light = Light(ID, kind, kind, shape or shapes.get(kind, "sphere"), size, size_y, angle, blend, True, [])
        self.lamps.append((light, LightRow(tuple(place.reshape(-1).tolist()), color, energy)))

    def look(self, eye, target, fov=0.8, ortho=None) -> None:
        w, h = self.size.width, self.size.height
        self.eye, self.fov, self.ortho = looking(eye, target), fov, ortho
        world = self.eye @ np.diag([1.0, -1.0, -1.0, 1.0])
        f = w / ortho if ortho else w / 2 / math.tan(fov / 2)
        kind = "orthographic" if ortho else "perspective"
        self.camera = CameraRow("camera", kind, tuple(world.reshape(-1).tolist()), f, f, w / 2, h / 2, 0.05, 500.0)

    def sample(self) -> Sample:
        instances = []
        for number, ((mesh, _, _), place, material) in enumerate(self.things):
            materials = np.full(len(mesh.corners), material, np.int32)
            mesh = replace(mesh, key=(mesh.key, material), materials=materials)
            instances.append(Instance(number + 1, number, mesh, place))
        return Sample(1, self.camera, [row for _, row in self.lamps], self.world, instances, surfaces=self.surfaces)

    def passes(self, **options) -> dict[str, np.ndarray]:
        """Our passes by channel, G-buffer included."""
        sample = self.sample()
        scene = GpuScene(1 / 24)
        scene.update(None, sample, None)
        gbuffer = GBufferDrawer(self.size.width, self.size.height).draw(scene, sample.camera, None, None)
        lighting = Lighting(scene, [light for light, _ in self.lamps], self.materials, self.size, **options)
        return {**gbuffer.read(), **lighting.render(sample, gbuffer)}

    def points(self, depth) -> np.ndarray:
        """(H, W, 3) world points of a depth pass."""
        row, (h, w) = self.camera, depth.shape
        u, v = np.meshgrid(np.arange(w) + 0.5, np.arange(h) + 0.5)
        scale = 1.0 if row.kind == "orthographic" else depth
        local = np.stack([(u - row.cx) / row.fx * scale, (v - row.cy) / row.fy * scale, depth], -1)
        world = np.array(row.world).reshape(4, 4)
        return local @ world[:3, :3].T + world[:3, 3]

    def cycles(self, path, *, white=True, samples=64, bounces=0) -> np.ndarray:
        """(H, W, 3) float32 of Cycles; all surfaces white matte, or as they are."""
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        scene.render.engine = "CYCLES"
        scene.cycles.device = "CPU"
        scene.cycles.samples, scene.cycles.use_denoising = samples, False
        scene.cycles.use_adaptive_sampling = False
        scene.cycles.max_bounces = scene.cycles.diffuse_bounces = bounces
        # At the pixels' centres, as our passes are.
        scene.cycles.pixel_filter_type, scene.cycles.filter_width = "GAUSSIAN", 0.01
        scene.render.threads_mode, scene.render.threads = "FIXED", 2
        scene.render.resolution_x, scene.render.resolution_y = self.size.width, self.size.height
        world = scene.world = bpy.data.worlds.new("world")
        compat.shader_tree(world).nodes["Background"].inputs[0].default_value = (*self.world, 1.0)
        for (mesh, faces, smooth), place, material in self.things:
            data = bpy.data.meshes.new("mesh")
            data.from_pydata(mesh.points.tolist(), [], faces)
            data.polygons.foreach_set("use_smooth", [smooth] * len(faces))
            data.materials.append(self._material(self.materials[material - 1], white))
            self._link(data, place)
        for light, row in self.lamps:
            data = bpy.data.lights.new("lamp", light.kind.upper())
            data.energy, data.color = row.energy, row.color
            if light.kind == "sun":
                data.angle = light.size
            elif light.kind == "area":
                data.shape = light.shape.upper()
                data.size, data.size_y = light.size, light.size_y
            else:
                data.shadow_soft_size = light.size
            if light.kind == "spot":
                data.spot_size, data.spot_blend = light.spot_angle, light.spot_blend
            self._link(data, np.array(row.world).reshape(4, 4))
        data = bpy.data.cameras.new("camera")
        data.sensor_fit, data.clip_start = "HORIZONTAL", 0.05
        data.angle_x = self.fov
        if self.ortho:
            data.type, data.ortho_scale = "ORTHO", self.ortho
        scene.camera = self._link(data, self.eye)
        compat.set_media(scene.render.image_settings, "image", "OPEN_EXR")
        scene.render.image_settings.color_depth = "32"
        scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(str(path))
        pixels = np.empty(len(image.pixels), np.float32)
        image.pixels.foreach_get(pixels)
        return pixels.reshape(self.size.height, self.size.width, -1)[::-1, :, :3]

    @staticmethod
    def _link(data, place):
        thing = bpy.data.objects.new("thing", data)
        thing.matrix_world = Matrix(place.tolist())
        bpy.context.scene.collection.objects.link(thing)
        return thing

    @staticmethod
    def _material(material, white):
        made = bpy.data.materials.new(material.name)
        tree = compat.shader_tree(made)
        if white:
            tree.nodes.clear()
            output, matte = tree.nodes.new("ShaderNodeOutputMaterial"), tree.nodes.new("ShaderNodeBsdfDiffuse")
            matte.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
            tree.links.new(matte.outputs[0], output.inputs[0])
            return made
        inputs = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED").inputs
        inputs["Base Color"].default_value = (*material.base_color, 1.0)
        inputs["Roughness"].default_value = material.roughness
        inputs["Metallic"].default_value = material.metallic
        inputs["IOR"].default_value = material.ior
        inputs["Emission Color"].default_value = (*material.emission, 1.0)
        inputs["Emission Strength"].default_value = 1.0 if any(material.emission) else 0.0
        inputs["Transmission Weight"].default_value = material.transmission
        return made
