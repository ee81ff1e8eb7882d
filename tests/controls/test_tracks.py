"""Tracks of points that are known in closed form, and how they are drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from made_for_controls import Told
from made_shot import FALLING, FLOOR, RESTING, MadeShot, camera_row

from engine.backends.capabilities import FrameGrid
from engine.controls.conform import fit_shot
from engine.controls.tracks import Tracks, drawn_tracks, fitted_tracks, spread_points, track_points, tracks_of
from sora_addon.contract import CameraRow


def truth(told: Told, points: np.ndarray, frame: int) -> tuple[np.ndarray, np.ndarray]:
    """(F, N, 2) where geometry shows what ``points`` show in ``frame``, and their bodies."""
    made = told.made
    here = made.seconds(frame + 1)
    traced = made.trace(here)
    row, column = points[:, 1].astype(int), points[:, 0].astype(int)
    world, bodies = traced.points[row, column], traced.bodies[row, column]
    places = []
    for i in range(made.frames):
        there = made.seconds(i + 1)
        places.append(made.pixels(world + (bodies == FALLING)[:, None] * (made.ball(there) - made.ball(here)), there))
    return np.stack(places), bodies


@pytest.mark.parametrize("frame", [0, 6])
def test_bodies_that_hold_their_shape_are_followed_exactly_both_ways(told: Told, frame: int) -> None:
    body = told.passes.frame(told.shot.time.first + frame, only=("body",))["body"]
    points = spread_points(body, 9)
    found = track_points(told.shot, told.passes, points, frame)
    places, bodies = truth(told, points, frame)
    assert set(bodies) == {1, 2, 3, 4}
    assert np.abs(found.places - places).max() < 1e-3
    assert found.seen[frame].all()


def test_a_point_behind_a_ball_is_hidden_and_found_again(told: Told) -> None:
    """The tracer tells for every point of the floor and every frame whether a ball stands before it."""
    points = spread_points(told.passes.frame(told.shot.time.first, only=("body",))["body"], 4)
    found = track_points(told.shot, told.passes, points)
    places, bodies = truth(told, points, 0)
    checked = 0
    for i in range(told.made.frames):
        traced = told.made.trace(told.made.seconds(i + 1))
        inside = ((places[i] > 1) & (places[i] < (149, 93))).all(-1)
        row = np.clip(places[i][:, 1].astype(int), 1, 92)
        column = np.clip(places[i][:, 0].astype(int), 1, 148)
        # where the pixels around show one body, there is nothing to argue about
        around = np.stack([traced.bodies[row + j, column + i_] for j in (-1, 0, 1) for i_ in (-1, 0, 1)])
        sure = inside & (around == around[0]).all(0)
        assert np.array_equal(found.seen[i][sure], (around[0] == bodies)[sure])
        checked += int((~found.seen[i] & sure).sum())
    assert checked > 3, "something was hidden"
    floor = found.seen[:, bodies == FLOOR]
    lost_and_found = (np.diff(floor.astype(int), axis=0) == 1).any(0)
    assert lost_and_found.sum() >= 1


class Traced:
    """A made shot's passes, traced when they are asked for."""

    def __init__(self, made: MadeShot) -> None:
        self.made = made

    def frame(self, number: int, only: Any = None) -> dict[str, np.ndarray]:
        channels = self.made.channels(number)
        motion = {
            name: np.stack([channels[f"{name}.X"], channels[f"{name}.Y"]], -1) for name in ("to_next", "from_previous")
        }
        return {"depth": channels["depth.Z"], "body": channels["body.ID"], **motion}


def test_the_back_of_a_ball_is_hidden_by_its_front() -> None:
    """The camera goes half way round the ball that rests: what is turned away from it is not seen, though it lies within
    the ball's outline."""
    centre = np.array([-0.6, 0.6, 0.3])

    def around(seconds: float) -> CameraRow:
        angle = np.pi * seconds * 24 / 6
        eye = centre + 1.5 * np.array([-np.sin(angle), -np.cos(angle), 0.6])
        return camera_row(eye, centre, 96, 64)

    made = MadeShot(width=96, height=64, frames=7, camera_at=around)
    passes = Traced(made)
    points = spread_points(passes.frame(1)["body"], 3, (RESTING,))
    found = track_points(made.shot(), passes, points)
    normal = (made.trace(0.0).points[points[:, 1].astype(int), points[:, 0].astype(int)] - centre) / 0.3
    hidden = 0
    for i in range(7):
        eye = np.array(made.camera(made.seconds(i + 1)).world).reshape(4, 4)[:3, 3]
        turned = ((eye - (centre + 0.3 * normal)) * normal).sum(-1) / 1.5
        assert found.seen[i][turned > 0.3].all()
        assert not found.seen[i][turned < -0.2].any()
        hidden += int((turned < -0.2).sum())
    assert hidden > 50


