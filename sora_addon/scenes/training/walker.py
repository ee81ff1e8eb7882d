"""A figure of capsules on an armature that walks across the stage."""

from __future__ import annotations

import math

import bpy
import numpy as np

from ... import compat
from ..shapes import Point, solid
from ..stage import glide
from .stuff import stuff

HIP, KNEE, SOLE, SHOULDER, HEAD = 0.92, 0.48, 0.06, 1.42, 1.62
"""Metres above the ground."""
SIDES = {"L": 0.1, "R": -0.1}


def walker(scene: bpy.types.Scene, frames: int, draw: np.random.Generator, *, y: float) -> bpy.types.Object:
    """The figure's skin; it crosses the origin along x about the middle of the scene. Its feet land on whole frames."""
    rig = _skeleton(scene)
    skin = _skin(scene, rig, draw)
    _gait(
        rig,
        frames,
        half=int(draw.integers(10, 14)),
        stride=float(draw.uniform(0.55, 0.75)),
        lift=float(draw.uniform(0.09, 0.16)),
    )
    rig.location.y = y
    if draw.random() < 0.5:
        rig.rotation_euler.z = math.pi
    return skin


def _skeleton(scene: bpy.types.Scene) -> bpy.types.Object:
    """It looks along x. Feet are controls that the shins reach for; bones of controls lie along y."""
    data = bpy.data.armatures.new("Figure bones")
    rig = bpy.data.objects.new("Figure bones", data)
    scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bones: list[tuple[str, Point, Point, str | None]] = [
        ("hips", (0.0, 0.0, HIP), (0.0, 0.3, HIP), None),
        ("spine", (0.0, 0.0, HIP), (0.0, 0.0, SHOULDER), "hips"),
        ("head", (0.0, 0.0, SHOULDER + 0.06), (0.0, 0.0, HEAD + 0.14), "spine"),
    ]
    for side, y in SIDES.items():
        bones += [
            (f"thigh.{side}", (0.0, y, HIP), (0.03, y, KNEE), "hips"),
            (f"shin.{side}", (0.03, y, KNEE), (0.0, y, SOLE), f"thigh.{side}"),
            (f"foot.{side}", (0.0, y, SOLE), (0.0, y + 0.2, SOLE), None),
            (f"arm.{side}", (0.0, y * 2.2, SHOULDER), (-0.02, y * 2.4, SHOULDER - 0.3), "spine"),
            (f"fore.{side}", (-0.02, y * 2.4, SHOULDER - 0.3), (0.04, y * 2.4, SHOULDER - 0.56), f"arm.{side}"),
        ]
    for name, head, tail, parent in bones:
        bone = data.edit_bones.new(name)
        bone.head, bone.tail = head, tail
        if parent is not None:
            bone.parent = data.edit_bones[parent]
    bpy.ops.object.mode_set(mode="OBJECT")
    for side in SIDES:
        reach = rig.pose.bones[f"shin.{side}"].constraints.new("IK")
        reach.target, reach.subtarget, reach.chain_count = rig, f"foot.{side}", 2
    for bone in rig.pose.bones:
        bone.rotation_mode = "XYZ"
    return rig


def _skin(scene: bpy.types.Scene, rig: bpy.types.Object, draw: np.random.Generator) -> bpy.types.Object:
    """One mesh: a capsule a bone, each held by its bone alone; skin, coat and trousers."""
    limbs: list[tuple[str, Point, Point, float, int]] = [
        ("spine", (0.0, 0.0, HIP + 0.02), (0.0, 0.0, SHOULDER - 0.06), 0.165, 1),
        ("hips", (0.0, -0.06, HIP), (0.0, 0.06, HIP), 0.14, 2),
        ("head", (0.02, 0.0, HEAD - 0.02), (0.02, 0.0, HEAD + 0.06), 0.115, 0),
    ]
    for side, y in SIDES.items():
        limbs += [
            (f"thigh.{side}", (0.0, y, HIP - 0.05), (0.03, y, KNEE), 0.085, 2),
            (f"shin.{side}", (0.03, y, KNEE), (0.0, y, SOLE + 0.06), 0.062, 2),
            (f"foot.{side}", (-0.03, y, SOLE - 0.005), (0.14, y, SOLE - 0.005), 0.055, 3),
            (f"arm.{side}", (0.0, y * 2.2, SHOULDER - 0.03), (-0.02, y * 2.4, SHOULDER - 0.3), 0.06, 1),
            (f"fore.{side}", (-0.02, y * 2.4, SHOULDER - 0.3), (0.04, y * 2.4, SHOULDER - 0.58), 0.048, 0),
        ]
    points: list[Point] = []
    faces: list[tuple[int, ...]] = []
    kinds: list[int] = []
    held: list[tuple[str, range]] = []
    for bone, start, end, radius, kind in limbs:
        capsule, sides = _capsule(start, end, radius)
        first = len(points)
        points += capsule
        faces += [tuple(first + corner for corner in side) for side in sides]
        kinds += [kind] * len(sides)
        held.append((bone, range(first, len(points))))
    clothes = [stuff("wax", draw), stuff("cloth", draw), stuff("cloth", draw), stuff("rubber", draw)]
    skin = solid(scene, "Figure", points, faces, clothes[0], tile=0.5, smooth=True)
    for material in clothes[1:]:
        skin.data.materials.append(material)
    skin.data.polygons.foreach_set("material_index", kinds)
    for bone, corners in held:
        skin.vertex_groups.new(name=bone).add(list(corners), 1.0, "REPLACE")
    skin.modifiers.new("bones", "ARMATURE").object = rig
    skin.parent = rig
    return skin


