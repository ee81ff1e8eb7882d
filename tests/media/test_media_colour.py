"""The sRGB curve of IEC 61966-2-1."""

from __future__ import annotations

import numpy as np
import pytest

from engine.media.colour import expose, from_uint8, luminance, to_display, to_linear, to_uint8


@pytest.mark.parametrize(
    ("linear", "display"),
    [(0.0, 0.0), (0.0031308, 0.04045), (0.18, 0.461356), (0.214041, 0.5), (0.5, 0.735357), (1.0, 1.0)],
)
def test_known_values(linear: float, display: float) -> None:
    assert to_display(np.array(linear)) == pytest.approx(display, abs=2e-6)
    assert to_linear(np.array(display)) == pytest.approx(linear, abs=2e-6)


def test_every_code_comes_back() -> None:
    codes = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_uint8(to_display(from_uint8(codes))), codes)


def test_what_a_display_cannot_show() -> None:
    shown = to_display(np.array([-1.0, 7.0, np.inf, np.nan], np.float32))
    np.testing.assert_array_equal(shown, [0.0, 1.0, 1.0, 0.0])
    np.testing.assert_array_equal(to_uint8(np.array([-0.1, 1.1])), [0, 255])


def test_halves_round_up() -> None:
    np.testing.assert_array_equal(to_uint8(np.array([0.5, 1.5, 2.5]) / 255.0), [1, 2, 3])


def test_exposure_and_luminance() -> None:
    np.testing.assert_allclose(expose(np.array([0.25]), 1.0), [0.5])
    np.testing.assert_allclose(luminance(np.ones((2, 3))), [1.0, 1.0], rtol=1e-6)
    np.testing.assert_allclose(luminance(np.array([0.0, 1.0, 0.0])), 0.7152)
