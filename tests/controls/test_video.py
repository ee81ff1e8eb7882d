"""Whole controls of a shot on a model's grid, against the tracer."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pytest
from made_for_controls import Told
from made_shot import FALLING, FLOOR, RESTING, MadeShot

from engine.backends.capabilities import FrameGrid
from engine.controls import video
from engine.controls.conform import Fit, Planes, fit_shot
from engine.controls.depth import depth_range, inverse_depth
from engine.controls.lines import kinds_of_line
from engine.controls.segments import body_colours
from engine.controls.video import (
    depth_video,
    edge_video,
    flow_video,
    mask_video,
    matte_video,
    preview_video,
    segment_video,
    surveyed,
    told_frames,
    track_video,
    weight_video,
)
from engine.media.colour import to_uint8
from sora_addon.contract import BodyWeight, Steer


@pytest.fixture(scope="module", params=["plain", "small", "slow"])
def fit(told: Told, request: pytest.FixtureRequest) -> Fit:
    """The shot's own size and rate; a smaller canvas; 16 frames a second."""
    if request.param == "plain":
        return fit_shot(told.shot, FrameGrid(8, 1), 32, None)
    if request.param == "small":
        return fit_shot(told.shot, FrameGrid(8, 1), 32, None, canvas=(96, 64))
    return fit_shot(told.shot, FrameGrid(4, 1), 16, (Fraction(16),))


def shot_pixel(fit: Fit, x: int, y: int) -> tuple[int, int]:
    """Row and column of the shot's pixel under the centre of the model's."""
    return int((y + 0.5 - fit.top) / fit.scale[1]), int((x + 0.5 - fit.left) / fit.scale[0])


def test_depth_is_the_tracers_on_one_scale(told: Told, fit: Fit) -> None:
    video = depth_video(told.shot, told.passes, fit)
    assert video.shape == (fit.frames, fit.height, fit.width, 3)
    assert (video[..., 0] == video[..., 1]).all()
    assert (video[..., 0] == video[..., 2]).all()
    traced = [told.made.trace(told.made.seconds(i + 1)).depth for i in range(13)]
    inverse = 1 / np.stack(traced)
    far, near = np.percentile(inverse[np.isfinite(traced)], (2, 98))
    for frame in (0, fit.frames - 1):
        y, x = fit.height // 2, fit.width // 3
        row, column = shot_pixel(fit, x, y)
        shade = np.clip((inverse[fit.shown(frame)][row, column] - far) / (near - far), 0, 1)
        assert abs(int(video[frame, y, x, 0]) - 255 * shade) <= 1


