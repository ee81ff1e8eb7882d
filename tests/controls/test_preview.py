"""The lit draft as it is shown, and its blur."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from engine.controls.preview import BLUR, blurred, lit_preview


def test_scene_light_becomes_srgb_at_the_shots_exposure() -> None:
    linear = np.array([[[0.0, 0.18, 1.0], [2.0, 0.5, 0.001]]], np.float32)
    assert np.array_equal(lit_preview(linear, 0.0), [[[0, 118, 255], [255, 188, 3]]])
    assert np.array_equal(lit_preview(linear / np.float32(4), 2.0), lit_preview(linear, 0.0))


@pytest.mark.parametrize("shape", [(60, 240), (240, 60)])
def test_an_edge_is_blurred_by_a_share_of_the_longer_side(shape: tuple[int, int]) -> None:
    picture = np.zeros((*shape, 3), np.uint8)
    picture[:, shape[1] // 2 :] = 255
    x = np.arange(shape[1]) + 0.5 - shape[1] // 2
    expected = 255 * ndtr(x / (BLUR * 240))
    assert np.abs(blurred(picture)[30, :, 1] - expected).max() <= 3


def test_no_blur_is_the_picture() -> None:
    picture = np.random.default_rng(3).integers(0, 256, (9, 9, 3), np.uint8)
    assert np.array_equal(blurred(picture, 0.0), picture)
