from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_shot import MadeShot, camera_row
from measured_clip import MadeClip, MadePasses, moved

from engine.measure.camera_hold import CameraHold
from engine.measure.camera_model import Camera, angle_between, pixel_centres, rotation
from engine.measure.pose import find_pose
from engine.measure.truth import truth_of
from engine.measure.wrong_camera import TurnedPasses, turned
from sora_addon.contract import CameraRow


@pytest.fixture(scope="module")
def short() -> MadeClip:
    """Seen by a camera that is not quite level: at this size one ray a pixel rounds level rows of tiles all alike."""
    level = MadeShot(width=256, height=144, frames=6)
    return MadeClip(replace(level, camera_at=lambda seconds: moved(level.camera(seconds), 4.0, (0, 0, 1))))


def test_a_right_camera_reads_near_zero(short: MadeClip) -> None:
    figures = short.watched(CameraHold(), short.picture)
    assert figures["camera.rotation"].value < 0.02
    assert figures["camera.position"].value < 0.003
    assert figures["camera.rotation"].detail["inlier_share"] > 0.95
    assert figures["camera.rotation"].detail["anchor"] == "guide"


@pytest.mark.parametrize("about", [(0, 1, 0), (1, 0, 0), (0, 0, 1)])
def test_half_a_degree_in_every_frame_is_sized(short: MadeClip, about: tuple[float, float, float]) -> None:
    wrong = short.watched(CameraHold(), lambda i: short.picture(i, moved(short.row(i), 0.5, about)))
    assert wrong["camera.rotation"].value == pytest.approx(0.5, rel=0.1)
    assert wrong["camera.rotation"].detail["measured_frames"] == 6


def test_half_a_degree_after_the_first_frame_is_sized(short: MadeClip) -> None:
    wrong = short.watched(CameraHold(), lambda i: short.picture(i, moved(short.row(i), 0.5 if i else 0.0)))
    assert wrong["camera.rotation"].value == pytest.approx(0.5, rel=0.1)
    assert wrong["camera.position"].value < 0.01


def test_a_camera_that_wanders_off_is_followed(short: MadeClip) -> None:
    wrong = short.watched(CameraHold(), lambda i: short.picture(i, moved(short.row(i), 0.5 * i / 5)))
    for index, degrees in wrong["camera.rotation"].detail["by_frame"].items():
        assert degrees == pytest.approx(0.1 * int(index), abs=0.02)


def test_five_centimetres_are_sized(short: MadeClip) -> None:
    wrong = short.watched(
        CameraHold(), lambda i: short.picture(i, moved(short.row(i), by=(0.05, 0, 0) if i else (0, 0, 0)))
    )
    assert wrong["camera.position"].value == pytest.approx(0.05, rel=0.1)
    assert wrong["camera.rotation"].value < 0.03


def test_a_camera_far_off_is_found_too(short: MadeClip) -> None:
    wrong = short.watched(CameraHold(), lambda i: short.picture(i, moved(short.row(i), 8.0)))
    assert wrong["camera.rotation"].value == pytest.approx(8.0, rel=0.02)


def test_the_error_outlives_its_keyframe() -> None:
    """A pan that leaves the first view behind: the error of half a degree must be passed on from key to key."""

    def pan(seconds: float) -> CameraRow:
        angle = np.radians(-35 + 70 * seconds * 24 / 15)
        eye = np.array([0.0, -4.0, 1.6])
        return camera_row(eye, eye + np.array([5 * np.sin(angle), 5 * np.cos(angle), -1.2]), 256, 144)

    clip = MadeClip(MadeShot(width=256, height=144, frames=16, camera_at=pan))
    right = clip.watched(CameraHold(), clip.picture)["camera.rotation"]
    assert len(right.detail["keyframes"]) > 1
    assert right.detail["max"] < 0.06
    wrong = clip.watched(CameraHold(), lambda i: clip.picture(i, moved(clip.row(i), 0.5)))["camera.rotation"]
    assert len(wrong.detail["keyframes"]) > 1
    assert wrong.value == pytest.approx(0.5, rel=0.1)


