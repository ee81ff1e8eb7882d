"""Sliding and rolling: start, end and speed against closed form."""

from __future__ import annotations

import numpy as np
import pytest

from sora_addon.export.contacts import solve

from .shapes import ball, box, clock, floor, moving, still

BOUND = 0.005
ZERO = np.zeros(3)


def test_a_block_slides_to_rest() -> None:
    """Pushed at once at 2 m/s, slowed by friction."""
    when = clock(2.0)
    start, speed, slows = 0.3137, 2.0, 3.1
    stop = start + speed / slows

    def way(t):
        since = np.clip(t - start, 0, stop - start)
        return np.array([speed * since - slows * since**2 / 2, 0, 0.15]), ZERO

    found = solve([still(1, floor(20, 10)), moving(2, box(0.3, 0.3, 0.3), when, way, mass=3.0)], when)
    assert [c.kind for c in found] == ["slide"]
    slide = found[0]
    print(f"slide: start {abs(slide.time - start) * 1e3:.2f} ms, end {abs(slide.until - stop) * 1e3:.2f} ms")
    assert abs(slide.time - start) < BOUND
    assert abs(slide.until - stop) < BOUND
    assert slide.speeds[0] == pytest.approx(speed, rel=0.08)
    assert slide.speed == pytest.approx(speed / 2, rel=0.08)
    assert slide.points[-1][0] - slide.points[0][0] == pytest.approx(speed**2 / 2 / slows, abs=0.05)


def test_a_ball_lands_slides_and_then_rolls() -> None:
    """A bowling ball set down with speed and no spin: it slides until friction has spun it up (5/7 of its speed)."""
    when = clock(2.0)
    radius, speed, mu = 0.2, 3.0, 0.25
    grips = 2 * speed / (7 * mu * 9.81)

    def way(t):
        t = max(t, 0.0)
        slid = min(t, grips)
        x = speed * slid - mu * 9.81 * slid**2 / 2 + (t - slid) * speed * 5 / 7
        angle = 2.5 * mu * 9.81 / radius * slid**2 / 2 + (t - slid) * speed * 5 / 7 / radius
        return np.array([x, 0, radius]), np.array([0, angle, 0])

    found = solve([still(1, floor(30, 10)), moving(2, ball(radius, 24), when, way, mass=5.0)], when)
    assert [c.kind for c in found] == ["slide", "roll"]
    slide, roll = found
    print(f"grips at {grips:.3f}: slide ends {slide.until:.3f}, roll starts {roll.time:.3f}")
    # Slip falls to 0.3 of the speed before it is nothing: what rolls and what slides is a matter of degree there.
    assert roll.time == pytest.approx(grips, abs=2 / 24)
    assert roll.speed == pytest.approx(speed * 5 / 7, rel=0.03)


def test_an_animated_wheel_rolls() -> None:
    """Rolling on a road; it does not slide, and it does not hit the road again and again."""
    when = clock(1.5)
    radius = 0.35
    turns = np.array([0, 1, 0]) * 4.0 / radius

    def way(t):
        return np.array([4.0 * t, 0, radius]), turns * t

    found = solve([still(1, floor(30, 10)), moving(2, ball(radius, 16), when, way, motion="moving")], when)
    assert [c.kind for c in found] == ["roll"]
    assert found[0].time <= 0.0
    assert found[0].until >= when.end - 0.05
    assert found[0].speed == pytest.approx(4.0, rel=0.03)
