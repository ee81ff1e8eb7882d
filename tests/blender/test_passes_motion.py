"""Where each point goes and where it came from: against Cycles, and in closed form where Cycles has no word."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest
from export_scenes import add, add_camera, box_mesh, empty_scene, grid_mesh
from passes_truth import assert_same, looks_at, painted, rendered

pytestmark = pytest.mark.bpy


def stage() -> Any:
    """A floor before a camera that moves and turns."""
    scene = empty_scene()
    camera = add_camera(scene)
    for frame, x in ((1, 0.8), (3, 1.2)):
        looks_at(camera, (x, -6.0, 2.5), (0.1 * x, 0.0, 0.5))
        camera.keyframe_insert("location", frame=frame)
        camera.keyframe_insert("rotation_euler", frame=frame)
    add(scene, "Floor", grid_mesh(2, 5.0))
    return scene


def moving(thing: Any) -> Any:
    """Along, around, and growing."""
    for frame in (1, 3):
        thing.location.x += 0.2
        thing.rotation_euler = (0.1 * frame, 0.05, 0.2 * frame)
        thing.scale = (1.0, 1.0 + 0.05 * frame, 1.0)
        for path in ("location", "rotation_euler", "scale"):
            thing.keyframe_insert(path, frame=frame)
    return thing


def test_rigid_things_parents_and_a_moving_camera() -> None:
    scene = stage()
    box = moving(add(scene, "Box", box_mesh(1.0), (-1.5, 0.0, 0.7)))
    child = add(scene, "Child", box_mesh(0.5), (0.0, 0.0, 1.0))
    child.parent = box
    held = add(scene, "Held", box_mesh(0.6), (2.0, 0.0, 0.5))
    held.constraints.new("COPY_ROTATION").target = box
    assert_same(painted(scene).picture, rendered(scene), ["Box", "Child", "Held", "Floor"], motion=True)


def test_shape_keys() -> None:
    scene = stage()
    thing = moving(add(scene, "Soft", box_mesh(1.4), (0.0, 0.0, 0.8)))
    thing.shape_key_add(name="Basis")
    key = thing.shape_key_add(name="Bent")
    for point in key.data:
        point.co.x += point.co.z * 0.6
    for frame, value in ((1, 0.0), (2, 0.6), (3, 0.7)):
        key.value = value
        key.keyframe_insert("value", frame=frame)
    assert_same(painted(scene).picture, rendered(scene), ["Soft", "Floor"], motion=True)


def test_armatures() -> None:
    scene = stage()
    bones = bpy.data.armatures.new("Bones")
    rig = add(scene, "Rig", bones)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    low, high = bones.edit_bones.new("low"), bones.edit_bones.new("high")
    low.head, low.tail, high.head, high.tail = (0, 0, 0), (0, 0, 0.9), (0, 0, 0.9), (0, 0, 1.8)
    high.parent = low
    bpy.ops.object.mode_set(mode="OBJECT")
    limb = add(scene, "Limb", box_mesh(1.0), (0.0, 0.0, 0.9))
    limb.scale = (0.8, 0.8, 1.8)
    limb.modifiers.new("Subdivision", "SUBSURF").subdivision_type = "SIMPLE"
    limb.modifiers["Subdivision"].render_levels = limb.modifiers["Subdivision"].levels = 2
    limb.modifiers.new("Armature", "ARMATURE").object = rig
    for name, side in (("low", -1), ("high", 1)):
        group = limb.vertex_groups.new(name=name)
        group.add([v.index for v in limb.data.vertices if v.co.z * side > 0], 1.0, "REPLACE")
    bone = rig.pose.bones["high"]
    bone.rotation_mode = "XYZ"
    for frame, angle in ((1, 0.0), (2, 0.3), (3, 0.5)):
        bone.rotation_euler = (angle, 0.0, angle)
        bone.keyframe_insert("rotation_euler", frame=frame)
    assert_same(painted(scene).picture, rendered(scene), ["Limb", "Floor"], motion=True)


def test_instances_of_a_collection_and_of_particles() -> None:
    scene = stage()
    flock = bpy.data.collections.new("Flock")
    moving(bpy.data.objects.new("Block", box_mesh(0.6)))
    flock.objects.link(bpy.data.objects["Block"])
    empty = moving(add(scene, "Empty", None, (-1.5, 0.0, 0.8)))
    empty.instance_type, empty.instance_collection = "COLLECTION", flock
    host = add(scene, "Spray", grid_mesh(2, 0.8), (1.5, 0.0, 0.4))
    host.modifiers.new("Particles", "PARTICLE_SYSTEM")
    settings = host.particle_systems[0].settings
    settings.count, settings.render_type = 8, "OBJECT"
    settings.instance_object = add(scene, "Pebble", box_mesh(0.4), (0.0, 0.0, -5.0))
    settings.particle_size, settings.frame_start, settings.frame_end, settings.lifetime = 1.0, -5, -5, 50
    settings.normal_factor = 3.0
    scene.frame_set(-5)
    for frame in range(-4, 2):
        scene.frame_set(frame)
    ours, truth = painted(scene).picture, rendered(scene)
    spray = (ours.names == "Spray") & (truth.names == "Pebble")
    assert spray.sum() > 20
    ours.names[spray] = "Pebble"
    assert np.abs(ours.to_next[spray]).max() > 1.0
    assert_same(ours, truth, ["Block"], motion=True)


def grown(name: str, *, told: bool) -> Any:
    """A square that moves a metre a second along x and is cut finer in every frame; ``told``: with its velocity."""
    host = bpy.data.objects.new(name, grid_mesh(1, 1.0))
    tree = bpy.data.node_groups.new(name, "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    nodes, links = tree.nodes, tree.links
    time, grid, move = (
        nodes.new(kind) for kind in ("GeometryNodeInputSceneTime", "GeometryNodeMeshGrid", "GeometryNodeTransform")
    )
    more = nodes.new("ShaderNodeMath")
    more.inputs[1].default_value = 3.0
    links.new(time.outputs["Frame"], more.inputs[0])
    for name_ in ("Vertices X", "Vertices Y"):
        links.new(more.outputs[0], grid.inputs[name_])
    place = nodes.new("ShaderNodeCombineXYZ")
    links.new(time.outputs["Seconds"], place.inputs[0])
    links.new(place.outputs[0], move.inputs["Translation"])
    links.new(grid.outputs[0], move.inputs["Geometry"])
    end = move.outputs[0]
    if told:
        store = nodes.new("GeometryNodeStoreNamedAttribute")
        store.data_type, store.domain = "FLOAT_VECTOR", "POINT"
        store.inputs["Name"].default_value = "velocity"
        store.inputs["Value"].default_value = (1.0, 0.0, 0.0)
        links.new(end, store.inputs["Geometry"])
        end = store.outputs[0]
    links.new(end, nodes.new("NodeGroupOutput").inputs[0])
    host.modifiers.new("Nodes", "NODES").node_group = tree
    return host


@pytest.mark.parametrize("by", ["gpu", "cycles"])
def test_topology_that_changes_moves_as_its_velocity_says_or_unknown(by: str) -> None:
    scene = empty_scene()
    add_camera(scene, (0.0, 0.0, 6.0)).rotation_euler = (0.0, 0.0, 0.0)
    for name, y, told in (("Told", 1.0, True), ("Untold", -1.0, False)):
        thing = grown(name, told=told)
        thing.location = (0.0, y, 0.0)
        scene.collection.objects.link(thing)
    ours = painted(scene, by=by)
    sizes = [len(sample.instances[0].mesh.points) for sample in ours.samples]
    assert sizes == [16, 25, 36]
    told, untold = ours.picture.names == "Told", ours.picture.names == "Untold"
    assert min(told.sum(), untold.sum()) > 100
    pixels = ours.samples[1].camera.fx / 6.0 / scene.render.fps
    for motion in (ours.picture.to_next, ours.picture.from_previous):
        assert np.abs(motion[told] - (pixels, 0.0)).max() < 0.01
        assert np.isnan(motion[untold]).all()


def test_what_comes_and_goes_has_no_motion_there() -> None:
    scene = stage()
    for name, x, hidden in (("Comes", -1.2, 1), ("Goes", 1.2, 3)):
        box = add(scene, name, box_mesh(1.0), (x, 0.0, 0.5))
        for frame in (1, 2, 3):
            box.hide_render = box.hide_viewport = frame == hidden
            box.keyframe_insert("hide_render", frame=frame)
            box.keyframe_insert("hide_viewport", frame=frame)
    ours = painted(scene).picture
    comes, goes = ours.names == "Comes", ours.names == "Goes"
    assert min(comes.sum(), goes.sum()) > 50
    assert np.isnan(ours.from_previous[comes]).all()
    assert np.isfinite(ours.to_next[comes]).all()
    assert np.isnan(ours.to_next[goes]).all()
    assert np.isfinite(ours.from_previous[goes]).all()


def test_the_sky_turns_with_the_camera() -> None:
    scene = stage()
    looks_up = scene.camera
    looks_up.animation_data_clear()
    looks_up.rotation_euler.x += 0.6
    for frame in (1, 3):
        looks_up.rotation_euler.z += 0.02
        looks_up.keyframe_insert("rotation_euler", frame=frame)
    looks_up.data.clip_end = 1e6
    sky = painted(scene).picture
    add(scene, "Dome", box_mesh(6e5, faces=5))
    dome = painted(scene).picture
    behind = (sky.names == "") & (dome.names == "Dome")
    assert behind.sum() > 500
    for one, other in ((sky.to_next, dome.to_next), (sky.from_previous, dome.from_previous)):
        assert np.abs(one[behind][:, 0]).min() > 0.5
        assert np.abs(one - other)[behind].max() < 0.01


def test_both_painters_know_the_same_motion() -> None:
    scene = stage()
    moving(add(scene, "Box", box_mesh(1.0), (-1.5, 0.0, 0.7)))
    thing = moving(add(scene, "Soft", box_mesh(1.0), (1.0, 0.0, 0.8)))
    thing.shape_key_add(name="Basis")
    key = thing.shape_key_add(name="Bent")
    for point in key.data:
        point.co.x += point.co.z * 0.6
    for frame, value in ((1, 0.0), (3, 0.7)):
        key.value = value
        key.keyframe_insert("value", frame=frame)
    ours = painted(scene).picture
    assert_same(ours, painted(scene, by="cycles").picture, ["Box", "Soft", "Floor"], motion=True)
