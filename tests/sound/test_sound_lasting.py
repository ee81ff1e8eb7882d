"""What rolls and slides is heard as long as it does, as fast as it does."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hearing import centroid, cut, level
from sound_shots import body, floor, lasting, shot, silent

from engine.sound import foley
from sora_addon.contract import Sound

START, END = 0.4137, 1.5219


def friction(
    kind: str, speeds: list[float], one: Sound = "wood", other: Sound = "stone", size: float = 0.2
) -> np.ndarray:
    """(N,) of a roll or slide from ``START`` to ``END`` on a floor."""
    made = shot([body(1, one, size), floor(2, other)], [lasting(kind, START, END, speeds)], 48, words=silent())
    stems = foley(made)
    assert not stems.impacts.any()
    assert not stems.steps.any()
    assert not stems.ambience.any()
    return (stems.water if "water" in (one, other) else stems.friction).mean(axis=1).astype(np.float64)


@pytest.mark.parametrize("kind", ["roll", "slide"])
@pytest.mark.parametrize("one", ["steel", "wood", "rubber", "cardboard"])
@pytest.mark.parametrize("other", ["stone", "gravel", "water", "snow"])
def test_it_sounds_in_its_interval_and_nowhere_else(kind: str, one: Sound, other: Sound) -> None:
    wave = friction(kind, [1.0, 1.0], one, other)
    assert not cut(wave, 0.0, START).any()
    # in open air the ground gives it back a few milliseconds later
    assert not cut(wave, END + 0.02, 2.0).any()
    middle = level(cut(wave, 0.7, 1.3))
    assert middle > -70
    for start in np.arange(0.5, 1.4, 0.1):
        assert level(cut(wave, start, start + 0.1)) > middle - 12


@pytest.mark.parametrize("kind", ["roll", "slide"])
def test_it_sets_in_and_ends_without_a_click(kind: str) -> None:
    wave = friction(kind, [2.0, 2.0])
    loud = np.abs(cut(wave, 0.6, 1.4)).max()
    assert np.abs(cut(wave, START, START + 0.001)).max() < 0.2 * loud
    assert np.abs(cut(wave, END - 0.0005, END + 0.02)).max() < 0.35 * loud


@pytest.mark.parametrize("kind", ["roll", "slide"])
@pytest.mark.parametrize("one", ["steel", "wood", "rubber"])
def test_what_moves_faster_is_louder_and_brighter(kind: str, one: Sound) -> None:
    made = [cut(friction(kind, [speed, speed], one), 0.6, 1.4) for speed in (0.2, 0.8, 3.0)]
    for slow, fast in pairwise(made):
        assert level(fast) > level(slow) + 5
        assert centroid(fast) > centroid(slow)


@pytest.mark.parametrize("kind", ["roll", "slide"])
def test_it_fades_as_it_comes_to_rest(kind: str) -> None:
    wave = friction(kind, [3.0, 2.0, 1.0, 0.0])
    parts = [level(cut(wave, start, start + 0.25)) for start in (0.45, 0.75, 1.05, 1.27)]
    for earlier, later in pairwise(parts):
        assert later < earlier
    assert parts[-1] < parts[0] - 10


def test_what_stands_still_in_between_is_silent_there() -> None:
    wave = friction("slide", [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0])
    still = cut(wave, START + 0.42 * (END - START), START + 0.55 * (END - START))
    assert level(still) < level(cut(wave, 0.45, 0.6)) - 40


def test_rolling_is_darker_than_sliding() -> None:
    for one in ("steel", "wood", "stone"):
        roll, slide = (cut(friction(kind, [1.0, 1.0], one), 0.6, 1.4) for kind in ("roll", "slide"))
        assert centroid(roll) < centroid(slide)


def test_what_is_heavier_is_louder() -> None:
    levels = [level(cut(friction("roll", [1.0, 1.0], "steel", size=size), 0.6, 1.4)) for size in (0.03, 0.1, 0.3)]
    assert levels[0] < levels[1] < levels[2]


def test_what_began_before_the_shot_is_heard_from_its_first_sample() -> None:
    made = shot([body(1, "wood"), floor(2, "stone")], [lasting("roll", -3.0, 0.5, [1.0, 1.0])], 24, words=silent())
    wave = foley(made).friction.mean(axis=1)
    assert level(cut(wave, 0.0, 0.02)) > level(cut(wave, 0.1, 0.4)) - 10
    assert not cut(wave, 0.52, 1.0).any()


def test_what_goes_on_after_the_shot_is_cut_at_its_last_sample() -> None:
    made = shot([body(1, "wood"), floor(2, "stone")], [lasting("roll", 0.5, 9.0, [1.0, 1.0])], 24, words=silent())
    wave = foley(made).friction
    assert wave.shape == (made.time.samples, 2)
    assert level(wave[-960:]) > level(wave[36_000:]) - 10
