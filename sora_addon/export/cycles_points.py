"""From the triangle that each pixel shows to the geometric passes, in double precision. Numpy and images, no renderer.

Nothing of the shaders is used here, so that the two ways check each other.
"""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from ..contract import CameraRow, Size
from .gbuffer import Arrays
from .gpu_mesh import UNKNOWN, Moves
from .gpu_scene import MISSING, camera_from_world
from .picture_mean import image_pixels
from .sample import Doubles, Instance, Mesh, Sample
from .sky_motion import sky_motion
from .surface import Picture, Surface

Numbers = NDArray[np.int64]


def geometric_passes(
    instances: Numbers, triangles: Numbers, before: Sample, here: Sample, following: Sample, size: Size, seconds: float
) -> Arrays:
    """(height, width) arrays by channel name, depth.Z to base_color.B.

    ``instances`` (height, width) are places in ``here.instances``, -1 where nothing is; ``triangles`` go with them.
    ``seconds``: how long a frame lasts, for meshes whose motion is a velocity.
    """
    shape = (size.height, size.width)
    depth = np.full(shape, np.inf)
    normal, motion, base = np.zeros((*shape, 3)), np.zeros((*shape, 4)), np.zeros((*shape, 3))
    body, material = np.zeros(shape, np.uint32), np.zeros(shape, np.uint32)
    others = [{one.identity: one for one in sample.instances} for sample in (before, following)]
    pictures: dict[Picture, Doubles] = {}
    nothing = instances < 0
    for number in np.unique(instances[~nothing]):
        instance = here.instances[number]
        if instance.holdout:
            nothing = nothing | (instances == number)
            continue
        where = np.nonzero(instances == number)
        hits = _Hits(instance, triangles[where], here.camera, where)
        depth[where], normal[where] = hits.point[:, 2], hits.normal()
        body[where], material[where] = instance.body, hits.materials
        motion[where] = _motion(hits, [other.get(instance.identity) for other in others], before, following, seconds)
        for index in np.unique(hits.materials):
            chosen = hits.materials == index
            surface = here.surfaces.get(int(index), MISSING)
            base[where[0][chosen], where[1][chosen]] = hits.color(surface, chosen, pictures)
    motion[nothing] = sky_motion(here.camera, before.camera, following.camera, nothing)
    return {
        "depth.Z": depth,
        **{f"normal.{letter}": normal[..., i] for i, letter in enumerate("XYZ")},
        "to_next.X": motion[..., 0],
        "to_next.Y": motion[..., 1],
        "from_previous.X": motion[..., 2],
        "from_previous.Y": motion[..., 3],
        "body.ID": body,
        "material.ID": material,
        **{f"base_color.{letter}": base[..., i] for i, letter in enumerate("RGB")},
    }


class _Hits:
    """Where the rays through pixel centres meet the planes of an instance's triangles. N pixels."""

    def __init__(self, instance: Instance, triangles: Numbers, camera: CameraRow, where: tuple[Numbers, ...]) -> None:
        self.instance, self.triangles = instance, triangles
        self.u, self.v = where[1] + 0.5, where[0] + 0.5
        mesh = instance.mesh
        self.corners = mesh.corners[triangles]
        self.materials = mesh.materials[triangles]
        self.place = camera_from_world(camera) @ instance.world
        a, b, c = np.moveaxis(_placed(mesh, self.corners, self.place), 1, 0)
        across = np.stack([(self.u - camera.cx) / camera.fx, (self.v - camera.cy) / camera.fy], 1)
        if camera.kind == "orthographic":
            origin = np.pad(across, ((0, 0), (0, 1)))
            ray = np.broadcast_to([0.0, 0.0, 1.0], origin.shape)
        else:
            origin = np.zeros((len(across), 3))
            ray = np.pad(across, ((0, 0), (0, 1)), constant_values=1.0)
        flat = np.cross(b - a, c - a)
        self.point = origin + ray * (_dot(flat, a - origin) / _dot(flat, ray))[:, None]
        share_a = _dot(flat, np.cross(c - b, self.point - b)) / _dot(flat, flat)
        share_b = _dot(flat, np.cross(a - c, self.point - c)) / _dot(flat, flat)
        self.shares = np.stack([share_a, share_b, 1.0 - share_a - share_b], 1)
        outward = flat * np.sign(np.linalg.det(self.place[:3, :3]))
        self.behind = _dot(outward, ray) > 0.0

    def normal(self) -> Doubles:
        """(N, 3) in camera axes, towards the camera."""
        local = self.inside(self.instance.mesh.normals[self.triangles])
        turned = local @ np.linalg.inv(self.place[:3, :3])
        turned /= np.linalg.norm(turned, axis=1, keepdims=True)
        return np.where(self.behind[:, None], -turned, turned)

    def inside(self, values: NDArray[np.floating]) -> Doubles:
        """(N, k) of (N, 3, k) at the corners."""
        return np.asarray(np.einsum("nc,nck->nk", self.shares, values.astype(np.float64)), np.float64)

    def color(self, surface: Surface, chosen: NDArray[np.bool_], pictures: dict[Picture, Doubles]) -> Doubles:
        """(N', 3) base colour of the ``chosen`` pixels, as ``Surface`` defines it."""
        picture, alpha = np.zeros((int(chosen.sum()), 3)), np.zeros((int(chosen.sum()), 1))
        if surface.picture is not None:
            uvs = self.instance.mesh.uvs
            name = surface.picture.uv or next(iter(uvs), None)
            uv = self.inside(uvs[name][self.triangles])[chosen] if name in uvs else np.zeros((len(picture), 2))
            found = _look_up(surface.picture, uv, pictures)
            picture, alpha = found[:, :3], found[:, 3:]
        if surface.object_color:
            tint = np.broadcast_to(self.instance.color[:3], picture.shape)
        else:
            colors = self.instance.mesh.colors
            name = surface.attribute or next(iter(colors), None)
            tint = self.inside(colors[name][self.triangles])[chosen, :3] if name in colors else np.zeros(picture.shape)
        plain, pictured, tinted, both, *covered = (np.array(term) for term in surface.terms)
        opaque = plain + pictured * picture + tinted * tint + both * picture * tint
        shared = covered[0] + covered[1] * picture + covered[2] * tint + covered[3] * picture * tint
        return opaque + alpha * shared


