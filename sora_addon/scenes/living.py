"""Small scenes of many or of jointed things: a walker, rain."""

from __future__ import annotations

import bpy
from mathutils import Vector

from .. import compat
from .expected import Expected, Happenings
from .meetings import studio
from .shapes import Point, ball, sheet
from .stage import FPS, camera, glide
from .surfaces import surface

STRIDE, HALF = 0.6, 12
"""Metres that a foot goes forward in a step, and the frames from one foot's landing to the other's."""
HIP, SOLE = 0.86, 0.05
LEGS = {"L": 0.11, "R": -0.11}


def walk(scene: bpy.types.Scene) -> Happenings:
    """A jointed figure walks four steps along y on stone; each foot comes down at speed on a whole frame."""
    studio(scene, 61)
    camera(scene, [(1, (3.4, 0.6, 1.2), (0.0, 0.6, 0.7))], name="Side")
    rig = _skeleton(scene)
    _skin(scene, rig)
    landings = _gait(rig)
    return tuple(Expected("step", (frame - 1) / FPS, ("Walker", "Floor")) for frame in landings)


def rain(scene: bpy.types.Scene) -> Happenings:
    """Drops fall 2 m onto a stone floor and a steel sheet, a second and a half of them."""
    studio(scene, 48)
    water = surface("Water", (0.3, 0.4, 0.45), roughness=0.05)
    tin = sheet(scene, "Steel sheet", (0.7, 0.7), surface("Steel", (0.6, 0.6, 0.62), metallic=1.0), at=(0.5, 0.0, 0.25))
    drop = ball(scene, "Water drop", 1.0, water, at=(0.0, 0.0, -3.0), segments=12)
    drop.hide_render = drop.hide_viewport = True
    for thing in (tin, scene.objects["Floor"]):
        thing.modifiers.new("wet", "COLLISION")
        thing.collision.use_particle_kill = True
    cloud = sheet(scene, "Water rain", (1.8, 1.2), water, at=(0.0, 0.0, 2.0))
    cloud.modifiers.new("rain", "PARTICLE_SYSTEM")
    cloud.show_instancer_for_render = cloud.show_instancer_for_viewport = False
    settings = cloud.particle_systems[0].settings
    settings.count, settings.frame_start, settings.frame_end, settings.lifetime = 60, 1, 36, 60
    settings.normal_factor, settings.distribution = 0.0, "RAND"
    settings.render_type, settings.instance_object = "OBJECT", drop
    settings.particle_size, settings.size_random = 0.012, 0.3
    return ()


def _skeleton(scene: bpy.types.Scene) -> bpy.types.Object:
    """Bones of hips, thighs, shins and feet, and a control for each foot that shins reach for. Bones of controls lie
    along y, so that their own axes are the armature's."""
    data = bpy.data.armatures.new("Walker bones")
    rig = bpy.data.objects.new("Walker bones", data)
    scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bones: list[tuple[str, Point, Point, str | None]] = [("hips", (0.0, 0.0, HIP), (0.0, 0.0, HIP + 0.55), None)]
    for side, x in LEGS.items():
        knee = (x, 0.05, (HIP + SOLE) / 2)
        ankle = (x, 0.0, SOLE)
        bones += [
            (f"thigh.{side}", (x, 0.0, HIP), knee, "hips"),
            (f"shin.{side}", knee, ankle, f"thigh.{side}"),
            (f"foot.{side}", ankle, (x, 0.2, SOLE), None),
        ]
    for name, head, tail, parent in bones:
        bone = data.edit_bones.new(name)
        bone.head, bone.tail = head, tail
        if parent is not None:
            bone.parent = data.edit_bones[parent]
    bpy.ops.object.mode_set(mode="OBJECT")
    for side in LEGS:
        reach = rig.pose.bones[f"shin.{side}"].constraints.new("IK")
        reach.target, reach.subtarget, reach.chain_count = rig, f"foot.{side}", 2
    return rig


def _skin(scene: bpy.types.Scene, rig: bpy.types.Object) -> None:
    """One mesh, a box a bone, each held by its bone alone."""
    boxes: dict[str, tuple[Point, Point]] = {"hips": ((-0.17, -0.1, HIP - 0.06), (0.17, 0.1, HIP + 0.6))}
    for side, x in LEGS.items():
        middle = (HIP + SOLE) / 2
        boxes[f"thigh.{side}"] = ((x - 0.07, -0.06, middle), (x + 0.07, 0.09, HIP))
        boxes[f"shin.{side}"] = ((x - 0.05, -0.05, SOLE + 0.01), (x + 0.05, 0.07, middle))
        boxes[f"foot.{side}"] = ((x - 0.05, -0.06, 0.0), (x + 0.05, 0.2, SOLE + 0.03))
    sides = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (1, 3, 7, 5), (3, 2, 6, 7), (2, 0, 4, 6)]
    mesh = bpy.data.meshes.new("Walker")
    points, faces = [], []
    for i, (low, high) in enumerate(boxes.values()):
        points += [tuple((low, high)[k >> axis & 1][axis] for axis in range(3)) for k in range(8)]
        faces += [tuple(8 * i + corner for corner in side) for side in sides]
    mesh.from_pydata(points, [], faces)
    mesh.materials.append(surface("Body skin", (0.55, 0.33, 0.24)))
    skin = bpy.data.objects.new("Walker", mesh)
    scene.collection.objects.link(skin)
    for i, name in enumerate(boxes):
        skin.vertex_groups.new(name=name).add(list(range(8 * i, 8 * i + 8)), 1.0, "REPLACE")
    skin.modifiers.new("bones", "ARMATURE").object = rig
    skin.parent = rig


def _gait(rig: bpy.types.Object) -> list[int]:
    """Keys for the walk; returns the frames on which a foot lands."""
    hips = rig.pose.bones["hips"]
    steps = 4
    for frame in (1, 1 + HALF * (steps + 1)):
        hips.location = _hip_place(frame)
        hips.keyframe_insert("location", frame=frame)
    landings = []
    for side, first in (("L", 0), ("R", 1)):
        foot = rig.pose.bones[f"foot.{side}"]
        y = 0.0
        _key(foot, 1, y, 0.0)
        for step in range(first, steps, 2):
            lift = 1 + HALF * step
            land = lift + HALF
            forward = STRIDE / 2 if step == 0 else STRIDE
            _key(foot, lift, y, 0.0)
            _key(foot, lift + HALF // 2, y + forward / 2, 0.12)
            y += forward
            _key(foot, land, y, 0.0)
            landings.append(land)
    glide(rig, "LINEAR")
    _hop(rig)
    return sorted(landings)


def _hip_place(frame: int) -> Vector:
    """In the bone's own axes: it stands upright, so its y is up and its z is back."""
    return Vector((0.0, -0.05, -STRIDE / 2 * (frame - 1) / HALF * 0.8))


def _key(foot: bpy.types.PoseBone, frame: int, y: float, z: float) -> None:
    foot.location = (0.0, y, z)
    foot.keyframe_insert("location", frame=frame)


def _hop(rig: bpy.types.Object) -> None:
    """Feet rise and fall as if thrown, so that they come down at speed."""
    for curve in compat.fcurves(rig):
        if "foot" in curve.data_path and curve.array_index == 2:
            for key in curve.keyframe_points:
                key.interpolation = "QUAD"
                key.easing = "EASE_IN" if key.co.y > 0.0 else "EASE_OUT"
