"""What the lens does, against Cycles: shift, orthographic, zoom, pixels that are not square, sensors, clipping."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest
from export_scenes import add, add_camera, box_mesh, empty_scene, grid_mesh
from passes_truth import SIZE, assert_same, looks_at, painted, rendered

from sora_addon.contract import Size

pytestmark = pytest.mark.bpy


def box_and_floor() -> Any:
    """A box that turns over a floor, before a camera that looks down a little."""
    scene = empty_scene()
    camera = add_camera(scene)
    looks_at(camera, (1.0, -5.0, 2.0), (0.0, 0.0, 0.4))
    add(scene, "Floor", grid_mesh(2, 5.0))
    box = add(scene, "Box", box_mesh(1.0), (0.0, 0.0, 0.6))
    for frame in (1, 3):
        box.rotation_euler = (0.1, 0.2, 0.2 * frame)
        box.keyframe_insert("rotation_euler", frame=frame)
    return scene


def shifted(scene: Any, data: Any) -> None:
    data.shift_x, data.shift_y = 0.15, -0.1


def orthographic(scene: Any, data: Any) -> None:
    data.type, data.ortho_scale = "ORTHO", 4.0


def orthographic_and_shifted(scene: Any, data: Any) -> None:
    data.type, data.ortho_scale, data.shift_x, data.shift_y = "ORTHO", 4.0, -0.1, 0.12


def zooming(scene: Any, data: Any) -> None:
    for frame, lens in ((1, 40.0), (3, 55.0)):
        data.lens = lens
        data.keyframe_insert("lens", frame=frame)


def shifting_and_moving(scene: Any, data: Any) -> None:
    for frame, shift in ((1, 0.0), (3, 0.1)):
        data.shift_x = shift
        data.keyframe_insert("shift_x", frame=frame)
        scene.camera.location.x = 1.0 + shift
        scene.camera.keyframe_insert("location", frame=frame)


def growing_orthographic(scene: Any, data: Any) -> None:
    data.type = "ORTHO"
    for frame, scale in ((1, 3.5), (3, 4.5)):
        data.ortho_scale = scale
        data.keyframe_insert("ortho_scale", frame=frame)


def vertical_sensor(scene: Any, data: Any) -> None:
    data.sensor_fit, data.sensor_height, data.lens = "VERTICAL", 20.0, 30.0


def scaled_camera(scene: Any, data: Any) -> None:
    scene.camera.scale = (0.5, 2.0, 3.0)


def in_centimetres(scene: Any, data: Any) -> None:
    scene.unit_settings.system, scene.unit_settings.scale_length = "METRIC", 0.01


@pytest.mark.parametrize(
    "lens",
    [
        shifted,
        orthographic,
        orthographic_and_shifted,
        zooming,
        vertical_sensor,
        scaled_camera,
        in_centimetres,
    ],
)
def test_lens(lens: Any) -> None:
    scene = box_and_floor()
    lens(scene, scene.camera.data)
    assert_same(painted(scene).picture, rendered(scene), ["Box", "Floor"], motion=True)


@pytest.mark.parametrize("lens", [shifting_and_moving, growing_orthographic, zooming])
def test_lens_that_moves(lens: Any) -> None:
    """Against Blender's own projection: Cycles' motion knows of no moving shift or scale."""
    scene = box_and_floor()
    lens(scene, scene.camera.data)
    ours = painted(scene).picture
    floor = (ours.names == "Floor") & ~ours.edges
    assert floor.sum() > 500
    row, column = np.nonzero(floor)
    pixels = np.stack([column + 0.5, row + 0.5], 1)
    ends = pixels / (SIZE.width, SIZE.height) * (2, -2) + (-1, 1)
    near, far = (_unprojected(projection(scene, 2), np.c_[ends, np.full(len(ends), z)]) for z in (-1.0, 0.0))
    points = near + (far - near) * (near[:, 2:] / (near - far)[:, 2:])  # on the floor
    for frame, moved in ((3, ours.to_next), (1, -ours.from_previous)):
        clip = np.c_[points, np.ones(len(points))] @ projection(scene, frame).T
        wanted = (clip[:, :2] / clip[:, 3:] * (0.5, -0.5) + 0.5) * (SIZE.width, SIZE.height) - pixels
        assert np.abs(wanted).max() > 0.5
        assert np.abs(moved[floor] - wanted).max() < 0.01


def projection(scene: Any, frame: int) -> Any:
    """(4, 4) world to OpenGL's clip axes, by Blender."""
    scene.frame_set(frame)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    camera = scene.camera.evaluated_get(depsgraph)
    lens = camera.calc_matrix_camera(depsgraph, x=SIZE.width, y=SIZE.height)
    return np.array(lens, np.float64) @ np.linalg.inv(np.array(camera.matrix_world, np.float64))


def _unprojected(clip: Any, points: Any) -> Any:
    world = np.c_[points, np.ones(len(points))] @ np.linalg.inv(clip).T
    return world[:, :3] / world[:, 3:]


@pytest.mark.parametrize("aspect", [(2.0, 1.0), (1.0, 1.5)])
def test_pixels_that_are_not_square(aspect: tuple[float, float]) -> None:
    scene = box_and_floor()
    scene.camera.data.shift_x, scene.camera.data.shift_y = 0.1, 0.05
    scene.render.pixel_aspect_x, scene.render.pixel_aspect_y = aspect
    size = Size(SIZE.width, SIZE.height, aspect[0] / aspect[1])
    assert_same(painted(scene, size=size).picture, rendered(scene, size=size), ["Box", "Floor"], motion=True)


def test_a_picture_that_stands_upright() -> None:
    scene = box_and_floor()
    scene.camera.data.shift_y = 0.1
    size = Size(54, 96)
    assert_same(painted(scene, size=size).picture, rendered(scene, size=size), ["Box", "Floor"], motion=True)


def test_near_plane_cuts_what_is_closer() -> None:
    scene = box_and_floor()
    scene.camera.data.clip_start = 4.75  # through the box: its back is seen inside
    ours, truth = painted(scene).picture, rendered(scene)
    assert_same(ours, truth, ["Box", "Floor"], motion=True)
    assert ours.depth.min() > 4.75


def test_far_plane_hides_what_is_beyond() -> None:
    scene = box_and_floor()
    scene.camera.data.clip_end = 6.0
    assert_same(painted(scene).picture, rendered(scene), ["Box", "Floor"])


def test_far_from_the_origin() -> None:
    scene = box_and_floor()
    root = add(scene, "Root", None, (4096.0, -2048.0, 512.0))
    for thing in list(scene.objects):
        if thing is not root:
            thing.parent = root
    ours = painted(scene).picture
    root.location = (0.0, 0.0, 0.0)
    bpy.context.view_layer.update()
    assert_same(ours, rendered(scene), ["Box", "Floor"], normal=1e-3)


def test_a_cut_shows_the_new_camera_alone() -> None:
    scene = box_and_floor()
    front = scene.camera
    side = add(scene, "Side", bpy.data.cameras.new("Side"))
    looks_at(side, (5.0, 0.0, 2.0), (0.0, 0.0, 0.4))
    scene.timeline_markers.new("one", frame=1).camera = front
    scene.timeline_markers.new("two", frame=2).camera = side
    assert_same(painted(scene).picture, rendered(scene), ["Box", "Floor"])
