"""Impacts against closed form: the times of drops, bounces, two bodies, falling edges."""

from __future__ import annotations

import numpy as np
import pytest

from sora_addon.export.contacts import solve

from .shapes import G, ball, bounces, box, clock, floor, moving, still, worst

BOUND = 0.005
ZERO = np.zeros(3)


@pytest.mark.parametrize("fps", [23.976, 24, 30, 60])
@pytest.mark.parametrize("height", [0.4, 1.3, 3.0])
def test_first_drop_and_bounces(fps, height) -> None:
    when = clock(2.5, fps)
    truth, at = bounces(height, 0.6, 2.5)
    drop = moving(2, ball(0.1), when, lambda t: (np.array([0, 0, at(t) + 0.1]), np.array([0, 2.0 * t, 0])), mass=2.0)
    found = solve([still(1, floor(10, 4)), drop], when)
    times = [c.time for c in found if c.kind == "impact"]
    first = abs(times[0] - truth[0])
    seen = [t for i, t in enumerate(truth) if t < 2.4 and 0.6 ** (i + 1) * np.sqrt(2 * G * height) * 2 / G > 3 / fps]
    print(
        f"fps {fps} height {height}: first {first * 1000:.3f} ms, {len(seen)} bounces {worst(times, seen) * 1000:.3f} ms"
    )
    assert first < BOUND
    assert worst(times, seen) < BOUND
    impact = found[0]
    assert impact.bodies == (1, 2)
    assert impact.normal[2] < -0.99
    assert impact.speed == pytest.approx(np.sqrt(2 * G * height), rel=0.02)
    assert impact.impulse == pytest.approx(2.0 * 1.6 * np.sqrt(2 * G * height), rel=0.03)
    assert abs(impact.point[2]) < 0.01


def test_a_fall_that_stays() -> None:
    when = clock(1.5)
    truth, at = bounces(1.0, 0.0, 1.0)
    block = moving(2, box(0.4, 0.4, 0.4), when, lambda t: (np.array([0, 0, at(t) + 0.2]), ZERO))
    found = solve([still(1, floor(4)), block], when)
    assert [c.kind for c in found] == ["impact"]
    error = abs(found[0].time - truth[0])
    print(f"fall that stays: {error * 1000:.3f} ms")
    assert error < BOUND
    assert np.allclose(found[0].point, 0, atol=0.02)


def test_two_bodies_in_the_air() -> None:
    when = clock(1.5)
    meet = 0.6137

    def way(side):
        def at(t):
            x = -2.0 * (t - meet) if t < meet else 1.1 * (t - meet)
            return np.array([side * (x + 0.15), 0, 3 + 1.5 * t - G * t * t / 2]), np.array([0, side * 3 * t, 0])

        return at

    pair = [moving(1, ball(0.15), when, way(1), mass=1.0), moving(2, ball(0.15), when, way(-1), mass=1.0)]
    found = solve(pair, when)
    print(f"two bodies: {abs(found[0].time - meet) * 1000:.3f} ms")
    assert len(found) == 1
    assert abs(found[0].time - meet) < BOUND
    assert found[0].normal[0] > 0.98
    assert found[0].speed == pytest.approx(4.0, rel=0.04)  # the balls turn, their facets with them
    assert found[0].impulse == pytest.approx(3.1, rel=0.03)


def test_a_tumbling_box_lands_on_its_edge() -> None:
    """The first touch of a turning box, found by dense search over its corners."""
    when = clock(1.0)
    spin = np.array([1.2, 2.5, 0.7])
    mesh = box(0.5, 0.3, 0.2)
    from sora_addon.export.contacts.rotation import turn

    def free(t):
        return np.array([0.5 * t, 0, 1.2 - G * t * t / 2]), spin * t

    def low(t):
        place, vector = free(t)
        return float((mesh[0] @ turn(vector).T + place)[:, 2].min())

    a, b = 0.0, 1.0
    for _ in range(60):
        m = (a + b) / 2
        a, b = (m, b) if low(m) > 0 else (a, m)
    place, vector = free(a)

    def way(t):
        if t <= a:
            return free(t)
        since = t - a
        return place + np.array([0.5, 0, 1.0]) * since - np.array([0, 0, G / 2]) * since**2, _after(vector, since)

    def _after(vector, since):
        from sora_addon.export.contacts.rotation import turned

        return turned(turn(np.array([-3.0, 1.0, 2.0]) * since) @ turn(vector))

    found = solve([still(1, floor(8, 6)), moving(2, mesh, when, way)], when)
    error = abs(found[0].time - a)
    print(f"tumbling box: {error * 1000:.3f} ms, {len(found)} contacts")
    assert error < BOUND
    corner = mesh[0] @ turn(vector).T + place
    assert np.linalg.norm(np.array(found[0].point) - corner[corner[:, 2].argmin()]) < 0.02


