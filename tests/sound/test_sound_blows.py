"""Size, hardness and strength of a blow are heard as pitch, brightness, level and decay."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hearing import centroid, cut, fall, heard, level, lowest, peak
from sound_shots import body, floor, hit, shot, silent

from sora_addon.contract import SOUNDS, Box, Sound

SIZES = (0.03, 0.06, 0.12, 0.25, 0.5)
SPEEDS = (0.2, 0.8, 3.0, 9.0)
RINGING: tuple[Sound, ...] = ("steel", "glass", "ceramic", "plastic")
"""Long enough for a partial to be read."""
IN_PIECES: frozenset[Sound] = frozenset({"cardboard", "cloth", "gravel", "snow"})
"""A cloud of grains is drawn anew for every blow, and its colour with it."""


def blow(
    one: Sound, other: Sound, size: float = 0.12, speed: float = 3.0, seconds: float = 2.0, **more: object
) -> np.ndarray:
    """(N,) of one impact, from the impact on."""
    bodies = [body(1, one, size, **more), body(2, other, size)]
    wave = heard(shot(bodies, [hit(0.1, speed=speed)], frames=round(24 * seconds), words=silent()))
    assert not cut(wave, 0.0, 0.0999).any()
    return cut(wave, 0.1, seconds)


@pytest.mark.parametrize("sound", SOUNDS)
def test_what_is_larger_is_louder(sound: Sound) -> None:
    made = [blow(sound, sound, size) for size in SIZES]
    for small, large in pairwise(made):
        assert peak(large) > peak(small) + 1
    assert peak(made[-1]) > peak(made[0]) + 12


@pytest.mark.parametrize("sound", [sound for sound in SOUNDS if sound != "water"])
def test_what_is_larger_sounds_darker(sound: Sound) -> None:
    """From 6 cm on: smaller things ring at the border of hearing. A splash is the water's, not the thing's."""
    colours = [centroid(cut(blow(sound, sound, size), 0, 0.2)) for size in SIZES[1:]]
    for small, large in pairwise(colours):
        assert large < (1.2 if sound in IN_PIECES else 1.05) * small
    assert colours[-1] < 0.8 * colours[0]


@pytest.mark.parametrize("sound", RINGING)
def test_twice_as_large_rings_an_octave_lower(sound: Sound) -> None:
    pitches = [lowest(cut(blow(sound, sound, size), 0.003, 0.3)) for size in (0.15, 0.3, 0.6)]
    for high, low in pairwise(pitches):
        assert high / low == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize("sound", [*RINGING, "wood"])
def test_what_is_larger_rings_longer(sound: Sound) -> None:
    times = [fall(blow(sound, sound, size, seconds=4.0)) for size in (0.06, 0.25, 1.0)]
    for small, large in pairwise(times):
        assert large > 1.3 * small


@pytest.mark.parametrize("sound", SOUNDS)
def test_a_harder_blow_is_louder(sound: Sound) -> None:
    made = [blow(sound, "wood", speed=speed) for speed in SPEEDS]
    for soft, hard in pairwise(made):
        assert peak(hard) > peak(soft) + 3
        assert level(hard) > level(soft) + 2


@pytest.mark.parametrize("sound", ["steel", "wood", "stone", "plastic", "rubber", "body"])
def test_a_faster_blow_is_shorter_and_brighter(sound: Sound) -> None:
    colours = [centroid(cut(blow(sound, sound, speed=speed), 0, 0.1)) for speed in SPEEDS]
    for slow, fast in pairwise(colours):
        assert fast > slow


def test_a_larger_impulse_is_louder() -> None:
    def struck(impulse: float) -> np.ndarray:
        bodies = [body(1, "wood", 0.3), floor(2, "wood")]
        return heard(shot(bodies, [hit(0.1, speed=2.0, impulse=impulse)], words=silent()))

    peaks = [peak(struck(impulse)) for impulse in (0.01, 0.1, 1.0, 10.0)]
    for less, more in pairwise(peaks):
        assert more > less + 2


def test_what_strikes_softly_dulls_what_it_strikes() -> None:
    """The same steel, struck by steel, rubber and flesh: the longer the contact, the darker and the softer."""
    made = [cut(blow("steel", other), 0, 0.15) for other in ("steel", "rubber", "body")]
    for hard, soft in pairwise(made):
        assert centroid(soft) < 0.8 * centroid(hard)
        assert peak(soft) < peak(hard)


def test_materials_decay_in_the_order_that_ears_know() -> None:
    """Klatzky, Pai and Krotkov (Presence 9(4), 2000): decay tells metal from glass from ceramic from the rest."""
    times = {sound: fall(blow(sound, sound, 0.2)) for sound in SOUNDS}
    assert times["steel"] > 1.5 * times["glass"] > 1.5 * times["ceramic"]
    for dull in ("wood", "plastic", "stone", "rubber", "body", "generic"):
        assert times["ceramic"] > 2 * times[dull]
    assert times["cloth"] > 2 * times["body"]  # a rustle, not a thud


def test_no_two_materials_sound_alike() -> None:
    """Spectra in thirds of an octave and three stretches of time, levels taken out: all fourteen differ clearly."""

    def heard_as(sound: Sound) -> np.ndarray:
        wave = blow(sound, sound, 0.2, seconds=1.0)
        edges = np.geomspace(50, 18_000, 27)
        rows = []
        for start, end in ((0.0, 0.02), (0.02, 0.08), (0.08, 0.4)):
            part = cut(wave, start, end)
            power = np.abs(np.fft.rfft(part, 1 << 15)) ** 2
            pitch = np.fft.rfftfreq(1 << 15, 1 / 48_000)
            bands = [power[(pitch >= a) & (pitch < b)].sum() for a, b in pairwise(edges)]
            rows.append(10 * np.log10(np.array(bands) + 1e-9))
        table = np.concatenate(rows)
        table = np.maximum(table, table.max() - 60)
        return table - table.mean()

    known = {sound: heard_as(sound) for sound in SOUNDS}
    for one, other in combinations(SOUNDS, 2):
        apart = float(np.sqrt(np.mean((known[one] - known[other]) ** 2)))
        assert apart > 3.0, (one, other, apart)


def test_a_lighter_shell_of_the_same_size_rings_lower() -> None:
    """A thin wall bends more easily. The other body is of rubber and does not ring."""

    def struck(mass: float) -> float:
        bodies = [body(1, "steel", 0.2, mass=mass), body(2, "rubber", 0.2)]
        wave = heard(shot(bodies, [hit(0.1, speed=6.0)], frames=24, words=silent()))
        return lowest(cut(wave, 0.2, 0.7))

    assert struck(2.0) < 0.7 * struck(40.0)


def test_where_it_is_struck_is_heard() -> None:
    bar = Box((-0.5, -0.02, -0.02), (0.5, 0.02, 0.02))

    def struck(x: float) -> np.ndarray:
        bodies = [body(1, "steel", bounds=bar), body(2, "wood", 0.05)]
        return heard(shot(bodies, [hit(0.1, point=(x, 3.0, 0.0))], words=silent()))

    end, middle = struck(0.5), struck(0.0)
    assert np.abs(end - middle).max() > 0.05 * np.abs(end).max()


def test_a_touch_without_speed_is_silent() -> None:
    made = shot([body(1, "steel"), body(2, "steel")], [hit(0.1, speed=0.0)], words=silent())
    assert not heard(made).any()
