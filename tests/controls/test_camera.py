"""The camera as models take it, against closed form."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from made_for_controls import Told
from made_shot import MadeShot, matrix_of
from scipy.spatial.transform import Rotation

from engine.backends.capabilities import FrameGrid
from engine.controls.camera import (
    camera_path,
    fitted_camera,
    matrix_of_lens,
    pluecker,
    pose9,
    relative,
    steps,
)
from engine.controls.conform import fit_shot
from sora_addon.contract import CameraRow, ContractError

HALF = Fraction(1, 2)


def turning(frames: int, degrees: float, move: tuple[float, float, float]) -> list[np.ndarray]:
    """Camera-to-world matrices: a turn about one crooked axis and a straight way, both at one speed."""
    axis = np.array([1.0, 2.0, -2.0]) / 3
    start = Rotation.from_euler("xyz", (0.3, -0.2, 0.9)).as_matrix()
    path = []
    for i in range(frames):
        world = np.eye(4)
        world[:3, :3] = start @ Rotation.from_rotvec(axis * np.radians(degrees) * i).as_matrix()
        world[:3, 3] = np.array([1.0, -2.0, 3.0]) + np.array(move) * i
        path.append(world)
    return path


def shot_along(path: list[np.ndarray]) -> MadeShot:
    def row(seconds: float) -> CameraRow:
        i = round(seconds * 24)
        return CameraRow("Camera", "perspective", matrix_of(path[i]), 80.0 + i, 90.0 + i, 31.0 + i, 20.0, 0.1, 100.0)

    return MadeShot(width=64, height=48, frames=len(path), camera_at=row)


def test_frames_are_the_rows_as_they_are() -> None:
    path = turning(4, 10, (0.1, 0.0, -0.2))
    world, lens = camera_path(shot_along(path).shot())
    assert np.allclose(world, path)
    assert np.allclose(lens[2], (82, 92, 33, 20))


def test_between_frames_it_turns_and_moves_at_one_speed() -> None:
    path = turning(5, 20, (0.1, 0.0, -0.2))
    places = [Fraction(0), HALF, Fraction(7, 3), Fraction(4)]
    world, lens = camera_path(shot_along(path).shot(), places)
    axis = np.array([1.0, 2.0, -2.0]) / 3
    for place, found in zip(places, world, strict=True):
        turn = Rotation.from_rotvec(axis * np.radians(20) * float(place)).as_matrix()
        assert np.allclose(found[:3, :3], path[0][:3, :3] @ turn)
        assert np.allclose(found[:3, 3], np.array([1.0, -2.0, 3.0]) + np.array([0.1, 0.0, -0.2]) * float(place))
        assert np.linalg.det(found[:3, :3]) == pytest.approx(1)
    assert np.allclose(lens[1], (80.5, 90.5, 31.5, 20))


def test_a_parallel_camera_is_refused_by_name() -> None:
    shot = shot_along(turning(3, 0, (0, 0, 0))).shot()
    rows = [shot.camera[0], replace(shot.camera[1], kind="orthographic"), shot.camera[2]]
    with pytest.raises(ContractError, match=r"camera\[1\]\.kind.*orthographic"):
        camera_path(replace(shot, camera=rows))


@pytest.mark.parametrize("canvas", [None, (96, 64), (320, 224)])
def test_a_point_is_where_the_fit_puts_it(told: Told, canvas: tuple[int, int] | None) -> None:
    """K of the model's picture shows a world point where the shot's own pixel lies in it: rendered, not reckoned."""
    fit = fit_shot(told.shot, FrameGrid(8, 1), 32, None, canvas=canvas)
    world, lens = fitted_camera(told.shot, fit)
    assert world.shape == (17, 4, 4)
    traced = told.made.trace(told.made.seconds(6))
    local = (traced.points[40, 30] - world[5][:3, 3]) @ world[5][:3, :3]
    shown = matrix_of_lens(lens)[5] @ local
    marker = fit.pixels(np.array([30.5, 40.5]))
    assert np.allclose(shown[:2] / shown[2], marker, atol=1e-6)
    assert shown[2] == pytest.approx(traced.depth[40, 30])


def test_the_last_frame_is_held() -> None:
    path = turning(4, 10, (0.1, 0, 0))
    shot = shot_along(path).shot()
    world, _ = fitted_camera(shot, fit_shot(shot, FrameGrid(8, 1), 16, None))
    assert np.allclose(world[4:], path[3])


def test_at_another_rate_the_camera_is_even_and_passes_are_not() -> None:
    path = turning(7, 10, (0.3, 0, 0))
    shot = shot_along(path).shot()
    fit = fit_shot(shot, FrameGrid(4, 1), 16, (Fraction(16),))
    even, _ = fitted_camera(shot, fit)
    assert np.allclose(np.diff(even[:, 0, 3]), 0.45)
    shown, _ = fitted_camera(shot, fit, as_shown=True)
    assert np.allclose(np.diff(shown[:, 0, 3]), [0.6, 0.3, 0.6, 0.3])


def test_relative_poses_start_at_the_identity_and_know_no_world() -> None:
    path = np.stack(turning(4, 15, (0.2, -0.1, 0.4)))
    poses = relative(path)
    assert np.allclose(poses[0], np.eye(4))
    elsewhere = np.eye(4)
    elsewhere[:3, :3] = Rotation.from_euler("xyz", (1, 2, 3)).as_matrix()
    elsewhere[:3, 3] = 5, -6, 7
    assert np.allclose(relative(elsewhere @ path), poses)
    assert np.allclose(path[0] @ poses[3], path[3])


def test_the_scale_is_of_the_way_alone() -> None:
    path = np.stack(turning(4, 15, (0.2, -0.1, 0.4)))
    metres, halves = relative(path), relative(path, 0.5)
    assert np.allclose(halves[:, :3, 3], metres[:, :3, 3] / 2)
    assert np.allclose(halves[:, :3, :3], metres[:, :3, :3])
    assert np.linalg.norm(metres[3, :3, 3]) == pytest.approx(3 * np.linalg.norm((0.2, -0.1, 0.4)))


def test_forward_is_along_z_and_down_along_y() -> None:
    """A camera that flies along its own forward axis goes to +z of the first; one that sinks goes to +y."""
    path = []
    for i in range(3):
        world = np.array(MadeShot().camera(0.0).world).reshape(4, 4)
        world[:3, 3] += 0.5 * i * world[:3, 2]
        path.append(world)
    assert np.allclose(relative(np.stack(path))[2, :3, 3], (0, 0, 1))
    sunk = path[0].copy()
    sunk[2, 3] -= 1.0
    down = relative(np.stack([path[0], sunk]))[1, :3, 3]
    assert down[1] > 0.9


def test_steps_add_up_to_the_way() -> None:
    path = np.stack(turning(5, 15, (0.2, -0.1, 0.4)))
    together = np.eye(4)
    for step in steps(path):
        together = together @ step
    assert np.allclose(together, relative(path)[-1])


def test_nine_numbers_are_the_way_and_two_columns() -> None:
    poses = relative(np.stack(turning(4, 40, (0.2, -0.1, 0.4))))
    told = pose9(poses)
    assert np.allclose(told[0], (0, 0, 0, 1, 0, 0, 0, 1, 0))
    first, second = told[:, 3:6], told[:, 6:]
    again = np.stack([first, second, np.cross(first, second)], -1)
    assert np.allclose(again, poses[:, :3, :3])
    assert np.allclose(told[:, :3], poses[:, :3, 3])


def test_rays_pass_through_what_the_pixels_show(told: Told) -> None:
    """A ray in Pluecker's form: unit, and with the moment of every point that it passes through."""
    world, lens = camera_path(told.shot)
    rays = pluecker(world, lens, 94, 150)
    assert rays.shape == (13, 94, 150, 6)
    direction, moment = rays[7, ..., :3], rays[7, ..., 3:]
    assert np.allclose(np.linalg.norm(direction, axis=-1), 1, atol=1e-6)
    traced = told.made.trace(told.made.seconds(8))
    hit = np.isfinite(traced.depth)
    assert np.abs(np.cross(traced.points, direction) - moment)[hit].max() < 2e-5
    assert (((traced.points - world[7][:3, 3]) * direction).sum(-1) > 0)[hit].all(), "forwards"


def test_the_first_camera_sees_along_its_axis_through_the_centre() -> None:
    rays = pluecker(np.eye(4)[None], np.array([[50.0, 50.0, 4.5, 2.5]]), 6, 9)
    assert np.allclose(rays[0, 2, 4], (0, 0, 1, 0, 0, 0))
    assert rays[0, 2, 8, 0] > 0, "x to the right"
    assert rays[0, 5, 4, 1] > 0, "y down"