def test_edge_falls_across_edge() -> None:
    """A rod that falls across a rail: neither has a corner there."""
    when = clock(1.0)
    truth, at = bounces(0.7, 0.5, 0.8)
    rail = still(1, box(2.0, 0.1, 0.1), (0, 0, -0.05))
    rod = moving(
        2,
        box(0.1, 2.0, 0.1),
        when,
        lambda t: (np.array([0, 0, at(t) + 0.05 * np.sqrt(2)]), np.array([0, np.pi / 4, 0])),
    )
    found = solve([rail, rod], when)
    error = abs(found[0].time - truth[0])
    print(f"edge across edge: {error * 1000:.3f} ms")
    assert error < BOUND
    assert abs(found[0].normal[2]) > 0.95


@pytest.mark.parametrize("meet", [0.5, 0.51234, 0.7])
@pytest.mark.parametrize("stays", [True, False])
def test_keyframed_motion(meet, stays) -> None:
    """An animated block runs into a wall at constant speed, and stops or goes on through: 1 ms."""
    when = clock(1.5)
    speed = 1.7

    def way(t):
        x = speed * (min(t, meet) if stays else t)
        return np.array([x - speed * meet - 0.2, 0, 0.5]), ZERO

    wall = still(1, box(0.2, 2, 2), (0.1, 0, 0.5))
    found = solve([wall, moving(2, box(0.4, 0.4, 0.4), when, way, motion="moving")], when)
    error = abs(found[0].time - meet)
    print(f"keyframed, stays {stays}: {error * 1000:.4f} ms")
    assert len(found) == 1
    assert error < 0.001
    assert found[0].speed == pytest.approx(speed, rel=0.02)
    assert found[0].normal[0] > 0.99


def test_eased_motion_through_a_surface() -> None:
    """Eased both ways as Blender's default keys do: it meets the wall half way, at full speed: 1 ms."""
    when = clock(2.0)

    def eased(t):
        u = np.clip(t / 1.5, 0, 1)
        return 3 * u * u - 2 * u**3

    meet = 0.75
    wall = still(1, box(0.2, 2, 2), (1.1, 0, 0))
    block = moving(2, box(0.4, 0.4, 0.4), when, lambda t: (np.array([2 * eased(t) - 0.2, 0, 0]), ZERO), motion="moving")
    found = solve([wall, block], when)
    assert [c.kind for c in found] == ["impact"]
    print(f"eased: {abs(found[0].time - meet) * 1000:.4f} ms")
    assert abs(found[0].time - meet) < 0.001


def test_a_mesh_larger_than_what_collides() -> None:
    """The seen mesh sinks in before the simulation stops it: the mesh's touch is the time."""
    when = clock(1.0)
    _, at = bounces(1.0, 0.3, 0.9)
    sunk = 0.1
    fall = moving(2, box(0.4, 0.4, 0.4), when, lambda t: (np.array([0, 0, at(t) + 0.2 - sunk]), ZERO), reach=sunk)
    found = solve([still(1, floor(4)), fall], when)
    touch = np.sqrt(2 * (1.0 - sunk) / G)
    print(f"sunk: {abs(found[0].time - touch) * 1000:.3f} ms")
    assert abs(found[0].time - touch) < BOUND
    assert len([c for c in found if abs(c.time - touch) < 0.1]) == 1
