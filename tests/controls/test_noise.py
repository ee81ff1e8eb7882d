"""Carried noise: white in every frame, and on the surface that it was on."""

from __future__ import annotations

from typing import Any

import numpy as np
from made_shot import FALLING, MadeShot

from engine.controls.noise import CarriedNoise, carried_noise

Planes = dict[str, Any]


def sliding(height: int, width: int, x: float, y: float) -> Planes:
    """A wall that fills the picture and slides by x, y pixels a frame."""
    motion = np.broadcast_to(np.array([x, y], np.float32), (height, width, 2))
    return {
        "depth": np.full((height, width), 5.0, np.float32),
        "body": np.ones((height, width), np.uint32),
        "to_next": motion,
        "from_previous": motion,
    }


def zooming(height: int, width: int, factor: float) -> Planes:
    """A wall that grows by ``factor`` a frame about the picture's centre."""
    j, i = np.mgrid[0:height, 0:width] + 0.5
    away = np.stack([i - width / 2, j - height / 2], -1)
    planes = sliding(height, width, 0, 0)
    return planes | {
        "to_next": (away * (factor - 1)).astype(np.float32),
        "from_previous": (away * (1 - 1 / factor)).astype(np.float32),
    }


def made_planes(made: MadeShot) -> list[Planes]:
    frames = []
    for number in range(made.first, made.first + made.frames):
        channels = made.channels(number)
        frames.append(
            {
                "depth": channels["depth.Z"],
                "body": channels["body.ID"],
                "to_next": np.stack([channels["to_next.X"], channels["to_next.Y"]], -1),
                "from_previous": np.stack([channels["from_previous.X"], channels["from_previous.Y"]], -1),
            }
        )
    return frames


def assert_white(noise: np.ndarray) -> None:
    """Mean 0, variance 1, and neighbours that know nothing of each other, to four standard errors."""
    count = noise.size
    error = 4 / np.sqrt(count)
    assert abs(noise.mean()) < error
    assert abs(noise.var() - 1) < error * np.sqrt(2)
    for dj, di in ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0)):
        one, other = noise[dj:, di:], noise[: noise.shape[0] - dj, : noise.shape[1] - di]
        assert abs((one * other).mean()) < error * 1.1
    assert abs((noise[..., 0] * noise[..., 1]).mean()) < error * np.sqrt(noise.shape[2])
    assert abs((noise**4).mean() - 3) < error * np.sqrt(96)


def test_whole_pixels_are_carried_to_the_bit() -> None:
    planes = sliding(24, 40, 3, -2)
    first, second = list(carried_noise([planes, planes], seed=5, first=1))
    assert np.array_equal(second[:-2, 3:], first[2:, :-3])


def test_small_motion_adds_up() -> None:
    planes = sliding(32, 48, 0.3, 0.0)
    noise = list(carried_noise([planes] * 11, seed=2, first=1))
    # near the border what comes in stands elsewhere within its pixels, and meets what was there
    assert np.array_equal(noise[10][:, 16:], noise[0][:, 13:-3])
    assert np.array_equal(noise[1], noise[0]), "0.3 pixels do not leave the pixel"


def test_white_after_a_long_way_in_and_out() -> None:
    for factor in (1.03, 1 / 1.03):
        for noise in list(carried_noise([zooming(160, 240, factor)] * 20, seed=4, first=-3))[::6]:
            assert_white(noise)


def test_white_on_a_shot_with_balls_and_a_moving_camera() -> None:
    made = MadeShot(width=160, height=96, frames=10)
    noise = list(carried_noise(made_planes(made), seed=9, first=1))
    assert_white(noise[-1])


def test_carried_along_the_exact_motion_and_fresh_where_it_was_hidden() -> None:
    made = MadeShot(width=160, height=96, frames=8, travel=1.0)
    frames = made_planes(made)
    noise = list(carried_noise(frames, seed=1, first=1, channels=8))
    j, i = np.mgrid[0:96, 0:160] + 0.5
    # the point that a pixel of the last frame shows, followed back to the first by closed form
    last = made.trace(made.seconds(8))
    moved = (last.bodies == FALLING)[..., None] * (made.ball(made.seconds(8)) - made.ball(0.0))
    place = made.pixels(last.points - moved, 0.0)
    column, row = np.floor(place[..., 0]).astype(int), np.floor(place[..., 1]).astype(int)
    inside = (column >= 1) & (column < 159) & (row >= 1) & (row < 95)
    first = made.trace(0.0)
    row, column = np.clip(row, 0, 95), np.clip(column, 0, 159)
    same = inside & (first.bodies[row, column] == last.bodies) & np.isfinite(last.depth)
    same &= np.linalg.norm(first.points[row, column] + moved - last.points, axis=-1) < 0.1
    alike = (noise[0][row, column] * noise[-1]).mean(-1)
    assert same.mean() > 0.6
    assert alike[same].mean() > 0.6, "a nearest pixel may be the neighbour's, most are not"
    stayed = (noise[0] * noise[-1]).mean(-1)[(np.abs(place - np.stack([i, j], -1)) > 2).any(-1) & same]
    assert abs(stayed.mean()) < 0.05, "nothing hangs on the picture like a dirty pane"
    hidden = inside & (first.bodies[row, column] != last.bodies)
    assert hidden.sum() > 20
    assert abs(alike[hidden].mean()) < 4 / np.sqrt(8 * hidden.sum())


def test_nothing_seen_keeps_its_noise_on_the_picture_and_unknown_motion_does_not() -> None:
    empty = sliding(16, 16, np.nan, np.nan)
    sky = empty | {"body": np.zeros((16, 16), np.uint32), "depth": np.full((16, 16), np.inf, np.float32)}
    one, other = list(carried_noise([sky, sky], seed=1, first=1))
    assert np.array_equal(one, other)
    one, other = list(carried_noise([empty, empty], seed=1, first=1))
    assert abs((one * other).mean()) < 0.2


def test_the_same_seed_repeats_and_another_does_not() -> None:
    planes = zooming(16, 24, 1.1)

    def last(seed: int) -> np.ndarray:
        noise = CarriedNoise(seed, 7, 16, 24, 3)
        noise.advance(planes, planes)
        return noise.values

    assert np.array_equal(last(3), last(3))
    assert abs((last(3) * last(4)).mean()) < 0.15
