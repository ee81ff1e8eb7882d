"""The camera at a frame, as the render sees it: markers, parents, constraints, shift and lens animation included."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..contract import CameraRow, Size, matrix
from .sample import Doubles

_OPENCV_FROM_BLENDER = np.diag([1.0, -1.0, -1.0, 1.0])


class CameraError(ValueError):
    """The scene has no camera that a shot can be made with."""


def camera_at(scene: Any, frame: float) -> Any:
    """The original camera object that ``frame`` is seen through. Raises CameraError where the scene has none.

    As ``BKE_scene_camera_switch_find``: the last marker at or before the frame that binds a camera, before the first
    one that first; cameras hidden in render do not count.
    """
    bound = [marker for marker in scene.timeline_markers if marker.camera and not marker.camera.hide_render]
    past = [marker for marker in bound if marker.frame <= frame]
    if past:
        camera = max(past, key=lambda marker: marker.frame).camera
    elif bound:
        camera = min(bound, key=lambda marker: marker.frame).camera
    else:
        camera = scene.camera
    if camera is None:
        raise CameraError(f"The scene {scene.name!r} has no camera; add one and make it active")
    if camera.type != "CAMERA":
        raise CameraError(f"The active camera {camera.name!r} is not a camera object; make a camera active")
    return camera


def camera_row(scene: Any, depsgraph: Any, camera: Any, size: Size, unit: float) -> CameraRow:
    """The row of ``camera`` (an original object) in an evaluated scene; ``unit`` is the metres of a Blender unit.

    Raises CameraError for panoramic and custom cameras.
    """
    seen = camera.evaluated_get(depsgraph)
    data = seen.data
    if data.type not in ("PERSP", "ORTHO"):
        raise CameraError(f"The camera {camera.name!r} is {data.type.lower()}; make it perspective or orthographic")
    world = rigid(np.array(seen.matrix_world, np.float64)) @ _OPENCV_FROM_BLENDER
    world[:3, 3] *= unit
    # As BKE_camera_params_compute_viewplane: the sensor spans the longer side of the picture as shown, or the chosen one.
    tall = 1.0 / size.pixel_aspect
    fits_width = data.sensor_fit == "HORIZONTAL" or (
        data.sensor_fit == "AUTO" and size.width * size.pixel_aspect >= size.height
    )
    span = float(size.width) if fits_width else tall * size.height
    sensor = data.sensor_height if data.sensor_fit == "VERTICAL" else data.sensor_width
    if data.type == "PERSP":
        fx = data.lens * span / sensor
    else:
        fx = span / (data.ortho_scale * unit)
    return CameraRow(
        camera=camera.name,
        kind="perspective" if data.type == "PERSP" else "orthographic",
        world=matrix(world.reshape(-1)),
        fx=fx,
        fy=fx / tall,
        cx=size.width / 2 - data.shift_x * span,
        cy=size.height / 2 + data.shift_y * span / tall,
        near=data.clip_start * unit,
        far=data.clip_end * unit,
        focus_distance=_focus_distance(data.dof, depsgraph, world, unit),
        f_stop=float(data.dof.aperture_fstop) if data.dof.use_dof else None,
        shutter=float(scene.render.motion_blur_shutter) if scene.render.use_motion_blur else 0.0,
    )


def rigid(matrix: Doubles) -> Doubles:
    """``matrix`` (4, 4) without scale: each axis made unit long, as Blender renders; shear and mirroring stay.

    Axes that are square to each other within float32 are made exactly so (the nearest rotation, by SVD).
    """
    result = np.array(matrix, np.float64)
    lengths = np.linalg.norm(result[:3, :3], axis=0)
    result[:3, :3] /= np.where(lengths > 0.0, lengths, 1.0)
    left, stretches, right = np.linalg.svd(result[:3, :3])
    if np.abs(stretches - 1.0).max() < 1e-4:
        result[:3, :3] = left @ right
    return result


def _focus_distance(dof: Any, depsgraph: Any, world: Doubles, unit: float) -> float:
    if dof.focus_object is None:
        return float(dof.focus_distance) * unit
    target = dof.focus_object.evaluated_get(depsgraph).matrix_world
    if dof.focus_subtarget and dof.focus_object.type == "ARMATURE":
        bone = dof.focus_object.evaluated_get(depsgraph).pose.bones.get(dof.focus_subtarget)
        target = target @ bone.matrix if bone is not None else target
    away = np.array(target.translation, np.float64) * unit - world[:3, 3]
    return math.fabs(float(away @ world[:3, 2]))
