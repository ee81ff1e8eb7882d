"""A shot on a model's grid and back: counts, sizes and times by exact fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from made_shot import MadeShot

from engine.backends.capabilities import FrameGrid
from engine.controls.conform import Fit, fit_shot, picture_in, picture_out, planes_in
from sora_addon.contract import ContractError, Shot, Size

EIGHT, FOUR = FrameGrid(8, 1), FrameGrid(4, 1)
NTSC = Fraction(24000, 1001)


def shot_of(frames: int, fps: tuple[int, int], size: Size) -> Shot:
    return replace(MadeShot(frames=frames, fps=fps, width=16, height=16).shot(), size=size)


CINEMA = Size(1998, 1080)


def test_cinema_at_23976_on_a_grid_of_eight_and_thirty_two() -> None:
    fit = fit_shot(shot_of(100, (24000, 1001), CINEMA), EIGHT, 32, (Fraction(24), Fraction(25), Fraction(50)))
    assert (fit.frames, fit.width, fit.height) == (105, 2016, 1088)
    assert (fit.left, fit.top, fit.inner_width, fit.inner_height) == (8, 4, 1998, 1080)
    assert fit.rate == 24
    assert fit.frame_for_frame
    assert fit.stretch == Fraction(1001, 1000), "sound of a second at 24 lasts a thousandth longer at 23.976"
    assert [fit.shown(k) for k in (0, 1, 99, 100, 104)] == [0, 1, 99, 99, 99]
    assert fit.seconds(99) == 99 / NTSC


def test_cinema_at_23976_on_a_grid_of_four_and_sixteen_at_sixteen_a_second() -> None:
    fit = fit_shot(shot_of(100, (24000, 1001), CINEMA), FOUR, 16, (Fraction(16),), pixels=832 * 480)
    # the last frame stands at 99 * 1001 / 24000 s, which is 66.066 frames of the model after the first
    assert fit.frames == 69
    assert not fit.frame_for_frame
    assert fit.stretch == 1
    assert fit.place(3) == 3 * NTSC / 16
    assert fit.seconds(3) == Fraction(3, 16)
    assert [fit.shown(k) for k in range(7)] == [0, 1, 3, 4, 6, 7, 9], "1.4985 frames of the shot each"
    assert fit.shown(66) == 99
    assert fit.shown(68) == 99
    assert fit.width % 16 == 0
    assert fit.height % 16 == 0
    assert abs(fit.inner_width / fit.inner_height - 1998 / 1080) < 2e-3
    assert 0 <= fit.width - fit.inner_width < 16
    assert 0 <= fit.height - fit.inner_height < 16
    assert fit.inner_width * fit.inner_height == pytest.approx(832 * 480, rel=2e-3)


def test_halves_go_to_the_later_frame() -> None:
    fit = fit_shot(shot_of(25, (24, 1), Size(64, 64)), FOUR, 16, (Fraction(16),))
    assert [fit.shown(k) for k in range(6)] == [0, 2, 3, 5, 6, 8]
    assert fit.frames == 17
    assert fit.seconds(16) == 1


def test_the_models_frames_reach_past_the_last_of_the_shot() -> None:
    """Of 27 frames at 24 the last stands at 17.33 of the model's: frame 18 is needed to come back from."""
    fit = fit_shot(shot_of(27, (24, 1), Size(64, 64)), FrameGrid(), 16, (Fraction(16),))
    assert fit.frames == 19
    assert fit.frames - 2 < 26 * Fraction(16, 24) <= fit.frames - 1


def test_the_nearest_rate_is_taken() -> None:
    shot = shot_of(10, (30000, 1001), Size(64, 64))
    assert fit_shot(shot, EIGHT, 32, (Fraction(24), Fraction(25), Fraction(30), Fraction(50))).rate == 30
    assert fit_shot(shot, EIGHT, 32, None).rate == Fraction(30000, 1001)


@pytest.mark.parametrize(("frames", "made"), [(1, 1), (2, 9), (9, 9), (10, 17), (24, 25), (81, 81)])
def test_the_count_is_on_the_grid_and_never_less(frames: int, made: int) -> None:
    fit = fit_shot(shot_of(frames, (24, 1), Size(64, 64)), EIGHT, 32, None)
    assert fit.frames == made


