"""Doors that shut: slammed, gently, and through a frame that they always touch at the hinge."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sora_addon.export.contacts import Clock, Track, solve

from .shapes import box, clock, moving, still

BOUND = 0.005


def door(when: Clock, angle: Callable[[float], float], **more: object) -> Track:
    return moving(
        2,
        box(0.9, 0.04, 2.0, (0.45, 0, 1.0)),
        when,
        lambda t: (np.zeros(3), np.array([0, 0, angle(t)])),
        motion="moving",
        **more,
    )


def frame() -> list[Track]:
    """A stop along the latch side and the post that carries the hinge."""
    stop = box(0.05, 0.05, 2.0, (0.9, 0.045, 1.0))
    post = box(0.1, 0.1, 2.0, (-0.05, 0, 1.0))
    return [still(1, stop), still(3, post)]


def test_a_slammed_door() -> None:
    when = clock(1.5)
    shut = 0.6789
    angle = lambda t: -1.4 * max(0.0, 1 - t / shut)  # noqa: E731
    found = solve([*frame(), door(when, angle, partners=frozenset({3}))], when)
    assert [c.kind for c in found] == ["close"]
    print(f"slammed: {abs(found[0].time - shut) * 1e3:.3f} ms")
    assert abs(found[0].time - shut) < BOUND
    assert found[0].speed == pytest.approx(1.4 / shut * 0.9, rel=0.05)
    assert found[0].point[0] > 0.8


def test_a_door_that_opens_and_is_shut_gently() -> None:
    when = clock(3.0)
    shut = 2.2

    def angle(t):
        u = np.clip(t / 1.0, 0, 1) if t < 1.2 else 1 - np.clip((t - 1.2) / (shut - 1.2), 0, 1)
        return -1.2 * (3 * u * u - 2 * u**3)

    found = solve([*frame(), door(when, angle)], when)
    assert [c.kind for c in found] == ["close"]
    print(f"gently: {abs(found[0].time - shut) * 1e3:.3f} ms")
    assert abs(found[0].time - shut) < BOUND


def test_a_door_that_bounces_back_is_struck() -> None:
    when = clock(1.5)
    hit = 0.5

    def angle(t):
        return -1.4 * (1 - t / hit) if t < hit else -1.1 * (t - hit)

    found = solve([*frame(), door(when, angle)], when)
    assert [c.kind for c in found] == ["impact"]
    assert abs(found[0].time - hit) < BOUND
