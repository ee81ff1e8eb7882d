"""The geometric passes of a frame, drawn by one shader: depth, normal, motion, ids, base colour.

Textures and arrays have row 0 on top: texel (i, j) is the pixel (i, j) of the contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from gpu.types import GPUFrameBuffer, GPUTexture
from numpy.typing import NDArray

from .. import compat
from ..contract import CameraRow
from .gpu_scene import GpuScene
from .sample import Doubles
from .scene_shader import SceneShader, scene_shader
from .sky_motion import sky_motion

Arrays = dict[str, NDArray[Any]]

_VERTEX = """
  here = camera_point();
  before = camera_point_before();
  after = camera_point_after();
  direction = camera_normal();
  body = instance_row(9).x;
  gl_Position = clip_from_camera * vec4(here, 1.0);
"""

_FRAGMENT = """
  if (surface_is_cut()) {
    discard;
  }
  /* Linear in 32-bit float: as fine far away as near, whatever the clip range. */
  gl_FragDepth = here.z / far;
  if (body == 0.0) {
    out_surface = vec4(0.0);
    out_motion = vec4(0.0);
    out_ids = vec4(0.0);
    out_base = vec4(0.0);
  }
  else {
    vec3 normal = normalize(direction);
    out_surface = vec4(from_behind() ? -normal : normal, here.z);
    vec2 next = vec2(unknown), last = vec2(unknown);
    if (deforms.y != 2 && (lens_kinds.y != 0.0 || after.z > 0.0)) {
      next = (lens_kinds.y != 0.0 ? after.xy : after.xy / after.z) * lens_after.xy + lens_after.zw;
    }
    if (deforms.x != 2 && (lens_kinds.x != 0.0 || before.z > 0.0)) {
      last = (lens_kinds.x != 0.0 ? before.xy : before.xy / before.z) * lens_before.xy + lens_before.zw;
    }
    out_motion = vec4(next - gl_FragCoord.xy, gl_FragCoord.xy - last);
    out_ids = vec4(body, float(material), 0.0, 0.0);
    out_base = vec4(surface_color(), 1.0);
  }
"""


@dataclass(frozen=True)
class GBuffer:
    """The passes of one frame on the GPU, all RGBA32F; valid until the next ``draw`` of the same drawer."""

    camera: CameraRow
    surface: GPUTexture
    """Normal in camera axes (x, y, z) and metric depth (w), which is 0 where nothing is."""
    motion: GPUTexture
    """to_next (x, y) and from_previous (z, w) in pixels; NaN where unknown, 0 where nothing is."""
    ids: GPUTexture
    """Body (x) and material (y); 0 where nothing is."""
    base: GPUTexture
    """Base colour, and 1 where something is."""
    _sky: tuple[CameraRow | None, CameraRow | None]

    def read(self) -> Arrays:
        """(height, width) arrays by channel name of ``contract.PASSES``: depth.Z, normal.X, ... base_color.B.

        float32, and uint32 for the ids. Where nothing is, depth is inf and motion is that of the sky.
        """
        surface, motion, ids, base = (
            compat.read_texture(texture) for texture in (self.surface, self.motion, self.ids, self.base)
        )
        nothing = ids[..., 0] == 0.0
        depth = np.where(nothing, np.float32(np.inf), surface[..., 3])
        motion[nothing] = sky_motion(self.camera, *self._sky, nothing)
        return {
            "depth.Z": depth,
            "normal.X": surface[..., 0],
            "normal.Y": surface[..., 1],
            "normal.Z": surface[..., 2],
            "to_next.X": motion[..., 0],
            "to_next.Y": motion[..., 1],
            "from_previous.X": motion[..., 2],
            "from_previous.Y": motion[..., 3],
            "body.ID": ids[..., 0].astype(np.uint32),
            "material.ID": ids[..., 1].astype(np.uint32),
            "base_color.R": base[..., 0],
            "base_color.G": base[..., 1],
            "base_color.B": base[..., 2],
        }


class GBufferDrawer:
    """Draws G-buffers of one size. Needs ``start_gpu`` first."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._textures = [GPUTexture(self._size, format="RGBA32F") for _ in range(4)]
        self._depth = GPUTexture(self._size, format="DEPTH_COMPONENT32F")
        self._framebuffer = GPUFrameBuffer(color_slots=self._textures, depth_slot=self._depth)
        self._shader = _shader()

    def draw(
        self, scene: GpuScene, here: CameraRow, previous: CameraRow | None, following: CameraRow | None
    ) -> GBuffer:
        """The G-buffer of a scene that was updated with the same three frames."""
        before, after = previous or here, following or here
        constants = {
            "clip_from_camera": clip_from_camera(here, *self._size),
            "far": float(here.far),
            "unknown": float("nan"),
            "lens_before": (before.fx, before.fy, before.cx, before.cy),
            "lens_after": (after.fx, after.fy, after.cx, after.cy),
            "lens_kinds": (float(before.kind == "orthographic"), float(after.kind == "orthographic")),
        }
        with self._framebuffer.bind():
            self._framebuffer.clear(color=(0.0, 0.0, 0.0, 0.0), depth=1.0)
            scene.draw(self._shader, constants, facing=-1.0)
        surface, motion, ids, base = self._textures
        return GBuffer(here, surface, motion, ids, base, (previous, following))


def clip_from_camera(row: CameraRow, width: int, height: int) -> Doubles:
    """(4, 4) OpenCV camera axes to clip space, row 0 of the picture at y = -1, depths ``near`` to ``far`` at -1 to 1."""
    near, far = row.near, row.far
    x, y = 2.0 * row.fx / width, 2.0 * row.fy / height
    u, v = 2.0 * row.cx / width - 1.0, 2.0 * row.cy / height - 1.0
    if row.kind == "orthographic":
        depth = 2.0 / (far - near)
        return np.array([[x, 0, 0, u], [0, y, 0, v], [0, 0, depth, -(far + near) / (far - near)], [0, 0, 0, 1]])
    depth = (far + near) / (far - near)
    return np.array([[x, 0, u, 0], [0, y, v, 0], [0, 0, depth, -2.0 * far * near / (far - near)], [0, 0, 1, 0]])


def _shader() -> SceneShader:
    return scene_shader(
        "sora_gbuffer",
        vertex=_VERTEX,
        fragment=_FRAGMENT,
        outputs=[("VEC4", "out_surface"), ("VEC4", "out_motion"), ("VEC4", "out_ids"), ("VEC4", "out_base")],
        constants=[
            ("MAT4", "clip_from_camera"),
            ("VEC4", "lens_before"),
            ("VEC4", "lens_after"),
            ("VEC2", "lens_kinds"),
            ("FLOAT", "far"),
            ("FLOAT", "unknown"),
        ],
        varyings=[("VEC3", "here"), ("VEC3", "before"), ("VEC3", "after"), ("VEC3", "direction")],
        flats=[("FLOAT", "body")],
        textured=True,
        writes_depth=True,
    )