def test_one_canvas_holds_the_whole_picture() -> None:
    fit = fit_shot(shot_of(9, (24, 1), Size(1920, 1080)), EIGHT, 32, None, canvas=(1280, 704))
    assert (fit.width, fit.height) == (1280, 704)
    assert (fit.inner_width, fit.inner_height) == (1252, 704)
    assert fit.left == 14


def test_wide_pixels_become_square() -> None:
    fit = fit_shot(shot_of(9, (24, 1), Size(960, 1080, 2.0)), EIGHT, 32, None)
    assert (fit.inner_width, fit.inner_height) == (1920, 1080)


def test_a_shot_too_long_is_refused_by_name() -> None:
    with pytest.raises(ContractError, match=r"time\.last.*169 frames.*161"):
        fit_shot(shot_of(162, (24, 1), Size(64, 64)), FrameGrid(8, 1, 161), 32, None)


def odd_fit(width: int = 150, height: int = 94, **more: object) -> Fit:
    return fit_shot(shot_of(5, (24, 1), Size(width, height)), EIGHT, 32, None, **more)  # type: ignore[arg-type]


def test_there_and_back_is_exact_where_nothing_is_scaled() -> None:
    fit = odd_fit()
    picture = np.random.default_rng(1).integers(0, 256, (94, 150, 3), np.uint8)
    there = picture_in(picture, fit)
    assert there.shape == (96, 160, 3)
    assert np.array_equal(there[:, 3], there[:, 4]), "the edge is repeated"
    assert np.array_equal(picture_out(there, fit), picture)


def test_a_ramp_keeps_its_place_when_scaled() -> None:
    """Values that are linear in x stay so: the pixel at u of the model is x = (u - left) / scale of the shot."""
    fit = odd_fit(canvas=(96, 64))
    x = np.broadcast_to(np.arange(150) + 0.5, (94, 150)).astype(np.float32)
    there = picture_in(x, fit)
    u = np.arange(fit.left + 2, fit.left + fit.inner_width - 2)
    expected = (u + 0.5 - fit.left) / fit.scale[0]
    assert np.abs(there[fit.top + 3, u] - expected).max() < 0.125, (
        "a sample's box is taken as flat, which costs an eighth of a pixel at most"
    )
    back = picture_out(there, fit)
    assert back.shape == (94, 150)
    assert np.abs(back - x)[:, 4:-4].max() < 0.1


def test_passes_are_what_a_smaller_render_would_hold() -> None:
    """Of a plane known by formula: the sample nearest to the model's pixel, motion in the model's pixels."""
    fit = odd_fit(canvas=(96, 64))
    j, i = np.mgrid[0:94, 0:150].astype(np.float32)
    planes = {
        "depth": i + 1000 * j,
        "body": (i > 70).astype(np.uint32) + 1,
        "to_next": np.stack([i, j], -1),
        "preview": np.repeat(i[..., None], 3, -1),
    }
    found = planes_in(planes, fit)
    v, u = 31, 47
    x = int((u + 0.5 - fit.left) / fit.scale[0])
    y = int((v + 0.5 - fit.top) / fit.scale[1])
    assert found["depth"][v, u] == x + 1000 * y
    assert found["depth"].dtype == np.float32
    assert np.allclose(found["to_next"][v, u], (x * fit.scale[0], y * fit.scale[1]))
    assert found["body"].dtype == np.uint32
    assert set(np.unique(found["body"])) == {1, 2}
    assert found["preview"].shape == (64, 96, 3)
    assert found["preview"][v, u, 0] == pytest.approx((u + 0.5 - fit.left) / fit.scale[0] - 0.5, abs=0.125)


def test_unknown_motion_and_empty_depth_stay_so() -> None:
    fit = odd_fit(canvas=(96, 64))
    planes = {"depth": np.full((94, 150), np.inf, np.float32), "to_next": np.full((94, 150, 2), np.nan, np.float32)}
    found = planes_in(planes, fit)
    assert np.isinf(found["depth"]).all()
    assert np.isnan(found["to_next"]).all()


def test_pixels_of_the_shot_in_the_models_picture() -> None:
    fit = odd_fit(canvas=(96, 64))
    corners = fit.pixels(np.array([[0.0, 0.0], [150.0, 94.0]]))
    assert np.allclose(corners, [(fit.left, fit.top), (fit.left + fit.inner_width, fit.top + fit.inner_height)])
