"""Shaders that draw the scene: what every one of them shares, in GLSL.

A scene shader is made of two bodies of ``main()``. In the vertex body these may be called, all in camera axes (x right,
y down, z forward) and metres, which keeps float32 exact far away from the world's origin:

    vec3 camera_point()          the vertex at this frame
    vec3 camera_point_before()   at the previous frame, in the previous frame's camera axes
    vec3 camera_point_after()    at the next frame, in the next frame's camera axes
    vec3 camera_normal()         not normalised

and in the fragment body, when the shader is ``textured``:

    vec3 surface_color()         scene-linear base colour
    bool surface_is_cut()        alpha below a half, or culled from behind: discard
    bool from_behind()           the face is seen from its back
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gpu
import numpy as np
from gpu.types import GPUShader, GPUShaderCreateInfo, GPUStageInterfaceInfo, GPUUniformBuf

from .. import compat

ROWS = 11
"""vec4 an instance: 3 rows of a matrix at this, the previous and the next frame; body and flags; object colour."""
CHUNK = 90
"""Instances in a uniform block: 15,840 bytes, below the 16 KiB that every driver has."""
SURFACE_ROWS = 16

_VERTEX = """
vec4 instance_row(int row)
{
  return places.rows[(first_instance + gl_InstanceID) * 11 + row];
}

vec3 instance_place(int row, vec3 local)
{
  vec4 homogeneous = vec4(local, 1.0);
  return vec3(dot(instance_row(row), homogeneous),
              dot(instance_row(row + 1), homogeneous),
              dot(instance_row(row + 2), homogeneous));
}

vec3 camera_point()
{
  return instance_place(0, point);
}

vec3 camera_point_before()
{
  return instance_place(3, deforms.x == 1 ? point_before : point);
}

vec3 camera_point_after()
{
  return instance_place(6, deforms.y == 1 ? point_after : point);
}

vec3 camera_normal()
{
  /* Cofactors: the inverse transpose up to a factor whose sign the instance carries. */
  vec3 a = instance_row(0).xyz, b = instance_row(1).xyz, c = instance_row(2).xyz;
  return instance_row(9).y * vec3(dot(cross(b, c), normal), dot(cross(c, a), normal), dot(cross(a, b), normal));
}
"""

_TEXTURED_VERTEX = """
  scene_uv = vec4(uv, alpha_uv);
  scene_tint = tint;
  scene_object = instance_row(10);
  scene_mirrors = instance_row(9).y;
"""

_TEXTURED_FRAGMENT = """
vec4 texel(sampler2D picture, ivec2 where, ivec2 size, int extension)
{
  if (extension == 0) {
    where = ((where % size) + size) % size;
  }
  else if (extension == 1) {
    where = clamp(where, ivec2(0), size - 1);
  }
  else if (extension == 2) {
    if (any(lessThan(where, ivec2(0))) || any(greaterThanEqual(where, size))) {
      return vec4(0.0);
    }
  }
  else {
    ivec2 twice = 2 * size;
    where = ((where % twice) + twice) % twice;
    where = min(where, twice - 1 - where);
  }
  return texelFetch(picture, where, 0);
}

/* Bilinear by hand: exact at the edges of every extension, on every driver. In light, as EEVEE; Cycles mixes sRGB texels
   before it decodes them, and is the same elsewhere. */
vec4 look_up(sampler2D picture, vec2 at, vec4 row_u, vec4 row_v)
{
  int extension = int(row_u.w);
  ivec2 size = textureSize(picture, 0);
  vec2 place = vec2(dot(row_u.xyz, vec3(at, 1.0)), dot(row_v.xyz, vec3(at, 1.0)));
  if (extension == 0) {
    place = fract(place);
  }
  else if (extension == 3) {
    place = 2.0 * fract(place * 0.5);
  }
  else {
    place = clamp(place, -1.0, 2.0);
  }
  vec2 grid = place * vec2(size);
  vec4 found;
  if (row_v.w == 1.0 || row_v.w == 3.0) {
    found = texel(picture, ivec2(floor(grid)), size, extension);
  }
  else {
    grid -= 0.5;
    ivec2 low = ivec2(floor(grid));
    vec2 share = grid - floor(grid);
    vec4 below = mix(texel(picture, low, size, extension), texel(picture, low + ivec2(1, 0), size, extension), share.x);
    vec4 above = mix(texel(picture, low + ivec2(0, 1), size, extension),
                     texel(picture, low + ivec2(1, 1), size, extension), share.x);
    found = mix(below, above, share.y);
  }
  /* Float pictures and pictures with premultiplied alpha arrive premultiplied; colours are wanted straight. */
  if (row_v.w >= 2.0 && found.a > 0.0) {
    found.rgb /= found.a;
  }
  return found;
}

bool from_behind()
{
  return gl_FrontFacing == (scene_mirrors * facing < 0.0);
}

vec4 surface_tint()
{
  return surface.rows[9].w != 0.0 ? scene_object : scene_tint;
}

vec3 surface_color()
{
  vec4 picture = vec4(0.0);
  if (surface.rows[14].x != 0.0) {
    picture = look_up(color_picture, scene_uv.xy, surface.rows[10], surface.rows[11]);
    if (surface.rows[14].y != 0.0) {
      picture.a = 1.0;
    }
  }
  vec3 tint_color = surface_tint().rgb;
  vec3 opaque = surface.rows[0].rgb + surface.rows[1].rgb * picture.rgb + surface.rows[2].rgb * tint_color +
                surface.rows[3].rgb * picture.rgb * tint_color;
  vec3 covered = surface.rows[4].rgb + surface.rows[5].rgb * picture.rgb + surface.rows[6].rgb * tint_color +
                 surface.rows[7].rgb * picture.rgb * tint_color;
  return opaque + picture.a * covered;
}

