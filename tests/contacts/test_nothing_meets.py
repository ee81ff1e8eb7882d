"""Scenes in which nothing meets: no contact may be found."""

from __future__ import annotations

import numpy as np
import pytest

from sora_addon.export.contacts import Clock, Track, solve
from sora_addon.export.contacts.rotation import turn

from .shapes import G, ball, box, clock, floor, moving, still

ZERO = np.zeros(3)


def eased(t: float, length: float) -> float:
    u = float(np.clip(t / length, 0, 1))
    return 3 * u * u - 2 * u**3


def passing(when: Clock) -> list[Track]:
    """Two balls that pass each other at 1 cm, and one that passes a wall at 1 cm."""
    near = moving(1, ball(0.2), when, lambda t: (np.array([3 * t - 2, 0, 1]), ZERO), motion="moving")
    far = moving(2, ball(0.2), when, lambda t: (np.array([2 - 3 * t, 0.41, 1]), np.array([0, 0, 9 * t])))
    wall = still(3, box(6, 0.1, 3), (0, -0.26, 1))
    return [near, far, wall]


def near_miss(when: Clock) -> list[Track]:
    """A throw whose arc clears a box by 1 cm, without gravity's landing in the shot."""
    top = 1.2
    way = lambda t: (np.array([2 * t - 1.5, 0, top + 0.11 - G * (t - 0.75) ** 2 / 2 + 0]), np.array([2 * t, 5 * t, 0]))  # noqa: E731
    return [moving(1, ball(0.1), when, way), still(2, box(0.1, 1, top), (0, 0, top / 2))]


def stops_short(when: Clock) -> list[Track]:
    """A block that is animated up to 1 cm from a wall and stops there at once."""
    way = lambda t: (np.array([min(2 * t, 1.0) - 1.21, 0, 0]), ZERO)  # noqa: E731
    return [moving(1, box(0.4, 0.4, 0.4), when, way, motion="moving"), still(2, box(0.02, 3, 3), (0.01, 0, 0))]


def all_still(when: Clock) -> list[Track]:
    """A box that stands on a floor, beside another that it leans on."""
    return [still(1, floor(5)), still(2, box(1, 1, 1), (0, 0, 0.5)), still(3, box(1, 1, 1), (1, 0, 0.5))]


def rests(when: Clock) -> list[Track]:
    """Simulated things at rest tremble by less than can be seen."""
    random = np.random.default_rng(5)
    shake = random.normal(size=(2, when.rows, 3)) * 2e-5

    def at(i, z):
        return lambda t: (np.array([0, 0, z]) + shake[i, round((t - when.times[0]) * when.fps)], ZERO)

    stack = [moving(2 + i, box(0.5, 0.5, 0.5), when, at(i, 0.25 + 0.5 * i), mass=1.0) for i in range(2)]
    return [still(1, floor(5, 3)), *stack]


def fan(when: Clock) -> list[Track]:
    """A fan that turns on its motor, in front of its guard."""
    blades = moving(
        1, box(1.2, 0.2, 0.02), when, lambda t: (np.array([0, 0, 2]), np.array([0, 0, 11 * t])), motion="moving"
    )
    return [blades, still(2, box(0.1, 0.1, 0.3), (0, 0, 2.1)), still(3, box(2, 2, 0.02), (0, 0, 1.95))]


def two_cars(when: Clock) -> list[Track]:
    """Two cars on parallel paths that clear the road and each other by 1 cm, one braking hard."""
    first = moving(1, box(4, 1.6, 1.2), when, lambda t: (np.array([8 * t, 0, 0.61]), ZERO), motion="moving")
    second = moving(
        2, box(4, 1.6, 1.2), when, lambda t: (np.array([12 * min(t, 0.8) - 4, 1.61, 0.61]), ZERO), motion="moving"
    )
    return [first, second, still(3, floor(60, 8))]


def held_by_the_camera(when: Clock) -> list[Track]:
    """A cup in the camera's hand, on a shaky walk through a corridor."""

    def way(t):
        sway = np.array([0, 0.05 * np.sin(9 * t), 0.04 * np.abs(np.sin(6 * t))])
        return np.array([1.4 * t, 0, 1.5]) + sway, np.array([0, 0.1 * np.sin(9 * t), 0])

    return [
        moving(1, ball(0.05), when, way, motion="moving"),
        still(2, floor(20)),
        still(3, box(20, 0.1, 3), (0, 1, 1.5)),
    ]


def parent_and_child(when: Clock) -> list[Track]:
    """A lid that swings open on its chest, and a wheel on its axle."""
    lid = moving(
        1,
        box(1, 0.6, 0.05, (0, 0.3, 0.025)),
        when,
        lambda t: (np.array([0, -0.3, 0.4]), np.array([1.4 * eased(t, 1.5), 0, 0])),
        motion="moving",
        partners=frozenset({2}),
    )
    return [lid, still(2, box(1, 0.6, 0.4), (0, 0, 0.2))]


def thrown_up(when: Clock) -> list[Track]:
    """A ball that rests on a floor and is kicked up and away: it leaves, it meets nothing."""

    def way(t):
        since = max(0.0, t - 0.52)
        return np.array([since, 0, 0.2 + 8 * since - G * since**2 / 2]), np.array([0, 3 * since, 0])

    return [still(1, floor(9)), moving(2, ball(0.2), when, way)]


SCENES = [
    passing,
    near_miss,
    stops_short,
    all_still,
    rests,
    fan,
    two_cars,
    held_by_the_camera,
    parent_and_child,
    thrown_up,
]


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_meets(scene) -> None:
    when = clock(1.5)
    found = solve(scene(when), when)
    print(f"{scene.__name__}: {len(found)} false contacts")
    assert found == []


def test_nothing_meets_in_a_crowd() -> None:
    """Twenty things that turn and fly on a grid, a centimetre apart at the nearest."""
    when = clock(1.0)
    random = np.random.default_rng(2)
    tracks = []
    for i in range(20):
        spin = random.normal(size=3) * 6
        place = np.array([i % 5, i // 5, 0]) * 0.61
        radius = 0.3 if i % 2 else 0.3 / np.sqrt(3) * 0.99
        mesh = ball(0.3, 8) if i % 2 else box(*(2 * radius,) * 3)
        start = turn(random.normal(size=3))
        tracks.append(
            moving(
                i + 1,
                (mesh[0] @ start.T, mesh[1]),
                when,
                lambda t, p=place, s=spin: (p + np.array([0, 0, 2 * t - G * t * t / 2]), s * t),
            )
        )
    assert solve(tracks, when) == []