def test_depth_reads_each_frame_once(told: Told, fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that tell the scale of the shot, and of those that do not."""
    monkeypatch.setattr(video, "SURVEYED", 5)
    read: list[int] = []

    class Watched:
        def frame(self, number: int, only: Iterable[str] | None = None) -> Planes:
            read.append(number)
            return told.passes.frame(number, only)

    made = depth_video(told.shot, Watched(), fit)
    assert len(surveyed(told.shot)) == 5
    assert sorted(read) == sorted({*surveyed(told.shot), *(1 + fit.shown(frame) for frame in range(fit.frames))})
    limits = depth_range((told.passes.frame(one)["depth"] for one in surveyed(told.shot)), 5)
    for frame, one in enumerate(told_frames(told.shot, told.passes, fit, ("depth",))):
        assert np.array_equal(made[frame, ..., 0], to_uint8(inverse_depth(one["depth"], limits)))


def test_segments_masks_and_weights_are_the_bodies(told: Told, fit: Fit) -> None:
    colours = body_colours(told.shot.bodies)
    segments = segment_video(told.shot, told.passes, fit)
    masks = mask_video(told.shot, told.passes, fit, (FALLING, RESTING))
    weights = weight_video(told.shot, told.passes, fit, Steer("ids", bodies=[BodyWeight(FALLING, 0.25)]))
    for frame in (0, fit.frames // 2):
        bodies = told.made.trace(told.made.seconds(fit.shown(frame) + 1)).bodies
        for y in range(0, fit.height, 7):
            for x in range(0, fit.width, 7):
                row, column = shot_pixel(fit, x, y)
                body = int(bodies[np.clip(row, 0, 93), np.clip(column, 0, 149)])
                assert tuple(segments[frame, y, x]) == colours.get(body, (0, 0, 0))
                assert masks[frame, y, x] == (body in (FALLING, RESTING))
                assert weights[frame, y, x] == (0.25 if body == FALLING else 1)


def test_a_matte_covers_what_the_body_covers(told: Told, fit: Fit) -> None:
    """The area of the resting ball, in the shot's pixels, whatever the model's size."""
    covers = matte_video(told.shot, told.passes, fit, (RESTING,))
    area = (told.made.trace(told.made.seconds(1)).bodies == RESTING).sum() * fit.scale[0] * fit.scale[1]
    assert covers[0].sum() == pytest.approx(area, rel=0.01)
    assert covers.min() >= 0
    assert covers.max() == pytest.approx(1)
    soft = matte_video(told.shot, told.passes, fit, (RESTING,), feather=2.0)
    assert soft[0].sum() == pytest.approx(area, rel=0.02)
    assert (soft[0] > 0.01).sum() > (covers[0] > 0.01).sum()


def test_edges_are_thin_at_the_models_size_and_their_kinds_stay_apart(told: Told, fit: Fit) -> None:
    video = edge_video(told.shot, told.passes, fit)
    assert set(np.unique(video)) == {0, 255}
    outline = edge_video(told.shot, told.passes, fit, kinds_of_line)[0]
    body = mask_video(told.shot, told.passes, fit, (RESTING,))[0]
    rim = body & ~(np.roll(body, 1, 0) & np.roll(body, -1, 0) & np.roll(body, 1, 1) & np.roll(body, -1, 1))
    assert (video[0, rim] == 255).mean() > 0.9
    assert (outline[rim].argmax(-1) == 0).all(), "a ball before a floor is outlined in red"


def test_the_preview_is_the_picture_as_it_is_shown(told: Told) -> None:
    fit = fit_shot(told.shot, FrameGrid(8, 1), 32, None)
    video = preview_video(told.shot, told.passes, fit)
    truth = told.made.picture(told.made.first + 4)
    inner = video[4, fit.top : fit.top + 94, fit.left : fit.left + 150]
    assert np.abs(inner.astype(int) - truth).max() <= 2, "half floats"
    assert preview_video(told.shot, told.passes, fit, 0.02)[4].std() < video[4].std()


def test_motion_leads_to_the_models_next_frame(told: Told, fit: Fit) -> None:
    """A point of the floor, carried by what the model is told, is where the tracer sees it in the next told frame."""
    made = told.made
    checked = 0
    for frame, planes in enumerate(told_frames(told.shot, told.passes, fit, ("to_next", "from_previous", "body"))):
        here, there = fit.shown(frame), fit.shown(min(frame + 1, fit.frames - 1))
        before = fit.shown(max(frame - 1, 0))
        y, x = int(fit.height * 0.9), fit.width // 2
        row, column = shot_pixel(fit, x, y)
        traced = made.trace(made.seconds(here + 1))
        assert traced.bodies[row, column] == FLOOR == planes["body"][y, x]
        point = traced.points[row, column]
        start = made.pixels(point, made.seconds(here + 1))
        if here != there:
            moved = (made.pixels(point, made.seconds(there + 1)) - start) * fit.scale
            assert np.allclose(planes["to_next"][y, x], moved, atol=0.05)
            checked += 1
        elif 0 < frame < fit.frames - 1:
            assert not planes["to_next"].any(), "a held frame stands still"
        if frame == 0:
            step = told.passes.frame(told.shot.time.first, only=("from_previous",))["from_previous"][row, column]
            assert np.allclose(planes["from_previous"][y, x], step * fit.scale * float(fit.shot_rate / fit.rate))
        if here != before:
            came = (start - made.pixels(point, made.seconds(before + 1))) * fit.scale
            assert np.allclose(planes["from_previous"][y, x], came, atol=0.05)
    assert checked >= 8


def test_flow_shows_what_led_to_the_frame(told: Told, fit: Fit) -> None:
    video = flow_video(told.shot, told.passes, fit)
    assert np.array_equal(video[0], video[1])
    assert video[1].std() > 0
    assert video.shape == (fit.frames, fit.height, fit.width, 3)
    left = video[2, int(fit.height * 0.9), fit.width // 2].astype(int)
    assert left[0] < left[2], "the camera trucks to the right, so the floor goes left, which is cyan"


def test_tracks_are_sparse_and_on_black(told: Told, fit: Fit) -> None:
    video = track_video(told.shot, told.passes, fit)
    assert video.shape == (fit.frames, fit.height, fit.width, 3)
    assert 0.005 < (video[-1].max(-1) > 40).mean() < 0.4


def test_a_long_shot_is_surveyed_evenly_from_its_first_frame_to_its_last() -> None:
    assert surveyed(MadeShot(width=16, height=16, frames=7, first=-2).shot()) == list(range(-2, 5))
    assert surveyed(MadeShot(width=16, height=16, frames=1).shot()) == [1]
    long = surveyed(MadeShot(width=16, height=16, frames=1000).shot())
    assert len(long) == 32
    assert (long[0], long[-1]) == (1, 1000)
    assert set(np.diff(long)) <= {32, 33}
