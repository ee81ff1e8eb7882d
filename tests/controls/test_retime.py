"""Exact motion over any span, and a take at another rate brought back along it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from made_for_controls import Told
from made_shot import FALLING

from engine.backends.capabilities import FrameGrid
from engine.controls.conform import Fit, fit_shot
from engine.controls.motion import NEEDED, carried, motion_between
from engine.controls.retime import frames_out


@pytest.fixture(scope="module")
def planes(told: Told) -> Any:
    frames = [told.passes.frame(told.shot.time.first + i, only=NEEDED) for i in range(told.shot.time.frames)]
    return frames.__getitem__


@pytest.mark.parametrize(("start", "stop"), [(2, 5), (7, 3), (4, 4), (0, 12)])
def test_points_are_where_geometry_puts_them(told: Told, planes: Any, start: int, stop: int) -> None:
    """Of every pixel: its world point, moved with its body, seen by the other camera."""
    places, seen = carried(planes, start, stop)
    made = told.made
    here, there = made.seconds(start + 1), made.seconds(stop + 1)
    traced = made.trace(here)
    moved = (traced.bodies == FALLING)[..., None] * (made.ball(there) - made.ball(here))
    truth = made.pixels(traced.points + moved, there)
    assert seen.mean() > 0.6
    off = np.linalg.norm(places - truth, axis=-1)[seen]
    assert np.median(off) < 0.02
    assert off.max() < 1.0


def test_between_two_frames_a_point_is_on_the_way(planes: Any) -> None:
    half, seen = carried(planes, 4, Fraction(9, 2))
    whole, _ = carried(planes, 4, 5)
    start = np.stack(np.meshgrid(np.arange(150) + 0.5, np.arange(94) + 0.5), -1)
    assert np.allclose(half[seen], ((start + whole) / 2)[seen])


def test_over_one_frame_motion_is_the_pass_and_over_none_it_is_nothing(planes: Any) -> None:
    assert motion_between(planes, 3, 4) is planes(3)["to_next"]
    assert motion_between(planes, 3, 2) is planes(3)["from_previous"]
    assert not motion_between(planes, 3, 3).any()


def test_motion_since_an_earlier_frame_has_the_sign_of_from_previous(planes: Any) -> None:
    since = motion_between(planes, 6, 4)
    known = np.isfinite(since).all(-1)
    both = planes(6)["from_previous"] + planes(5)["from_previous"]
    assert np.abs(since - both)[known].mean() < 0.1


def slow(told: Told, rate: int) -> Fit:
    return fit_shot(told.shot, FrameGrid(4, 1), 2, (Fraction(rate),))


@pytest.mark.parametrize("rate", [16, 12])
@pytest.mark.parametrize("exact_times", [False, True])
def test_a_take_at_another_rate_is_the_truth_at_the_shots(
    told: Told, planes: Any, rate: int, exact_times: bool
) -> None:
    fit = slow(told, rate)
    assert not fit.frame_for_frame
    first = told.shot.time.first
    at = [fit.place(k) if exact_times else Fraction(fit.shown(k)) for k in range(fit.frames)]
    made = [told.made.picture(float(first + place)) for place in at]
    truth = [told.made.picture(first + i).astype(float) for i in range(13)]
    carried_along = list(frames_out(made, fit, planes, exact_times))
    held = list(frames_out(made, fit, None, exact_times))
    assert len(carried_along) == 13
    between = [i for i in range(13) if i not in at]
    off = [np.abs(carried_along[i] - truth[i]).mean() for i in between]
    off_held = [np.abs(held[i] - truth[i]).mean() for i in between]
    assert np.mean(off) < 0.5 * np.mean(off_held)
    for i in range(13):
        if i in at:
            assert np.array_equal(carried_along[i], made[at.index(Fraction(i))]), "what the model made is left as it is"


def flat(x: float, height: int = 10, width: int = 30) -> dict[str, np.ndarray]:
    """One body that slides by x pixels a frame, as far as the passes say."""
    motion = np.broadcast_to(np.array([x, 0.0], np.float32), (height, width, 2))
    return {"body": np.ones((height, width), np.uint32), "to_next": motion, "from_previous": motion}


def test_a_point_that_its_own_body_hides_is_lost() -> None:
    """The next frame's motion does not lead back to it: another part of the body came before it."""
    _, seen = carried([flat(3.0), flat(8.0)].__getitem__, 0, 1)
    assert not seen.any()
    places, seen = carried([flat(3.0), flat(3.5)].__getitem__, 0, 1)
    assert seen[:, :27].all(), "half a pixel is a slope"
    assert not seen[:, 27:].any(), "what leaves the picture"
    assert np.allclose(places[5, 4], (7.5, 5.5))


def test_what_only_one_side_shows_comes_from_that_side() -> None:
    """A black body leaves the picture's left half between two frames: no ghost of it stays."""
    fit = Fit(3, Fraction(24), 40, 20, 2, Fraction(12), 40, 20, 0, 0, 40, 20)
    still = np.zeros((20, 40, 2), np.float32)
    gone = {"body": np.ones((20, 40), np.uint32), "to_next": still, "from_previous": still}
    there = gone | {"body": np.where(np.arange(40) < 20, 2, 1).astype(np.uint32) * np.ones((20, 1), np.uint32)}
    frames = [there, gone, gone]
    black = np.full((20, 40, 3), 200, np.uint8)
    black[:, :20] = 0
    grey = np.full((20, 40, 3), 200, np.uint8)
    middle = list(frames_out([black, grey], fit, frames.__getitem__))[1]
    assert (middle == 200).all()


def test_frame_for_frame_is_cut_and_nothing_else(told: Told) -> None:
    fit = fit_shot(told.shot, FrameGrid(8, 1), 32, None)
    made = np.random.default_rng(0).integers(0, 256, (17, 96, 160, 3), np.uint8)
    out = list(frames_out(made, fit))
    assert len(out) == 13
    assert np.array_equal(np.stack(out), made[:13, :94, 4:154])


def test_another_count_or_size_is_an_error(told: Told) -> None:
    fit = fit_shot(told.shot, FrameGrid(8, 1), 32, None)
    with pytest.raises(ValueError, match="made 16 frames, 17"):
        next(frames_out(np.zeros((16, 96, 160, 3), np.uint8), fit))
    with pytest.raises(ValueError, match=r"\(96, 160, 3\) was asked"):
        next(frames_out(np.zeros((17, 94, 150, 3), np.uint8), fit))