bool surface_is_cut()
{
  if (surface.rows[14].w != 0.0 && facing != 0.0 && from_behind()) {
    return true;
  }
  float alpha = surface.rows[9].x + surface.rows[9].y * surface_tint().a;
  if (surface.rows[14].z != 0.0) {
    alpha += dot(surface.rows[8], look_up(alpha_picture, scene_uv.zw, surface.rows[12], surface.rows[13]));
  }
  return alpha < 0.5;
}
"""


_COMPONENTS = {"MAT4": "", "VEC4": "", "VEC3": ".xyz", "VEC2": ".xy", "FLOAT": ".x"}


@dataclass(frozen=True)
class SceneShader:
    """A shader that ``GpuScene.draw`` can draw with."""

    shader: GPUShader
    textured: bool
    constants: tuple[tuple[str, str], ...]

    def bind(self, values: Mapping[str, Any]) -> GPUUniformBuf | None:
        """Bind the shader with the values of its constants. Keep what is returned until all is drawn."""
        self.shader.bind()
        if not self.constants:
            return None
        rows = []
        for kind, name in self.constants:
            value = np.zeros(16 if kind == "MAT4" else 4, np.float32)
            given = np.asarray(values[name], np.float32)
            given = given.T if kind == "MAT4" else given
            value[: given.size] = given.reshape(-1)
            rows.append(value)
        block = GPUUniformBuf(np.concatenate(rows))
        self.shader.uniform_block("constants", block)
        return block


def scene_shader(
    name: str,
    *,
    vertex: str,
    fragment: str,
    outputs: Sequence[tuple[str, str]] = (),
    constants: Sequence[tuple[str, str]] = (),
    varyings: Sequence[tuple[str, str]] = (),
    flats: Sequence[tuple[str, str]] = (),
    textured: bool = False,
    writes_depth: bool = False,
) -> SceneShader:
    """Compile a shader from the bodies of its two ``main()``s.

    ``outputs``, ``constants`` (uniforms), ``varyings`` (vertex to fragment, smooth) and ``flats`` (not interpolated) are
    pairs of a type ("FLOAT", "VEC2", "VEC3", "VEC4", and for constants "MAT4") and a name. ``GpuScene.draw`` sets the
    constants, which lie in a uniform block. A shader that is ``textured`` may call the surface functions.
    Raises Exception with the compiler's message where the driver refuses it.
    """
    info = GPUShaderCreateInfo()
    structs = f"struct Places {{ vec4 rows[{ROWS * CHUNK}]; }};\nstruct SurfaceRows {{ vec4 rows[{SURFACE_ROWS}]; }};\n"
    info.uniform_buf(0, "Places", "places")
    for slot, (kind, attribute) in enumerate(
        (("VEC3", "point"), ("VEC3", "point_before"), ("VEC3", "point_after"), ("VEC3", "normal"))
    ):
        info.vertex_in(slot, kind, attribute)
    info.push_constant("INT", "first_instance")
    info.push_constant("IVEC2", "deforms")
    if constants:
        fields = " ".join(f"{'mat4' if kind == 'MAT4' else 'vec4'} {constant}_;" for kind, constant in constants)
        structs += f"struct Constants {{ {fields} }};\n"
        info.uniform_buf(2, "Constants", "constants")
        for kind, constant in constants:
            info.define(constant, f"(constants.{constant}_{_COMPONENTS[kind]})")
    info.typedef_source(structs)
    flat = GPUStageInterfaceInfo(f"{name}_flat")
    for kind, varying in flats:
        flat.flat(kind, varying)
    smooth = GPUStageInterfaceInfo(f"{name}_smooth")
    for kind, varying in varyings:
        smooth.smooth(kind, varying)
    lead = ""
    if textured:
        info.vertex_in(4, "VEC2", "uv")
        info.vertex_in(5, "VEC2", "alpha_uv")
        info.vertex_in(6, "VEC4", "tint")
        smooth.smooth("VEC4", "scene_uv")
        smooth.smooth("VEC4", "scene_tint")
        flat.flat("VEC4", "scene_object")
        flat.flat("FLOAT", "scene_mirrors")
        info.uniform_buf(1, "SurfaceRows", "surface")
        info.sampler(0, "FLOAT_2D", "color_picture")
        info.sampler(1, "FLOAT_2D", "alpha_picture")
        info.push_constant("INT", "material")
        info.push_constant("FLOAT", "facing")
        lead = _TEXTURED_VERTEX
    if varyings or textured:
        info.vertex_out(smooth)
    if flats or textured:
        info.vertex_out(flat)
    for slot, (kind, output) in enumerate(outputs):
        info.fragment_out(slot, kind, output)
    if writes_depth:
        compat.declare_depth_write(info)
    info.vertex_source(f"{_VERTEX}\nvoid main()\n{{\n{lead}\n{vertex}\n}}\n")
    functions = _TEXTURED_FRAGMENT if textured else ""
    info.fragment_source(f"{functions}\nvoid main()\n{{\n{fragment}\n}}\n")
    return SceneShader(gpu.shader.create_from_info(info), textured, tuple(constants))