def test_a_plain_picture_has_no_camera_and_says_why(short: MadeClip) -> None:
    figures = short.watched(CameraHold(), lambda i: np.full((144, 256, 3), 127, np.uint8))
    assert figures["camera.rotation"].value is None
    assert "features" in figures["camera.rotation"].note


def test_a_picture_of_something_else_has_no_camera(short: MadeClip) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (6, 144, 256, 3)).astype(np.uint8)
    assert short.watched(CameraHold(), lambda i: noise[i])["camera.rotation"].value is None


def test_another_grade_leaves_the_camera_where_it_is(short: MadeClip) -> None:
    fall = np.linspace(0.6, 1.0, 256)[None, :, None] * [1.0, 0.75, 0.5]

    def graded(index: int) -> np.ndarray:
        grey = (short.picture(index) / 255.0).mean(-1, keepdims=True) ** 0.6
        return (255 * grey * fall).astype(np.uint8)

    figures = short.watched(CameraHold(), graded)
    assert figures["camera.rotation"].value < 0.08
    assert figures["camera.rotation"].detail["anchor"] == "guide"


@pytest.mark.parametrize("parallel", [False, True])
def test_a_pose_is_found_among_outliers(parallel: bool) -> None:
    random = np.random.default_rng(3)
    camera = Camera(np.eye(4), np.array([300.0, 280.0]) / (8 if parallel else 1), np.array([160.0, 90.0]), parallel)
    points = camera.points(random.uniform([0, 0], [320, 180], (120, 2)), random.uniform(4, 12, 120))
    place = np.eye(4)
    place[:3, :3] = rotation(np.radians([0.2, -0.4, 0.3]))
    place[:3, 3] = 0.03, -0.02, 0.0 if parallel else 0.05
    pixels, _ = camera.placed(place).see(points)
    pixels += random.normal(0, 0.05, pixels.shape)
    pixels[:20] += random.uniform(-3, 3, (20, 2)) + 5
    pose = find_pose(camera, points, pixels)
    assert pose is not None
    assert angle_between(place[:3, :3], pose.world[:3, :3]) < 0.02
    assert np.linalg.norm(pose.world[:2, 3] - place[:2, 3]) < 0.004
    assert pose.share == pytest.approx(100 / 120, abs=0.02)


@pytest.mark.parametrize("parallel", [False, True])
def test_points_and_pixels_are_inverse(parallel: bool) -> None:
    row = moved(MadeShot().camera(0.1), 20, (1, 0.5, 0.2), (1, 2, 3))
    camera = Camera.of(replace(row, kind="orthographic" if parallel else "perspective", cx=40.0, fy=70.0))
    pixels = pixel_centres(6, 8)
    depth = np.random.default_rng(0).uniform(1, 9, (6, 8))
    there, far = camera.see(camera.points(pixels, depth))
    np.testing.assert_allclose(there, pixels, atol=1e-9)
    np.testing.assert_allclose(far, depth, atol=1e-9)


def test_the_control_is_what_a_turned_camera_sees() -> None:
    made = MadeShot(width=128, height=72, frames=3)
    shot = made.shot()
    wrong_shot = turned(shot)
    planes = TurnedPasses(MadePasses(made), shot).frame(2)
    traced = MadeShot(width=128, height=72, frames=3, camera_at=lambda s: wrong_shot.camera[round(s * 24)])
    exact = MadePasses(traced).frame(2)
    assert np.mean(planes["body"] != exact["body"]) < 0.03  # the nearest pixel, and the strip that was never seen
    both = (planes["body"] == exact["body"]) & (planes["body"] == 2)  # the wall: no leaps
    assert np.median(np.abs(planes["depth"] - exact["depth"])[both]) < 2e-3
    assert np.abs(planes["to_next"] - exact["to_next"])[both].max() < 0.01
    assert np.abs(planes["from_previous"] - exact["from_previous"])[both].max() < 0.01
    assert truth_of(wrong_shot, 1, planes).still.mean() > 0.8
