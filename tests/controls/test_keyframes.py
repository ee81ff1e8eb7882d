"""Pictures at their frames, and what stands around them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from engine.controls.conform import Fit
from engine.controls.keyframes import GREY, ends, keyframes, latent_frames, latent_index, with_holes


def fit(rate: int = 24, frames: int = 17) -> Fit:
    """13 frames at 24, the picture inset by 2 and 1."""
    return Fit(13, Fraction(24), 12, 6, frames, Fraction(rate), 16, 8, 2, 1, 12, 6)


def picture(shade: int) -> np.ndarray:
    return np.full((6, 12, 3), shade, np.uint8)


def test_a_picture_stands_at_its_frame_in_the_models_size() -> None:
    (pin,) = keyframes({5: (picture(9), 0.7)}, fit())
    assert (pin.frame, pin.strength, pin.exact) == (5, 0.7, True)
    assert pin.picture.shape == (8, 16, 3)
    assert (pin.picture == 9).all()


def test_at_another_rate_it_stands_at_the_nearest_frame_and_says_if_that_is_its_own() -> None:
    pins = keyframes({3: (picture(3), 1.0), 7: (picture(7), 1.0)}, fit(16, 9))
    assert [(pin.frame, pin.exact) for pin in pins] == [(2, True), (5, False)], "frame 2 of the model is 3, 5 is 7.5"


def test_frames_that_a_latent_index_can_name() -> None:
    """Of LTX-2: latent 0 holds frame 0, latent n frames 8 n - 7 to 8 n; only 0 and 8 k + 1 begin one."""
    assert latent_frames(fit(), 8) == (0, 1, 9)
    assert [latent_index(frame) for frame in (0, 1, 8, 9, 16, 17)] == [0, 1, 1, 2, 2, 3]
    pins = keyframes({0: (picture(1), 1.0), 6: (picture(2), 1.0)}, fit(), latent_frames(fit()))
    assert [(pin.frame, pin.exact) for pin in pins] == [(0, True), (9, False)]


def test_of_two_on_one_frame_the_stronger_stays_then_the_nearer() -> None:
    slots = (0, 9)
    (pin,) = keyframes({7: (picture(1), 0.5), 12: (picture(2), 0.9)}, fit(), slots)
    assert (pin.picture == 2).all()
    (pin,) = keyframes({8: (picture(1), 0.5), 12: (picture(2), 0.5)}, fit(), slots)
    assert (pin.picture == 1).all()


def test_the_first_and_the_last_frame() -> None:
    pins = keyframes({0: (picture(1), 1.0), 6: (picture(2), 1.0), 12: (picture(3), 1.0)}, fit())
    first, last = ends(pins, fit())
    assert first is not None
    assert last is not None
    assert (first.frame, last.frame) == (0, 12)
    assert ends(pins[1:2], fit()) == (None, None)
    alone = Fit(1, Fraction(24), 12, 6, 1, Fraction(24), 16, 8, 2, 1, 12, 6)
    assert ends(keyframes({0: (picture(1), 1.0)}, alone), alone)[1] is None, "one frame is the first"


def test_a_video_with_holes_is_grey_and_to_be_made_where_nothing_is() -> None:
    pins = keyframes({0: (picture(50), 1.0), 9: (picture(60), 1.0)}, fit())
    video, mask = with_holes(pins, 17, 8, 16)
    assert video.shape == (17, 8, 16, 3)
    assert mask.shape == (17, 8, 16)
    for frame in range(17):
        shade, made = {0: (50, 0), 9: (60, 0)}.get(frame, (GREY, 255))
        assert (video[frame] == shade).all()
        assert (mask[frame] == made).all()


def test_a_keyframe_needs_the_shots_size() -> None:
    with pytest.raises(ValueError, match=r"frame 2.*\(5, 12, 3\)"):
        keyframes({2: (np.zeros((5, 12, 3), np.uint8), 1.0)}, fit())