def _motion(hits: _Hits, others: list[Instance | None], before: Sample, following: Sample, seconds: float) -> Doubles:
    """(N, 4) to_next and from_previous, pixels; NaN where unknown."""
    earlier, later = others
    moves = Moves.of(hits.instance.mesh, earlier and earlier.mesh, later and later.mesh, seconds)
    result = np.full((len(hits.point), 4), np.nan)
    for kind, points, other, camera, first, sign in (
        (moves.after, moves.points_after, later, following.camera, 0, 1.0),
        (moves.before, moves.points_before, earlier, before.camera, 2, -1.0),
    ):
        if kind == UNKNOWN or other is None:
            continue
        mesh = hits.instance.mesh
        local = (mesh.points if points is None else points)[hits.corners]
        place = camera_from_world(camera) @ other.world
        moved = hits.inside(local) @ place[:3, :3].T + place[:3, 3]
        scale = 1.0 if camera.kind == "orthographic" else np.where(moved[:, 2] > 0.0, moved[:, 2], np.nan)
        result[:, first] = sign * (moved[:, 0] / scale * camera.fx + camera.cx - hits.u)
        result[:, first + 1] = sign * (moved[:, 1] / scale * camera.fy + camera.cy - hits.v)
    return result


def _placed(mesh: Mesh, corners: NDArray[np.int32], place: Doubles) -> Doubles:
    return mesh.points[corners].astype(np.float64) @ place[:3, :3].T + place[:3, 3]


def _dot(a: NDArray[np.floating], b: NDArray[np.floating]) -> Doubles:
    return np.asarray(np.einsum("ni,ni->n", a, b), np.float64)


def _look_up(picture: Picture, uv: Doubles, pictures: dict[Picture, Doubles]) -> Doubles:
    """(N, 4) straight scene-linear colour and alpha of a picture at (N, 2) coordinates of the mesh."""
    image = bpy.data.images[picture.name, picture.library] if picture.library else bpy.data.images[picture.name]
    if picture not in pictures:
        pictures[picture] = image_pixels(image)
    pixels = pictures[picture]
    height, width = pixels.shape[:2]
    a, b, c, d, e, f = picture.place
    grid = np.stack([a * uv[:, 0] + b * uv[:, 1] + c, d * uv[:, 0] + e * uv[:, 1] + f], 1) * (width, height)
    if picture.closest:
        found = _texels(pixels, np.floor(grid).astype(np.int64), picture)
    else:
        low = np.floor(grid - 0.5).astype(np.int64)
        share = grid - 0.5 - low
        found = np.zeros((len(uv), 4))
        for i, j in ((0, 0), (1, 0), (0, 1), (1, 1)):
            weight = (share[:, 0] if i else 1.0 - share[:, 0]) * (share[:, 1] if j else 1.0 - share[:, 1])
            found += weight[:, None] * _texels(pixels, low + np.array([i, j]), picture)
    if image.is_float:  # those arrive multiplied by their alpha
        found[:, :3] /= np.where(found[:, 3:] > 0.0, found[:, 3:], 1.0)
    if picture.ignores_alpha:
        found[:, 3] = 1.0
    return found


def _texels(pixels: Doubles, at: Numbers, picture: Picture) -> Doubles:
    size = np.array(pixels.shape[1::-1])
    outside = ((at < 0) | (at >= size)).any(axis=1) & (picture.extension == "CLIP")
    if picture.extension == "REPEAT":
        at = at % size
    elif picture.extension == "MIRROR":
        at = at % (2 * size)
        at = np.minimum(at, 2 * size - 1 - at)
    at = np.clip(at, 0, size - 1)
    found = pixels[at[:, 1], at[:, 0]].copy()
    found[outside] = 0.0
    return found
