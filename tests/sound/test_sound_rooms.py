"""Rooms ring as long as Sabine says; open air answers with the ground alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hearing import cut, heard, level, octave, reverberation
from sound_shots import body, hit, lasting, room, shot, silent

from engine.sound import foley
from engine.sound.materials import MATERIALS, OCTAVES
from engine.sound.room import AIR
from sora_addon.contract import Room, Shot, Sound

SIZES = ((5.0, 4.0, 3.0), (12.0, 9.0, 5.0), (30.0, 20.0, 10.0))


def click(where: Room | None, seconds: float = 3.0) -> Shot:
    """A blow that is over in milliseconds."""
    bodies = [body(1, "stone", 0.03), body(2, "stone", 0.03)]
    point = (0.3, 1.4, 0.2)
    frames = round(24 * seconds)
    return shot(bodies, [hit(0.1, speed=8.0, point=point)], frames, room=where, words=silent())


def sabine(size: tuple[float, float, float], sound: Sound, band: int) -> float:
    """0.161 V / (S alpha + 4 m V), by hand."""
    x, y, z = size
    volume, surface = x * y * z, 2 * (x * y + y * z + x * z)
    return 0.161 * volume / (surface * MATERIALS[sound].absorption[band] + 4 * AIR[band] * volume)


@pytest.mark.parametrize(
    ("size", "sound"), [(SIZES[0], "stone"), (SIZES[0], "wood"), (SIZES[1], "wood"), (SIZES[1], "cloth")]
)
def test_a_room_rings_as_long_as_sabine_says(size: tuple[float, float, float], sound: Sound) -> None:
    """Both ears of three seeds together: a single decay of a narrow band of noise scatters by a tenth."""
    told = {center: sabine(size, sound, band) for band, center in enumerate(OCTAVES) if center >= 500}
    made = click(room(size, sound), 0.6 + 0.8 * max(told.values()))
    ears = [
        ear
        for seed in range(3)
        for ear in foley(replace(made, words=replace(made.words, seed=seed))).impacts.T.astype(np.float64)
    ]
    for center, time in told.items():
        # after the mirror images, where the field is diffuse
        late = [octave(ear, center, parts=3)[round((0.1 + 0.12) * 48_000) :] for ear in ears]
        assert reverberation(*late) == pytest.approx(time, rel=0.15), center


def test_open_air_is_dry() -> None:
    outside = heard(click(None))
    inside = heard(click(room(SIZES[1], "stone")))
    courtyard = heard(click(room(SIZES[1], "stone", enclosed=False)))
    for dry in (outside, courtyard):
        assert not cut(dry, 0.3, 3.0).any()
    assert level(cut(inside, 0.3, 1.0)) > -80


def test_the_blow_itself_stays_where_it_is() -> None:
    """The room adds; it moves and hides nothing."""
    outside, inside = heard(click(None)), heard(click(room(SIZES[1], "stone")))
    first = [int(np.flatnonzero(np.abs(wave) > 1e-6)[0]) for wave in (outside, inside)]
    assert first[0] == first[1] == 4800
    assert np.argmax(np.abs(inside)) == pytest.approx(np.argmax(np.abs(outside)), abs=48)


def test_harder_walls_and_larger_rooms_ring_more() -> None:
    def tail(size: tuple[float, float, float], sound: Sound) -> float:
        return level(cut(heard(click(room(size, sound))), 0.3, 1.5))

    assert tail(SIZES[1], "stone") > tail(SIZES[1], "wood") > tail(SIZES[1], "cloth")
    assert tail(SIZES[1], "wood") > tail(SIZES[0], "wood")


def test_the_first_mirror_comes_when_geometry_says() -> None:
    """Sound comes back from a wall after the way there and back (Allen and Berkley 1979)."""
    wide = room((40.0, 40.0, 30.0))
    # in open air above the same floor the ground answers too, at the same time and more softly
    answered = heard(click(wide)) - heard(click(Room(wide.bounds, False, "stone")))
    direct = np.linalg.norm([0.3, 1.4, 0.2])
    mirrored = np.linalg.norm([0.3, 1.4, -1.5 * 2 - 0.2])
    expected = 0.1 + (mirrored - direct) / 343.0
    first = np.flatnonzero(np.abs(answered) > 1e-4)[0] / 48_000
    assert first == pytest.approx(expected, abs=0.0003)


def test_what_lasts_rings_on_too() -> None:
    made = shot(
        [body(1, "wood", 0.2), body(2, "stone", 0.2)],
        [lasting("slide", 0.2, 0.8, [1.0, 1.0], [(0.0, 1.5, 0.0)] * 2)],
        48,
        room=room(SIZES[2], "stone"),
        words=silent(),
    )
    stem = foley(made).friction.mean(axis=1)
    assert level(cut(stem, 0.9, 1.2)) > level(cut(stem, 0.4, 0.8)) - 40


def test_the_ears_hear_different_tails() -> None:
    left, right = foley(click(room(SIZES[1], "stone"))).impacts[24_000:48_000].T
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.3
