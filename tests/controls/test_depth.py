"""Inverse depth on one scale for the whole shot."""

from __future__ import annotations

import numpy as np
import pytest

from engine.controls.depth import Range, depth_range, inverse_depth


def test_percentiles_of_inverse_depth_over_all_frames() -> None:
    """Inverse depths 0.001 ... 1, spread over ten frames: the percentiles are known."""
    inverse = np.linspace(0.001, 1.0, 1000)
    frames = [(1 / part).astype(np.float32).reshape(10, 10) for part in np.split(inverse, 10)]
    limits = depth_range(frames, 10)
    assert limits.far == pytest.approx(np.percentile(inverse, 2), rel=1e-4)
    assert limits.near == pytest.approx(np.percentile(inverse, 98), rel=1e-4)


def test_near_is_white_far_is_black_and_between_is_linear_in_inverse_depth() -> None:
    limits = Range(0.1, 0.5)
    shade = inverse_depth(np.array([[2.0, 10.0, 1.0, 50.0, 1 / 0.3]], np.float32), limits)
    assert np.allclose(shade, [[1.0, 0.0, 1.0, 0.0, 0.5]], atol=1e-6)


def test_the_sky_is_black_and_not_counted() -> None:
    depth = np.full((10, 10), np.inf, np.float32)
    depth[5:] = np.linspace(1.0, 2.0, 50).reshape(5, 10)
    assert depth_range([depth], 1).far == pytest.approx(0.5, abs=0.02)
    assert (inverse_depth(depth, Range(0.5, 1.0))[:5] == 0).all()


def test_a_frame_that_sees_less_keeps_the_shots_scale() -> None:
    """The same wall has the same shade in every frame, whatever else is in it: nothing flickers."""
    wall = np.full((8, 8), 4.0, np.float32)
    close = wall.copy()
    close[:4] = 1.0
    limits = depth_range([wall, close], 2, 0, 100)
    assert inverse_depth(wall, limits)[7, 7] == inverse_depth(close, limits)[7, 7]


def test_one_depth_and_no_depth() -> None:
    wall, empty = np.full((4, 4), 3.0, np.float32), np.full((4, 4), np.inf, np.float32)
    assert (inverse_depth(wall, depth_range([wall], 1)) == 0.5).all()
    assert (inverse_depth(empty, depth_range([empty], 1)) == 0).all()
    assert (inverse_depth(empty, depth_range([wall], 1)) == 0).all(), "the sky beside a flat wall"


def test_a_long_shot_is_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.controls.depth.MOST_SAMPLES", 2000)
    frames = [np.random.default_rng(i).uniform(1, 3, (60, 60)).astype(np.float32) for i in range(4)]
    everything = 1 / np.concatenate([frame.reshape(-1) for frame in frames])
    limits = depth_range(frames, 4)
    assert limits.far == pytest.approx(np.percentile(everything, 2), rel=0.02)
    assert limits.near == pytest.approx(np.percentile(everything, 98), rel=0.02)