def test_a_body_that_deforms_is_followed_along_the_motion_until_it_is_lost(told: Told) -> None:
    bodies = [replace(body, motion="deforming") for body in told.shot.bodies]
    shot = replace(told.shot, bodies=bodies)
    points = spread_points(told.passes.frame(shot.time.first + 3, only=("body",))["body"], 9)
    found = track_points(shot, told.passes, points, 3)
    places, _ = truth(told, points, 3)
    off = np.linalg.norm(found.places - places, axis=-1)[found.seen]
    assert found.seen[12].mean() > 0.5
    assert np.median(off) < 0.1
    assert off.max() < 1.5
    assert np.isnan(found.places[:3]).all()
    assert not (np.diff(found.seen[3:].astype(int), axis=0) > 0).any(), "what is lost stays lost"


def test_points_are_spread_evenly_where_bodies_are() -> None:
    body = np.zeros((40, 60), np.uint32)
    body[:, 30:] = 5
    points = spread_points(body, 10)
    assert len(points) == 4 * 3
    assert (points[:, 0] > 30).all()
    assert np.allclose(np.unique(np.diff(np.unique(points[:, 0]))), 10)
    assert len(spread_points(body, 10, (4,))) == 0
    assert len(spread_points(np.ones((9, 9), np.uint32), 2.5)) == 16


def test_what_is_uncovered_gets_points_of_its_own(told: Told) -> None:
    once = tracks_of(told.shot, told.passes, 15)
    again = tracks_of(told.shot, told.passes, 15, (0, 12))
    assert once.places.shape[1] < again.places.shape[1]
    last = again.places[12][again.seen[12]]
    apart = np.abs(last[:, None] - last[None]).max(-1)
    assert apart[~np.eye(len(last), dtype=bool)].min() > 4
    right = [tracks.seen[12] & (tracks.places[12, :, 0] > 135) for tracks in (once, again)]
    assert right[1].sum() > right[0].sum(), "the camera trucks to the right"


def test_fitted_to_the_models_pixels_and_frames(told: Told) -> None:
    fit = fit_shot(told.shot, FrameGrid(8, 1), 32, None)
    tracks = tracks_of(told.shot, told.passes, 30)
    fitted = fitted_tracks(tracks, fit)
    assert fitted.places.shape == (17, tracks.places.shape[1], 2)
    assert np.allclose(fitted.places[16], tracks.places[12] + (4, 0), equal_nan=True)


def test_drawn_as_the_adapter_was_taught() -> None:
    """A point that goes right 8 pixels a frame: the newest dot is blue and 8 of 1080 in radius, old ones redder."""
    way = np.stack([np.array([[60.5 + 8 * i, 270.5]]) for i in range(61)])
    tracks = Tracks(way, np.ones((61, 1), bool))
    shown = drawn_tracks(tracks, 60, 540, 600)
    assert shown.shape == (540, 600, 3)
    row = shown[270].astype(int)
    expected = {0: (0, 0, 255), 17: (0, 250, 255), 33: (5, 252, 0), 50: (255, 0, 0)}
    for age, colour in expected.items():
        assert np.abs(row[540 - 8 * age] - colour).max() <= 12
    assert not row[: 140 - 3].any(), "50 frames ago it was at 140"
    assert not shown[:266].any()
    assert not shown[276:].any()
    alone = drawn_tracks(Tracks(np.full((1, 1, 2), 300.5), np.ones((1, 1), bool)), 0, 1080, 1920)
    assert (alone > 0).any(-1).sum() == pytest.approx(np.pi * 64, rel=0.15)


def test_what_is_not_seen_is_not_drawn() -> None:
    way = np.full((3, 1, 2), 20.0)
    assert not drawn_tracks(Tracks(way, np.zeros((3, 1), bool)), 2, 40, 40).any()


def test_the_balls_are_tracked(told: Told) -> None:
    body = told.passes.frame(told.shot.time.first, only=("body",))["body"]
    assert len(spread_points(body, 3, (RESTING, FALLING))) > 5
