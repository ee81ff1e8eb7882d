"""Water that moves is a level that things fall through, not a thing that strikes."""

from __future__ import annotations

import numpy as np
import pytest

from sora_addon.export.contacts import Drops, Track, solve

from .shapes import G, ball, clock, floor, moving, still


def rippling(body: int, when, level: float = 0.0) -> Track:
    """A water surface that waves from 0.4 s on."""
    points, corners = floor(3.0, 12)
    points = points + np.array([0, 0, level])
    waves = np.repeat(points[None], when.rows, axis=0)
    for row, time in enumerate(when.times):
        if time > 0.4:
            waves[row, :, 2] += 0.05 * np.sin(8 * np.linalg.norm(points[:, :2], axis=1) - 9 * time)
    return Track(body, "deforming", np.eye(4)[None], points, corners, deformed=waves, sound="water")


def test_a_ball_splashes_once_where_it_meets_the_level() -> None:
    when = clock(1.2)
    drop = moving(2, ball(0.1), when, lambda t: ([0, 0, 1.1 - G * t * t / 2 if t > 0 else 1.1], [0, 0, 0]), mass=1.0)
    basin = still(3, floor(6.0), (0, 0, -30.0), sound="stone")
    found = solve([rippling(1, when), drop, basin], when)
    assert [contact.kind for contact in found] == ["splash"]
    assert found[0].time == pytest.approx(np.sqrt(2 / G), abs=0.005)
    assert found[0].speed == pytest.approx(np.sqrt(2 * G), rel=0.03)


@pytest.mark.parametrize("water_first", [True, False])
def test_a_ball_modelled_inside_out_splashes_too(water_first: bool) -> None:
    when = clock(1.2)
    points, corners = ball(0.1)
    way = lambda t: ([0, 0, 1.1 - G * max(t, 0) ** 2 / 2], [0, 0, 0])  # noqa: E731
    drop = moving(2 if water_first else 0, (points, corners[:, ::-1]), when, way, mass=1.0)
    found = solve([rippling(1, when), drop], when)
    assert [contact.kind for contact in found] == ["splash"]


def test_waves_alone_strike_nothing() -> None:
    when = clock(1.2)
    assert solve([rippling(1, when), still(2, floor(6.0), (0, 0, -0.04), sound="stone")], when) == []


def test_drops_splash_on_it() -> None:
    when = clock(0.6)
    fall = [np.array([[0.3, 0.2, 1.0 - G * max(t, 0) ** 2 / 2]], np.float32) for t in when.times]
    speed = [np.array([[0.0, 0.0, -G * max(t, 0)]], np.float32) for t in when.times]
    lives = [np.zeros(int(place[0, 2] > 0), np.int32) for place in fall]
    system = Drops(
        5,
        lives,
        [place[: len(ids)] for place, ids in zip(fall, lives, strict=True)],
        [way[: len(ids)] for way, ids in zip(speed, lives, strict=True)],
        [np.full(len(ids), np.inf) for ids in lives],
    )
    found = solve([rippling(1, when)], when, [system])
    assert [contact.kind for contact in found] == ["splash"]
    assert found[0].time == pytest.approx(np.sqrt(2 / G), abs=0.005)
