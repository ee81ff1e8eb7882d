"""Steps on every ground, splashes, rain, doors and their hinges."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hearing import centroid, cut, fall, level, octave, peak
from sound_shots import body, floor, hit, shot, silent

from engine.measure.onsets import find_onsets
from engine.sound import Stems, foley, mix
from sora_addon.contract import BodyRow, Contact, Shot, Sound

GROUNDS: tuple[Sound, ...] = ("wood", "stone", "steel", "gravel", "snow", "cloth", "water", "cardboard")


def walk(ground: Sound, speeds: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)) -> Shot:
    walker = body(1, "body", 1.7, motion="deforming", mass=75.0)
    contacts = [hit(0.3 + 0.55 * i, 1, 2, speed, kind="step") for i, speed in enumerate(speeds)]
    return shot([walker, floor(2, ground)], contacts, frames=72, words=silent())


def step(ground: Sound, number: int = 0) -> np.ndarray:
    stems = foley(walk(ground))
    stem = stems.water if ground == "water" else stems.steps
    start = 0.3 + 0.55 * number
    return cut(stem.mean(axis=1), start, start + 0.5)


@pytest.mark.parametrize("ground", GROUNDS)
def test_steps_land_on_their_own_stem(ground: Sound) -> None:
    stems = foley(walk(ground))
    heard_on = "water" if ground == "water" else "steps"
    for name, stem in stems.as_dict().items():
        assert stem.any() == (name == heard_on), name
    assert not stems.as_dict()[heard_on][: int(0.2999 * 48_000)].any()


def test_every_ground_sounds_its_own() -> None:
    """Colour and length, as ears tell grounds apart (Turchet et al. 2010)."""
    known = {ground: step(ground) for ground in GROUNDS}
    for one, other in combinations(GROUNDS, 2):
        bright = abs(np.log2(centroid(known[one]) / centroid(known[other])))
        long = abs(np.log2(fall(known[one]) / fall(known[other])))
        loud = abs(level(known[one]) - level(known[other])) / 6
        assert bright + long + loud > 0.3, (one, other)
    for crunching in ("gravel", "snow"):
        assert fall(known[crunching]) > 1.2 * fall(known["stone"])
    assert centroid(known["gravel"]) > centroid(known["snow"])
    assert level(known["cloth"]) < level(known["wood"]) - 6


def test_a_stamp_is_louder_than_a_creep() -> None:
    made = walk("wood", (0.3, 0.8, 2.0, 4.0))
    stem = foley(made).steps.mean(axis=1)
    peaks = [peak(cut(stem, 0.3 + 0.55 * i, 0.8 + 0.55 * i)) for i in range(4)]
    for soft, hard in pairwise(peaks):
        assert hard > soft + 2


def test_no_step_is_the_one_before() -> None:
    first, second = step("gravel", 0), step("gravel", 1)
    alike = np.corrcoef(first[:12_000], second[:12_000])[0, 1]
    assert abs(alike) < 0.5


def test_the_sole_follows_the_heel() -> None:
    """Two blows, some 60 to 180 ms apart (Cook 2002)."""
    wave = step("stone")
    assert peak(cut(wave, 0.06, 0.2)) > peak(cut(wave, 0.03, 0.06)) + 3


def splash(size: float = 0.3, speed: float = 4.0) -> np.ndarray:
    made = shot([body(1, "stone", size), floor(2, "water")], [hit(0.1, speed=speed, kind="splash")], 72, words=silent())
    stems = foley(made)
    assert not stems.impacts.any()
    return cut(stems.water.mean(axis=1), 0.1, 3.0)


def test_a_splash_slaps_and_then_sings() -> None:
    wave = splash()
    assert peak(cut(wave, 0, 0.01)) > peak(wave) - 9
    assert level(cut(wave, 0.3, 0.6)) > level(cut(wave, 0, 0.1)) - 30
    assert fall(wave) > 0.2


def test_larger_and_faster_splashes_are_louder_and_longer() -> None:
    sizes = [splash(size) for size in (0.02, 0.1, 0.5)]
    for small, large in pairwise(sizes):
        assert peak(large) > peak(small) + 3
        assert fall(large) > fall(small)
    speeds = [splash(speed=speed) for speed in (0.5, 2.0, 8.0)]
    for slow, fast in pairwise(speeds):
        assert peak(fast) > peak(slow) + 3
        assert fall(fast) > fall(slow)


def rain(number: int, ground: Sound = "stone", seconds: float = 2.0) -> Shot:
    random = np.random.default_rng(number)
    drops = body(1, "water", 10.0, motion="particles")
    contacts: list[Contact] = []
    for time in np.sort(random.uniform(0.2, seconds, number)):
        x, y = random.uniform(-6, 6), random.uniform(1, 12)
        contacts.append(
            Contact("splash" if ground == "water" else "impact", float(time), (1, 2), (x, y, 0), (0, 0, 1), 7.0)
        )
    return shot([drops, floor(2, ground)], contacts, frames=48, words=silent())


def test_rain_grows_with_its_drops() -> None:
    levels = [level(cut(foley(rain(number)).water.mean(axis=1), 0.3, 2.0)) for number in (20, 200, 2000)]
    assert levels[0] + 6 < levels[1]
    assert levels[1] + 6 < levels[2]
    # incoherent: ten times the drops are ten decibels
    assert levels[2] - levels[1] == pytest.approx(10.0, abs=3.0)


def test_single_drops_are_heard_when_they_fall() -> None:
    made = rain(5)
    apart = [replace(contact, time=0.25 + 0.31117 * i) for i, contact in enumerate(made.contacts)]
    onsets = [onset.time for onset in find_onsets(mix(foley(replace(made, contacts=apart))))]
    for contact in apart:
        assert min(abs(contact.time - onset) for onset in onsets) < 0.002


def test_rain_on_each_ground_is_its_own() -> None:
    colours = {
        ground: centroid(cut(foley(rain(400, ground)).water.mean(axis=1), 0.3, 2.0))
        for ground in ("stone", "wood", "steel", "water")
    }
    for one, other in combinations(colours, 2):
        assert abs(np.log2(colours[one] / colours[other])) > 0.05, (one, other, colours)


def test_a_drop_more_changes_no_other() -> None:
    """Which voice a drop has hangs on the drop, not on how many there are."""
    many = rain(50)
    fewer = replace(many, contacts=many.contacts[:-1])
    until = many.contacts[-1].time
    both = [cut(foley(made).water.mean(axis=1), 0.0, until) for made in (many, fewer)]
    np.testing.assert_array_equal(*both)


def test_pieces_that_fall_are_impacts() -> None:
    made = rain(100)
    gravel = replace(made.bodies[0], sound="gravel")
    stems = foley(replace(made, bodies=[gravel, made.bodies[1]]))
    assert stems.impacts.any()
    assert not stems.water.any()


def door(sound: Sound = "wood", spin: float = 1.5, size: float = 0.9, speed: float = 1.0) -> Stems:
    """A door that swings for a second and shuts at 1.2 s."""
    rows = [
        BodyRow(
            body(1, sound).rows[0].world,
            spin=(0.0, 0.0, spin if 0.2 * 24 <= frame < 1.2 * 24 else 0.0),
        )
        for frame in range(48)
    ]
    leaf = body(1, sound, size, motion="moving", mass=25.0, rows=rows)
    frame = body(2, "wood", 2.0, motion="still")
    return foley(shot([leaf, frame], [hit(1.2, speed=speed, kind="close")], frames=48, words=silent()))


def test_a_door_creaks_and_then_slams() -> None:
    stems = door()
    creak, slam = stems.friction.mean(axis=1), stems.impacts.mean(axis=1)
    assert level(cut(creak, 0.5, 1.1)) > -75
    assert not cut(creak, 1.25, 2.0).any()
    assert not cut(slam, 0.0, 1.1999).any()
    assert peak(slam) > peak(creak) + 12


def test_a_hinge_that_does_not_turn_is_mute() -> None:
    assert level(cut(door(spin=0.0).friction, 0.3, 1.2)) < level(cut(door(spin=0.6).friction, 0.3, 1.2)) - 40


def test_a_lid_creaks_less_than_a_door() -> None:
    assert not door(size=0.1).friction.any()
    assert level(door(size=0.3).friction) < level(door(size=0.9).friction)


def test_a_latch_snaps_in_after_the_blow() -> None:
    plain = shot(
        [body(1, "wood", 0.9, motion="moving", mass=25.0), body(2, "wood", 2.0, motion="still")],
        [hit(1.2, speed=1.0)],
        frames=48,
        words=silent(),
    )
    blow = foley(plain).impacts.mean(axis=1)
    slam = door().impacts.mean(axis=1)
    bright = [octave(wave, 2800.0) for wave in (slam, blow)]
    assert level(cut(bright[0], 1.215, 1.235)) > level(cut(bright[1], 1.215, 1.235)) + 20
    assert level(cut(bright[0], 1.2, 1.21)) < level(cut(bright[1], 1.2, 1.21)) + 6


def test_a_harder_slam_is_louder() -> None:
    peaks = [peak(door(speed=speed).impacts) for speed in (0.2, 1.0, 4.0)]
    assert peaks[0] + 4 < peaks[1]
    assert peaks[1] + 4 < peaks[2]
