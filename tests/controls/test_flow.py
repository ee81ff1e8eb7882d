"""Motion on the colour wheel of Baker et al."""

from __future__ import annotations

import numpy as np
import pytest

from engine.controls.flow import WHEEL, flow_picture, flow_scale


def shown(x: float, y: float, scale: float = 1.0) -> np.ndarray:
    return flow_picture(np.array([[[x, y]]], np.float32), scale)[0, 0]


def test_the_wheel_has_the_papers_hues() -> None:
    assert len(WHEEL) == 55
    pure = {0: (1, 0, 0), 15: (1, 1, 0), 21: (0, 1, 0), 25: (0, 1, 1), 36: (0, 0, 1), 49: (1, 0, 1)}
    for place, colour in pure.items():
        assert tuple(WHEEL[place]) == colour


@pytest.mark.parametrize(
    ("x", "y", "colour"),
    [
        (1, 0, (1, 0, 0)),
        (0, 1, (1, 13.5 / 15, 0)),
        (-1, 0, (0, 1 - 2 / 11, 1)),
        (0, -1, (4.5 / 13, 0, 1)),
    ],
)
def test_hue_tells_where_to(x: float, y: float, colour: tuple[float, ...]) -> None:
    assert np.abs(shown(x, y) - 255 * np.array(colour)).max() <= 1


def test_saturation_tells_how_far() -> None:
    assert tuple(shown(0, 0)) == (255, 255, 255)
    assert tuple(shown(0.5, 0)) == (255, 127, 127)
    assert tuple(shown(3, 0)) == (191, 0, 0)
    assert np.array_equal(shown(3, 0, 6.0), shown(0.5, 0))


def test_unknown_motion_is_drawn_as_none() -> None:
    assert tuple(shown(np.nan, np.nan)) == (255, 255, 255)


def test_the_scale_is_the_shots_and_at_least_a_pixel() -> None:
    frames = [np.full((40, 40, 2), (3.0, 4.0), np.float32), np.full((40, 40, 2), (0.0, 0.0), np.float32)]
    assert flow_scale(frames) == pytest.approx(5)
    assert flow_scale(frames[1:]) == 1
    assert flow_scale([np.full((4, 4, 2), np.nan, np.float32)]) == 1
