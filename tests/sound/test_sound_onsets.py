"""Every blow is heard when it happens, by a detector that the synthesiser does not share (engine/measure/onsets.py)."""

from __future__ import annotations

from itertools import chain, combinations_with_replacement

import numpy as np
import pytest
from sound_shots import body, camera_row, floor, hit, room, shot, silent

from engine.measure.sound import sound_onset
from engine.sound import foley, mix
from sora_addon.contract import SOUNDS, Contact, Shot, Sound, Words

PAIRS = list(combinations_with_replacement(SOUNDS, 2))
TIMES = (0.2137, 0.8519, 1.4303)
"""Seconds, on no frame and no sample."""
SPEEDS = (4.4, 1.5, 3.0)
MEDIAN, P95 = 5.0, 10.0
"""Milliseconds, of issue A."""


def struck(one: Sound, other: Sound, words: Words, **more: object) -> Shot:
    contacts = [hit(time, speed=speed) for time, speed in zip(TIMES, SPEEDS, strict=True)]
    return shot([body(1, one, 0.12), body(2, other, 0.12)], contacts, frames=52, words=words, **more)  # type: ignore[arg-type]


def errors(made: Shot) -> list[float]:
    """Milliseconds from each contact to the onset that belongs to it; every contact must have one."""
    figure = sound_onset(mix(foley(made)), made)
    assert figure.detail["missed_at"] == []
    return [abs(late) for late in figure.detail["late_ms"].values()]


@pytest.mark.parametrize("one", SOUNDS)
def test_each_pair_of_materials_is_heard_in_time(one: Sound) -> None:
    found = {other: errors(struck(one, other, silent())) for other in SOUNDS[SOUNDS.index(one) :]}
    for other, late in found.items():
        assert np.median(late) <= MEDIAN, (one, other)
    assert np.percentile(list(chain.from_iterable(found.values())), 95) <= P95


def test_all_pairs_in_the_air_of_a_shot_are_heard_in_time() -> None:
    """Under the faint bed that a shot has where its words name none."""
    late = list(chain.from_iterable(errors(struck(*pair, Words("", seed=3))) for pair in PAIRS))
    assert len(late) == 3 * len(PAIRS)
    print(f"{len(late)} contacts: median {np.median(late):.3f} ms, p95 {np.percentile(late, 95):.3f} ms")
    assert np.median(late) <= MEDIAN
    assert np.percentile(late, 95) <= P95


@pytest.mark.parametrize("ground", ["wood", "stone", "gravel", "water", "cloth"])
def test_things_that_fall_on_a_floor_in_a_room_are_heard_in_time(ground: Sound) -> None:
    contacts = [hit(time, speed=speed) for time, speed in zip(TIMES, SPEEDS, strict=True)]
    bodies = [body(1, "steel", 0.15), floor(2, ground, 6.0)]
    late = errors(shot(bodies, contacts, frames=52, words=silent(), room=room((6, 8, 3))))
    assert np.median(late) <= MEDIAN
    assert max(late) <= P95


@pytest.mark.parametrize("x", [-12.0, 0.0, 12.0])
def test_far_and_to_the_side_is_still_in_time(x: float) -> None:
    """The way of sound through the air is left out, on purpose: picture and sound are held to one time."""
    contacts = [hit(time, point=(x, 12.0, 0.0)) for time in TIMES]
    made = shot([body(1, "wood"), body(2, "stone")], contacts, frames=52, words=silent(), camera=[camera_row()] * 52)
    assert max(errors(made)) <= MEDIAN


def test_two_blows_in_quick_succession_are_two() -> None:
    contacts = [hit(0.5), hit(0.5725)]
    made = shot([body(1, "wood"), body(2, "stone")], contacts, frames=24, words=silent())
    late = errors(made)
    assert len(late) == 2
    assert max(late) <= MEDIAN


def test_sound_that_is_late_is_caught() -> None:
    """The control: the same detector must see twenty milliseconds."""
    made = struck("steel", "wood", silent())
    samples = mix(foley(made))
    figure = sound_onset(np.roll(samples, 960, axis=0), made)
    assert figure.value == pytest.approx(20.0, rel=0.1)


def test_steps_splashes_and_closings_are_heard_in_time() -> None:
    walker = body(1, "body", 1.7, motion="deforming", mass=75.0)
    door = body(3, "wood", 0.9, motion="moving", mass=20.0)
    bodies = [walker, floor(2, "wood"), door, floor(4, "water"), body(5, "stone", 0.2), floor(6, "stone")]
    contacts: list[Contact] = [
        hit(0.3127, 1, 2, 1.0, kind="step"),
        hit(1.1391, 3, 6, 1.2, kind="close"),
        hit(2.0211, 5, 4, 4.0, kind="splash"),
    ]
    late = errors(shot(bodies, contacts, frames=72, words=silent()))
    assert len(late) == 3
    assert max(late) <= MEDIAN
