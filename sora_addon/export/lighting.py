"""The lit passes of a frame: a light pass for each lamp, occlusion, world light, reflection and the preview."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from gpu.types import GPUTexture, GPUUniformBuf

from .. import compat
from ..contract import IDENTITY, Light, LightRow, Material, Size
from .gbuffer import Arrays, GBuffer
from .gpu_scene import GpuScene
from .lighting_gpu import Block, FullScreen, Target
from .lighting_lamps import LAMP, Lamp, lamp_shadow, lamp_values
from .sample import Doubles, Floats, Instance, Mesh, Sample
from .screen_space import FRAME, Mirror, Occlusion, Preview, frame_block, material_table
from .shadow_maps import ShadowMaps
from .shadow_points import TAPS
from .shadow_views import Casters, box_corners

SHADOW_SAMPLES = 4
_COLORS = Block("Colors", "colors", (("vec4", "rows", 4),))
_DARK = LightRow(IDENTITY, (0.0, 0.0, 0.0), 0.0)
_LIMIT = 65000.0
"""What a half can hold."""


class Lighting:
    """Draws the lit passes of one shot. Needs ``start_gpu`` first."""

    def __init__(
        self,
        scene: GpuScene,
        lights: Sequence[Light],
        materials: Sequence[Material],
        size: Size,
        shadow_samples: int = SHADOW_SAMPLES,
        occlusion_radius: float | None = None,
    ) -> None:
        """``lights`` may have no rows: each frame's come with its sample. Both lists are read anew in every frame, so that
        lamps and materials that turn up later may be added to them; a lamp without a row in the sample is dark.

        ``shadow_samples``: points of each lamp that its shadow is seen from: 1, 2, 4, 8 or 16. ``occlusion_radius`` in
        metres; where none is given it is half the size of the middling thing of the first frame.
        """
        width, height = size.width, size.height
        self._scene, self._lights, self._materials, self._size = scene, lights, materials, size
        self._samples, self._radius = shadow_samples, occlusion_radius
        self._tabled: list[Material] = []
        self._table = material_table(self._tabled)
        self._maps = ShadowMaps(2 ** round(np.clip(np.log2(max(width, height)), 8, 11)))
        self._bounds: dict[Hashable, tuple[Doubles, Doubles, bool]] = {}
        self._stride = max(1, width // 96)
        self._points = Target(-(-width // self._stride), -(-height // self._stride), format="RGBA32F")
        self._find = FullScreen(
            ["surface.glsl", "seen_points.glsl"],
            pictures=["surface_picture"],
            outputs=["out_point"],
            blocks=[FRAME],
            constants=[("FLOAT", "stride")],
        )
        self._shares = Target(width, height, 2)
        self._sums = [Target(width, height, 2), Target(width, height, 2)]
        self._light = FullScreen(
            ["surface.glsl", "material.glsl", "lamp_light.glsl", "lamp_shadow.glsl", "lamp.glsl"],
            pictures=["surface_picture", "ids_picture", "material_table", "shadow_maps"],
            outputs=["out_matte", "out_gloss"],
            blocks=[FRAME, LAMP],
            defines={"TAPS": TAPS},
        )
        self._sum = FullScreen(
            ["lamp_sum.glsl"],
            pictures=["matte_shares", "gloss_shares", "light_before", "gloss_before"],
            outputs=["out_light", "out_gloss"],
            blocks=[_COLORS],
        )
        self._occlusion = Occlusion(width, height)
        self._mirror = Mirror(width, height)
        self._preview = Preview(width, height)

    def render(self, sample: Sample, gbuffer: GBuffer) -> Arrays:
        """(height, width) float32 arrays by channel name: light_000.R ..., occlusion.V, world_light, reflection, preview.

        ``gbuffer`` and the scene hold the same frame as ``sample``. Where nothing is, light is 0, occlusion 1, and
        reflection and preview show the world.
        """
        frame = frame_block(sample.camera, self._size.width, self._size.height, sample.world_color)
        camera = np.array(sample.camera.world, np.float64).reshape(4, 4)
        casters = self._casters(sample.instances)
        if self._tabled != list(self._materials):
            self._tabled = list(self._materials)
            self._table = material_table(self._tabled)
        arrays, light, gloss = self._lamps(sample, gbuffer, frame, camera, casters)

        if self._radius is None:
            self._radius = _middling_size(casters)
        shares = self._occlusion.draw(gbuffer, frame, self._radius)
        reflection = self._mirror.draw(gbuffer, frame, self._table, light, shares, self._longest_ray(casters))
        preview = self._preview.draw(gbuffer, frame, self._table, light, gloss, shares, reflection)
        lit = compat.read_texture(preview)
        mirrored = compat.read_texture(reflection)
        open_share = compat.read_texture(shares)[..., 0]
        something = np.clip(compat.read_texture(gbuffer.base)[..., 3], 0.0, 1.0)
        arrays["occlusion.V"] = open_share
        for channel, letter in enumerate("RGB"):
            world = np.float32(sample.world_color[channel])
            arrays[f"world_light.{letter}"] = open_share * world * something
            arrays[f"preview.{letter}"] = lit[..., channel]
        for channel, letter in enumerate("RGBA"):
            arrays[f"reflection.{letter}"] = mirrored[..., channel]
        return arrays

    def _lamps(
        self, sample: Sample, gbuffer: GBuffer, frame: GPUUniformBuf, camera: Doubles, casters: Casters
    ) -> tuple[Arrays, GPUTexture, GPUTexture]:
        arrays: Arrays = {}
        before, after = self._sums
        before.clear()
        seen: Doubles | None = None
        rows = sample.lights[: len(self._lights)]
        rows += [_DARK] * (len(self._lights) - len(rows))
        pairs = list(zip(self._lights, rows, strict=True))
        for start in range(0, len(pairs), 4):
            group = pairs[start : start + 4]
            self._shares.clear()
            shining = [channel for channel, (_, row) in enumerate(group) if _shines(row)]
            for channel in shining:
                if seen is None:
                    seen = self._seen(gbuffer, frame, camera)
                lamp = Lamp.of(*group[channel])
                shadow = lamp_shadow(lamp, self._samples, seen, casters, self._maps.texels)
                tiles = self._maps.draw(self._scene, shadow.views, camera)
                self._light.draw(
                    self._shares,
                    pictures={
                        "surface_picture": gbuffer.surface,
                        "ids_picture": gbuffer.ids,
                        "material_table": self._table,
                        "shadow_maps": self._maps.texture,
                    },
                    blocks={"frame": frame, "lamp": LAMP.pack(lamp_values(lamp, shadow, tiles, camera))},
                    channel=channel,
                )
            colors = np.zeros((4, 4))
            colors[: len(group), :3] = [row.color for _, row in group]
            matte, gloss = self._shares.pictures
            self._sum.draw(
                after,
                pictures={
                    "matte_shares": matte,
                    "gloss_shares": gloss,
                    "light_before": before.pictures[0],
                    "gloss_before": before.pictures[1],
                },
                blocks={"colors": _COLORS.pack({"rows": colors})},
            )
            before, after = after, before
            shares = compat.read_texture(matte)
            for channel in range(len(group)):
                for i, letter in enumerate("RGB"):
                    lit = np.minimum(shares[..., channel] * np.float32(colors[channel, i]), np.float32(_LIMIT))
                    arrays[f"light_{start + channel:03d}.{letter}"] = lit
        return arrays, before.pictures[0], before.pictures[1]

    def _seen(self, gbuffer: GBuffer, frame: GPUUniformBuf, camera: Doubles) -> Doubles:
        """(P, 3) world points that the camera sees, a sparse grid of them."""
        self._find.draw(
            self._points,
            pictures={"surface_picture": gbuffer.surface},
            blocks={"frame": frame},
            constants={"stride": float(self._stride)},
        )
        points = compat.read_texture(self._points.picture)
        points = points[points[..., 3] > 0.0][:, :3].astype(np.float64)
        return points @ camera[:3, :3].T + camera[:3, 3]

    def _casters(self, instances: Sequence[Instance]) -> Casters:
        bounds = {
            instance.mesh.key: self._bounds.get(instance.mesh.key) or _bounds(instance.mesh) for instance in instances
        }
        self._bounds = bounds
        corners = [box_corners(*bounds[instance.mesh.key][:2], instance.world) for instance in instances]
        return Casters(
            np.reshape(corners, (-1, 8, 3)),
            np.array([instance.shadows for instance in instances], bool),
            np.array([bounds[instance.mesh.key][2] for instance in instances], bool),
        )

    @staticmethod
    def _longest_ray(casters: Casters) -> float:
        if not len(casters.corners):
            return 1.0
        return float(np.linalg.norm(casters.corners.max((0, 1)) - casters.corners.min((0, 1))))


def _shines(row: LightRow) -> bool:
    return row.energy > 0.0 and max(row.color) > 0.0


def _bounds(mesh: Mesh) -> tuple[Doubles, Doubles, bool]:
    """Lowest and highest corner, and whether the mesh is no more than a plane or a box."""
    if not len(mesh.points):
        return np.zeros(3), np.zeros(3), False
    points: Floats = mesh.points
    low, high = points.min(0).astype(np.float64), points.max(0).astype(np.float64)
    size = high - low
    flat = bool(size.min() <= 1e-4 * size.max())
    box = len(points) == 8 and bool(np.all(np.minimum(points - low, high - points) <= 1e-4 * size.max()))
    return low, high, flat or box


def _middling_size(casters: Casters) -> float:
    """Half the median of the things' diagonals, floors left out; 1 m in an empty scene."""
    sizes = np.linalg.norm(casters.corners[:, 7] - casters.corners[:, 0], axis=1)
    things = sizes[~casters.slabs] if (~casters.slabs).any() else sizes
    return float(np.clip(0.5 * np.median(things), 0.02, 20.0)) if len(things) else 1.0
