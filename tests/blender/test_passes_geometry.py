"""Whatever makes shapes in Blender, seen as Cycles sees it: ids, depth, normals."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np
import pytest
from export_scenes import add, add_camera, box_mesh, empty_scene, grid_mesh
from lighting_scenes import ball
from mathutils import Euler, Matrix
from passes_truth import assert_same, looks_at, matte, painted, rendered, stacked

pytestmark = pytest.mark.bpy

PACKED = 1e-3
"""Cycles packs smooth normals into a few bits (5.0 on): what flat ones and closed forms agree to is 1e-4."""


def stage() -> Any:
    """A floor before a camera that looks down a little."""
    scene = empty_scene()
    looks_at(add_camera(scene), (1.0, -6.0, 2.5), (0.0, 0.0, 0.5))
    add(scene, "Floor", grid_mesh(2, 5.0))
    return scene


def smooth_ball(name: str, radius: float = 0.7, segments: int = 24) -> Any:
    shape, faces, _ = ball(radius, segments // 2, segments)
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(shape.points.tolist(), [], faces)
    mesh.shade_smooth()
    return mesh


def test_modifiers() -> None:
    scene = stage()
    soft = add(scene, "Soft", box_mesh(1.4), (-1.8, 0.0, 0.7))
    soft.data.shade_smooth()
    subdivide = soft.modifiers.new("Subdivision", "SUBSURF")
    subdivide.levels, subdivide.render_levels = 0, 3
    row = add(scene, "Row", box_mesh(0.4), (-0.6, 0.0, 0.3))
    array = row.modifiers.new("Array", "ARRAY")
    array.count, array.relative_offset_displace = 3, (1.5, 0.0, 0.2)
    row.modifiers.new("Bevel", "BEVEL").width = 0.05
    render_only = row.modifiers.new("Mirror", "MIRROR")
    render_only.use_axis, render_only.show_viewport = (False, False, True), False
    view_only = add(scene, "Bent", smooth_ball("bent"), (2.0, 0.0, 0.8))
    cast = view_only.modifiers.new("Cast", "CAST")
    cast.cast_type, cast.factor = "CUBOID", 0.8
    hidden = view_only.modifiers.new("Decimate", "DECIMATE")
    hidden.ratio, hidden.show_render = 0.1, False
    assert_same(painted(scene).picture, rendered(scene), ["Soft", "Row", "Bent", "Floor"], normal=PACKED)
    assert subdivide.levels == 0
    assert not render_only.show_viewport
    assert hidden.show_viewport


def test_curves_texts_and_metaballs() -> None:
    scene = stage()
    curve = bpy.data.curves.new("Wire", "CURVE")
    curve.dimensions, curve.bevel_depth, curve.resolution_u, curve.render_resolution_u = "3D", 0.15, 2, 16
    spline = curve.splines.new("BEZIER")
    spline.bezier_points.add(1)
    for point, x in zip(spline.bezier_points, (-1.0, 1.0), strict=True):
        point.co, point.handle_left, point.handle_right = (x, 0.0, 1.4), (x, -1.0, 1.4), (x, 1.0, 2.0)
    add(scene, "Wire", curve)
    text = bpy.data.curves.new("Text", "FONT")
    text.body, text.extrude, text.size = "Sora", 0.1, 1.2
    word = add(scene, "Word", text, (-2.4, -0.5, 0.1))
    word.rotation_euler = (math.pi / 2, 0.0, 0.0)
    balls = bpy.data.metaballs.new("Drops")
    balls.resolution, balls.render_resolution = 0.4, 0.1
    for x in (0.0, 0.6):
        element = balls.elements.new()
        element.co, element.radius = (x, 0.0, 0.0), 0.7
    add(scene, "Drops", balls, (1.5, 0.0, 0.6))
    assert_same(painted(scene).picture, rendered(scene), ["Wire", "Word", "Drops"], normal=PACKED)


def test_collection_instances_within_one_another_turned_and_mirrored() -> None:
    scene = stage()
    inner, outer = bpy.data.collections.new("Inner"), bpy.data.collections.new("Outer")
    for collection, name, data, place in (
        (inner, "Block", box_mesh(0.6), (0.0, 0.0, 0.3)),
        (inner, "Ball", smooth_ball("ball", 0.3), (0.3, 0.2, 0.9)),
    ):
        thing = bpy.data.objects.new(name, data)
        thing.location = place
        collection.objects.link(thing)
    inner.instance_offset = (0.1, 0.0, 0.0)
    pair = bpy.data.objects.new("Pair", None)
    pair.instance_type, pair.instance_collection = "COLLECTION", inner
    pair.rotation_euler = (0.0, 0.0, 0.4)
    outer.objects.link(pair)
    for name, matrix in (
        ("Plain", Matrix.Translation((-1.8, 0.0, 0.0))),
        ("Mirrored", Matrix.Translation((0.0, 0.5, 0.0)) @ Matrix.Diagonal((-1.2, 0.8, 1.0, 1.0))),
        ("Leaning", Matrix.Translation((1.7, 0.0, 0.2)) @ Euler((0.3, 0.5, 0.2)).to_matrix().to_4x4()),
    ):
        empty = add(scene, name, None)
        empty.matrix_world = matrix
        empty.instance_type, empty.instance_collection = "COLLECTION", outer
    ours = painted(scene)
    assert_same(ours.picture, rendered(scene), ["Block", "Ball", "Floor"], normal=PACKED)
    assert len(np.unique(ours.passes["body.ID"][ours.picture.names == "Block"])) == 3


def test_parents_that_shear() -> None:
    scene = stage()
    root = add(scene, "Root", None, (0.0, 0.0, 0.2))
    root.scale, root.rotation_euler = (2.0, 0.6, 1.0), (0.0, 0.0, 0.3)
    for name, data, x in (("Block", box_mesh(0.9), -0.6), ("Ball", smooth_ball("ball"), 0.7)):
        thing = add(scene, name, data, (x, 0.0, 0.6))
        thing.rotation_euler = (0.3, 0.2, 0.7)
        thing.parent = root
        # Shared, or Cycles would straighten each normal by itself before it interpolates them.
        add(scene, f"Another {name}", data, (0.0, 0.0, -9.0))
    truth = rendered(scene)
    for by in ("gpu", "cycles"):
        assert_same(painted(scene, by=by).picture, truth, ["Block", "Ball"], normal=PACKED)


def geometry_nodes(thing: Any) -> tuple[Any, Any, Any]:
    """A modifier with an empty group: its nodes, links and where the geometry goes out."""
    tree = bpy.data.node_groups.new("Nodes", "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    out = tree.nodes.new("NodeGroupOutput")
    thing.modifiers.new("Nodes", "NODES").node_group = tree
    return tree.nodes, tree.links, out.inputs[0]


def test_geometry_nodes_instances() -> None:
    scene = stage()
    brick = add(scene, "Brick", box_mesh(0.35), (0.0, 0.0, -5.0))
    brick.rotation_euler = (0.2, 0.0, 0.5)
    for made in ("Objects", "Meshes"):
        host = add(scene, made, grid_mesh(2, 0.8), (-1.6 if made == "Objects" else 1.6, 0.0, 0.5))
        nodes, links, out = geometry_nodes(host)
        source = nodes.new("NodeGroupInput")
        spread = nodes.new("GeometryNodeInstanceOnPoints")
        spread.inputs["Rotation"].default_value = (0.4, 0.0, 0.3)
        spread.inputs["Scale"].default_value = (1.0, 1.4, 0.8)
        links.new(source.outputs[0], spread.inputs["Points"])
        if made == "Objects":
            info = nodes.new("GeometryNodeObjectInfo")
            info.inputs["Object"].default_value, info.inputs["As Instance"].default_value = brick, True
            links.new(info.outputs["Geometry"], spread.inputs["Instance"])
            links.new(spread.outputs[0], out)
        else:
            cube = nodes.new("GeometryNodeMeshCube")
            cube.inputs["Size"].default_value = (0.3, 0.2, 0.5)
            links.new(cube.outputs[0], spread.inputs["Instance"])
            join = nodes.new("GeometryNodeJoinGeometry")
            links.new(spread.outputs[0], join.inputs[0])
            links.new(source.outputs[0], join.inputs[0])
            links.new(join.outputs[0], out)
    ours = painted(scene)
    truth = rendered(scene)
    assert (ours.picture.names == "Meshes").sum() > 100
    assert (ours.picture.names == "Brick").sum() > 100
    off_edge = ~truth.edges & ~ours.picture.edges
    thing = off_edge & (truth.names != "")
    assert (np.isinf(ours.picture.depth) == np.isinf(truth.depth))[off_edge].all()
    assert np.abs(ours.picture.depth[thing] / truth.depth[thing] - 1.0).max() < 1e-4
    assert np.abs(ours.picture.normal[thing] - truth.normal[thing]).max() < 1e-4
    assert len({one.body for one in ours.samples[1].instances}) == 1 + 1 + 9 + 9 + 1


def test_particle_instances() -> None:
    scene = stage()
    shown = add(scene, "Pebble", smooth_ball("pebble", 0.3), (0.0, 0.0, -5.0))
    for name, kind, x in (("Hairy", "HAIR", -1.5), ("Spray", "EMITTER", 1.5)):
        host = add(scene, name, grid_mesh(2, 1.0), (x, 0.0, 0.6))
        host.modifiers.new("Particles", "PARTICLE_SYSTEM")
        settings = host.particle_systems[0].settings
        settings.type, settings.count, settings.render_type, settings.instance_object = kind, 20, "OBJECT", shown
        settings.display_percentage, settings.particle_size, settings.size_random = 10, 0.6, 0.5
        if kind == "EMITTER":
            settings.frame_start, settings.frame_end, settings.lifetime = 1, 1, 50
            settings.normal_factor, settings.effector_weights.gravity = 2.0, 0.0
            host.show_instancer_for_render = False
        else:
            settings.hair_length, settings.use_advanced_hair, settings.use_rotations = 1.0, True, True
    ours, truth = painted(scene).picture, rendered(scene)
    seen = [(ours.names == name) & (truth.names == "Pebble") for name in ("Hairy", "Spray")]
    assert all(some.sum() > 20 for some in seen)
    ours.names[seen[0] | seen[1]] = "Pebble"  # a body is the whole system, Cycles tells the object that it shows
    assert_same(ours, truth, ["Pebble", "Hairy"], normal=PACKED)
    assert shown.name in truth.names


def test_what_is_hidden_in_render_and_what_only_in_the_viewport() -> None:
    scene = stage()
    hidden = add(scene, "Hidden", box_mesh(1.0), (-2.2, 0.0, 0.5))
    hidden.hide_render = True
    viewport = add(scene, "Viewport", box_mesh(1.0), (-0.8, 0.0, 0.5))
    viewport.hide_viewport = True
    eye = add(scene, "Eye", box_mesh(1.0), (0.6, 0.0, 0.5))
    eye.hide_set(True)
    rays = add(scene, "Rays", box_mesh(1.0), (2.0, -1.0, 0.5))
    rays.visible_camera = False
    away = bpy.data.collections.new("Away")
    scene.collection.children.link(away)
    box = add(scene, "Excluded", box_mesh(1.0), (2.0, 1.0, 0.5))
    scene.collection.objects.unlink(box)
    away.objects.link(box)
    scene.view_layers[0].layer_collection.children["Away"].exclude = True
    off = bpy.data.collections.new("Off")
    scene.collection.children.link(off)
    off.hide_render = True
    off.objects.link(add(scene, "Unrendered", box_mesh(1.0), (0.0, -1.5, 0.5)))
    scene.collection.objects.unlink(bpy.data.objects["Unrendered"])
    ours = painted(scene).picture
    assert set(np.unique(ours.names)) == {"", "Floor", "Viewport", "Eye"}
    assert_same(ours, rendered(scene), ["Viewport", "Eye", "Floor"])
    assert viewport.hide_viewport
    assert eye.hide_get()
    assert not hidden.hide_viewport


def test_a_holdout_hides_and_shows_nothing() -> None:
    scene = stage()
    mask = add(scene, "Mask", box_mesh(1.0), (0.0, -1.0, 0.5))
    add(scene, "Box", box_mesh(2.0), (0.0, 1.5, 1.0))
    before = painted(scene).picture.names == "Mask"
    mask.is_holdout = True
    for by in ("gpu", "cycles"):
        ours = painted(scene, by=by)
        assert "Mask" not in ours.picture.names
        assert np.isinf(ours.picture.depth[before]).all()
        assert (ours.passes["base_color.R"][before] == 0.0).all()
        assert np.isfinite(ours.picture.depth[ours.picture.names == "Box"]).all()


def test_quads_that_are_not_flat_and_open_shapes_seen_from_behind() -> None:
    scene = stage()
    mesh = bpy.data.meshes.new("saddle")
    mesh.from_pydata([(-1, -1, 0), (1, -1, 0.8), (1, 1, 0), (-1, 1, 0.8)], [], [(0, 1, 2, 3)])
    add(scene, "Saddle", mesh, (-1.5, 0.0, 0.3))
    add(scene, "Open", box_mesh(1.6, faces=5), (1.5, 0.0, 0.8)).scale = (1.0, 1.0, -1.0)
    half = add(scene, "Bowl", smooth_ball("bowl"), (0.0, -1.0, 0.5))
    cut = half.modifiers.new("Cut", "MASK")
    group = half.vertex_groups.new(name="low")
    group.add([v.index for v in half.data.vertices if v.co.z < 0.05], 1.0, "REPLACE")
    cut.vertex_group = "low"
    assert_same(painted(scene).picture, rendered(scene), ["Open", "Bowl"], normal=PACKED)


def test_custom_normals() -> None:
    scene = stage()
    box = add(scene, "Box", box_mesh(1.6), (0.0, 0.0, 1.2))
    box.rotation_euler = (0.4, 0.0, 0.7)
    flat = painted(scene).picture.normal
    corners = np.array([box.data.vertices[loop.vertex_index].co for loop in box.data.loops])
    bent = np.repeat([polygon.normal for polygon in box.data.polygons], 4, axis=0) + corners
    box.data.normals_split_custom_set((bent / np.linalg.norm(bent, axis=1, keepdims=True)).tolist())
    ours, truth = painted(scene), rendered(scene)
    # Cycles bends a normal back that would mirror the eye into the surface.
    row, normal = ours.samples[1].camera, ours.picture.normal
    v, u = np.mgrid[0 : normal.shape[0], 0 : normal.shape[1]] + 0.5
    ray = np.stack([(u - row.cx) / row.fx, (v - row.cy) / row.fy, np.ones_like(u)], -1)
    mirrored = ray - 2.0 * normal * (normal * ray).sum(-1, keepdims=True)
    kept = ((mirrored * flat).sum(-1) > 0.02) | (ours.picture.names != "Box")
    assert (kept & (ours.picture.names == "Box")).sum() > 500
    ours.picture.normal[~kept] = truth.normal[~kept]
    assert_same(ours.picture, truth, ["Box"], normal=PACKED)


def test_a_sphere_in_closed_form() -> None:
    scene = empty_scene()
    add_camera(scene, (0.0, -4.0, 0.0))
    mesh = smooth_ball("ball", 1.0, 512)
    add(scene, "Ball", mesh)
    ours = painted(scene)
    row = ours.samples[1].camera
    v, u = np.nonzero(ours.picture.names == "Ball")
    rays = np.stack([(u + 0.5 - row.cx) / row.fx, (v + 0.5 - row.cy) / row.fy, np.ones(len(u))], 1)
    middle = np.array([0.0, 0.0, 4.0])
    along, square = rays @ middle, (rays**2).sum(1)
    depth = (along - np.sqrt(np.maximum(along**2 - square * 15.0, 0.0))) / square
    normal = rays * depth[:, None] - middle
    facing = -(normal * rays).sum(1) / np.sqrt(square) > 0.3
    assert facing.sum() > 500
    assert np.abs(ours.picture.depth[v, u] / depth - 1.0)[facing].max() < 1e-4
    assert np.abs(ours.picture.normal[v, u] - normal)[facing].max() < 1e-4


def test_what_cannot_be_shown_is_named() -> None:
    scene = stage()
    add(scene, "Mist", bpy.data.volumes.new("Mist"))
    add(scene, "Strands", bpy.data.hair_curves.new("Strands"))
    smoke = add(scene, "Smoke", box_mesh(2.0), (0.0, 0.0, 1.0))
    fluid = smoke.modifiers.new("Fluid", "FLUID")
    fluid.fluid_type = "DOMAIN"
    fluid.domain_settings.domain_type = "GAS"
    fog = add(scene, "Fog", box_mesh(1.0), (2.0, 0.0, 0.5))
    material = matte("Fog")
    volume = material.node_tree.nodes.new("ShaderNodeVolumePrincipled")
    output = next(node for node in material.node_tree.nodes if node.type == "OUTPUT_MATERIAL")
    material.node_tree.links.new(volume.outputs[0], output.inputs["Volume"])
    fog.data.materials.append(material)
    ours = painted(scene)
    assert "Smoke" not in ours.picture.names
    for name, kind in (("Mist", "volume"), ("Strands", "hair"), ("Smoke", "smoke"), ("Fog", "volume")):
        assert any(repr(name) in sentence and kind in sentence for sentence in ours.left_out), (name, ours.left_out)


def test_both_painters_agree() -> None:
    scene = stage()
    add(scene, "Ball", smooth_ball("ball"), (0.5, 0.0, 0.7))
    lean = add(scene, "Box", box_mesh(0.9), (-1.2, 0.0, 0.6))
    lean.rotation_euler = (0.2, 0.3, 0.4)
    one, other = painted(scene), painted(scene, by="cycles")
    assert_same(one.picture, other.picture, ["Ball", "Box", "Floor"], motion=True, color=1e-4, materials=True)
    for name, letters in (("preview", "RGB"), ("occlusion", "V"), ("reflection", "RGBA"), ("world_light", "RGB")):
        assert stacked(other.passes, name, letters).shape == stacked(one.passes, name, letters).shape
