"""The G-buffer of hand-made samples against closed form."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")
pytestmark = pytest.mark.bpy

from sora_addon.contract import CameraRow  # noqa: E402
from sora_addon.export.gbuffer import GBufferDrawer  # noqa: E402
from sora_addon.export.gpu_scene import GpuScene, start_gpu  # noqa: E402
from sora_addon.export.sample import Instance, Mesh, Sample  # noqa: E402
from sora_addon.export.surface import plain  # noqa: E402

W, H = 64, 48


@pytest.fixture(scope="module", autouse=True)
def gpu() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    start_gpu()


def camera(world=None, kind="perspective", near=0.1) -> CameraRow:
    world = np.eye(4) if world is None else world
    scale = 10.0 if kind == "orthographic" else 60.0
    return CameraRow("camera", kind, tuple(world.reshape(-1)), scale, scale * 1.1, W / 2 + 3, H / 2 - 2, near, 100.0)


def square(half=10.0) -> Mesh:
    """A square in its own xy plane, two triangles, facing -z (towards an OpenCV camera at the origin)."""
    points = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]], np.float32)
    corners = np.array([[0, 2, 1], [0, 3, 2]], np.int32)
    normals = np.tile(np.array([0, 0, -1], np.float32), (2, 3, 1))
    return Mesh(("square", half), points, corners, normals, np.array([7, 7], np.int32))


def at(x=0.0, y=0.0, z=0.0, rx=0.0, ry=0.0) -> np.ndarray:
    cx, sx, cy, sy = np.cos(rx), np.sin(rx), np.cos(ry), np.sin(ry)
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, (x, y, z)
    return matrix


def sample(frame, row, *instances) -> Sample:
    surfaces = {7: plain((0.25, 0.5, 0.75))}
    return Sample(frame, row, [], (0, 0, 0), list(instances), surfaces=surfaces)


def draw(previous, here, following) -> dict[str, np.ndarray]:
    scene = GpuScene(1 / 24)
    scene.update(previous, here, following)
    drawer = GBufferDrawer(W, H)
    neighbours = [one.camera if one else None for one in (previous, following)]
    return drawer.draw(scene, here.camera, *neighbours).read()


def plane_hit(row, place) -> tuple[np.ndarray, np.ndarray]:
    """Camera point, per pixel, of the plane z = 0 in ``place``."""
    u, v = np.meshgrid(np.arange(W) + 0.5, np.arange(H) + 0.5)
    world = np.array(row.world).reshape(4, 4)
    local = np.linalg.inv(world) @ place
    normal, point = local[:3, 2], local[:3, 3]
    if row.kind == "orthographic":
        x, y = (u - row.cx) / row.fx, (v - row.cy) / row.fy
        z = (normal @ point - normal[0] * x - normal[1] * y) / normal[2]
        return np.stack([x, y, z], -1), normal
    rays = np.stack([(u - row.cx) / row.fx, (v - row.cy) / row.fy, np.ones_like(u)], -1)
    return rays * ((normal @ point) / (rays @ normal))[..., None], normal


def project(row, points) -> tuple[np.ndarray, np.ndarray]:
    if row.kind == "orthographic":
        return points[..., 0] * row.fx + row.cx, points[..., 1] * row.fy + row.cy
    return points[..., 0] / points[..., 2] * row.fx + row.cx, points[..., 1] / points[..., 2] * row.fy + row.cy


@pytest.mark.parametrize("kind", ["perspective", "orthographic"])
def test_tilted_plane_and_moving_camera(kind) -> None:
    places = [at(0.1 * k, -0.05 * k, 6.0 + 0.2 * k, 0.5 + 0.01 * k, -0.3) for k in (-1, 0, 1)]
    rows = [camera(at(0.02 * k, 0, 0.1 * k, 0.004 * k, 0.01 * k), kind) for k in (-1, 0, 1)]
    samples = [
        sample(k, row, Instance(3, "one", square(40.0), place))
        for k, (row, place) in enumerate(zip(rows, places, strict=True))
    ]
    got = draw(*samples)
    points, normal = plane_hit(rows[1], places[1])
    assert np.abs(got["depth.Z"] / points[..., 2] - 1).max() < 1e-5
    normal = normal if normal @ points[H // 2, W // 2] < 0 else -normal
    for axis, name in enumerate("XYZ"):
        assert np.abs(got[f"normal.{name}"] - normal[axis]).max() < 1e-6
    assert (got["body.ID"] == 3).all()
    assert (got["material.ID"] == 7).all()
    assert got["body.ID"].dtype == np.uint32
    for axis, value in zip("RGB", (0.25, 0.5, 0.75), strict=True):
        assert np.abs(got[f"base_color.{axis}"] - value).max() < 1e-6
    here = project(rows[1], points)
    for other, name, sign in ((2, "to_next", 1), (0, "from_previous", -1)):
        carry = np.linalg.inv(np.array(rows[other].world).reshape(4, 4)) @ places[other]
        carry = carry @ np.linalg.inv(places[1]) @ np.array(rows[1].world).reshape(4, 4)
        there = project(rows[other], points @ carry[:3, :3].T + carry[:3, 3])
        for axis in (0, 1):
            wanted = sign * (there[axis] - here[axis])
            assert np.abs(got[f"{name}.{'XY'[axis]}"] - wanted).max() < 2e-3


def test_sky() -> None:
    rows = [camera(at(5.0 * k, 0, 0, 0.01 * k, 0.02 * k)) for k in (-1, 0, 1)]
    got = draw(*(sample(k, row) for k, row in enumerate(rows)))
    assert np.isinf(got["depth.Z"]).all()
    assert (got["body.ID"] == 0).all()
    u, v = np.meshgrid(np.arange(W) + 0.5, np.arange(H) + 0.5)
    rays = np.stack([(u - rows[1].cx) / rows[1].fx, (v - rows[1].cy) / rows[1].fy, np.ones_like(u)], -1)
    turn = np.array(rows[2].world).reshape(4, 4)[:3, :3].T
    x, y = project(rows[2], rays @ turn.T)
    assert np.abs(got["to_next.X"] - (x - u)).max() < 1e-4
    assert np.abs(got["to_next.Y"] - (y - v)).max() < 1e-4


def test_motion_is_unknown_without_a_neighbour_and_across_topologies() -> None:
    row = camera()
    one, other = square(10.0), Mesh("triangle", *_triangle())
    got = draw(None, sample(1, row, Instance(1, "a", one, at(z=5))), sample(2, row, Instance(1, "a", other, at(z=5))))
    assert np.isnan(got["to_next.X"]).all()
    assert np.isnan(got["from_previous.Y"]).all()


def _triangle():
    points = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0]], np.float32)
    return points, np.array([[0, 1, 2]], np.int32), np.zeros((1, 3, 3), np.float32), np.array([7], np.int32)


def test_near_plane_cuts_exactly() -> None:
    row = camera(near=2.0)
    place = at(y=1.0, rx=np.pi / 2 - 1e-9)
    got = draw(None, sample(1, row, Instance(1, "floor", square(50.0), place)), None)
    points, _ = plane_hit(row, place)
    inside = (points[..., 2] > 2.0) & (points[..., 2] < 50.0)
    assert 0.1 < inside.mean() < 0.9
    assert ((got["body.ID"] == 1) == inside).all()
    assert np.abs(got["depth.Z"][inside] / points[..., 2][inside] - 1).max() < 1e-5