def _capsule(
    start: Point, end: Point, radius: float, around: int = 14, caps: int = 4
) -> tuple[list[Point], list[tuple[int, ...]]]:
    a, b = np.array(start), np.array(end)
    axis = (b - a) / np.linalg.norm(b - a)
    side = np.cross(axis, (0.0, 1.0, 0.0) if abs(axis[1]) < 0.9 else (1.0, 0.0, 0.0))
    side /= np.linalg.norm(side)
    up = np.cross(axis, side)
    rings = [(a, t) for t in np.linspace(-math.pi / 2, 0.0, caps + 1)[1:]] + [
        (b, t) for t in np.linspace(0.0, math.pi / 2, caps + 1)[:-1]
    ]
    points: list[Point] = [tuple(a - axis * radius)]
    for middle, t in rings:
        for step in range(around):
            turn = math.tau * step / around
            out = side * math.cos(turn) + up * math.sin(turn)
            points.append(tuple(middle + axis * radius * math.sin(t) + out * radius * math.cos(t)))
    points.append(tuple(b + axis * radius))
    last = len(points) - 1
    faces: list[tuple[int, ...]] = []
    for step in range(around):
        after = (step + 1) % around
        faces.append((0, 1 + after, 1 + step))
        for ring in range(len(rings) - 1):
            low, high = 1 + ring * around, 1 + (ring + 1) * around
            faces.append((low + step, low + after, high + after, high + step))
        faces.append((last, last - around + step, last - around + after))
    return points, faces


def _gait(rig: bpy.types.Object, frames: int, *, half: int, stride: float, lift: float) -> None:
    """Keys: feet by turns, hips evenly between them, arms against the legs."""
    steps = frames // half + 2
    start = -stride / 2 * steps / 2
    hips = rig.pose.bones["hips"]
    for frame in range(1 - half, frames + 2 * half, max(half // 2, 1)):
        phase = (frame - 1) / half
        _put(hips, start + stride / 2 * phase, 0.025 * math.cos(math.tau * phase) - 0.035, frame)
        for side, sign in (("L", 1.0), ("R", -1.0)):
            arm = rig.pose.bones[f"arm.{side}"]
            arm.rotation_euler.x = sign * 0.45 * math.sin(math.pi * phase)
            arm.keyframe_insert("rotation_euler", frame=frame)
    for side, odd in (("L", 0), ("R", 1)):
        foot = rig.pose.bones[f"foot.{side}"]
        x = start + stride / 2 * (odd - 1)
        _put(foot, x, 0.0, 1 - half)
        for step in range(-1 + ((odd + 1) % 2), steps, 2):
            up, down = 1 + half * step, 1 + half * (step + 1)
            _put(foot, x, 0.0, up)
            _put(foot, x + stride / 2, lift, up + half // 2)
            x += stride
            _put(foot, x, 0.0, down)
    glide(rig, "LINEAR")
    for curve in compat.fcurves(rig):
        if "foot" in curve.data_path and curve.array_index == 2:
            for key in curve.keyframe_points:
                key.interpolation = "QUAD"
                key.easing = "EASE_IN" if key.co.y > 0.0 else "EASE_OUT"


def _put(bone: bpy.types.PoseBone, x: float, z: float, frame: int) -> None:
    """Bones of controls lie along y, so their own axes are the armature's."""
    bone.location = (x, 0.0, z)
    bone.keyframe_insert("location", frame=frame)
