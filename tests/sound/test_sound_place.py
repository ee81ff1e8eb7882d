"""Near and far, left and right, coming and going: as the camera hears it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hearing import centroid, cut, level, peak
from sound_shots import body, camera_row, hit, lasting, shot, silent

from engine.sound import foley
from engine.sound.listener import Listener
from sora_addon.contract import BodyRow, CameraRow, Shot

C = 343.0


def struck(point: tuple[float, float, float], camera: list[CameraRow] | None = None, time: float = 0.1) -> np.ndarray:
    """(N, 2) of one blow that is heard in open air, high above the ground."""
    x, y, z = point
    there = [BodyRow((1.0, 0.0, 0.0, x, 0.0, 1.0, 0.0, y, 0.0, 0.0, 1.0, z, 0.0, 0.0, 0.0, 1.0))]
    bodies = [body(1, "wood", rows=there), body(2, "stone", rows=there)]
    return foley(shot(bodies, [hit(time, point=point)], words=silent(), camera=camera)).impacts


def test_it_falls_off_with_distance() -> None:
    """One over r: 6 dB each time the distance doubles, from where nothing is tamed."""
    peaks = [peak(struck((0.0, y, 0.0))) for y in (3.0, 6.0, 12.0, 24.0)]
    for near, far in pairwise(peaks):
        assert near - far == pytest.approx(6.02, abs=1.5)
    assert peak(struck((0.0, 0.01, 0.0))) < peak(struck((0.0, 3.0, 0.0))) + 20


def test_air_takes_the_highs_on_a_long_way() -> None:
    near, far = (centroid(cut(struck((0.0, y, 0.0)).mean(axis=1), 0.1, 0.3)) for y in (3.0, 200.0))
    assert far < 0.85 * near


def test_left_and_right_are_where_they_are_seen() -> None:
    for x in (-4.0, -1.0, 1.0, 4.0):
        left, right = struck((x, 3.0, 0.0)).T
        assert np.sign(level(right) - level(left)) == np.sign(x)
    left, right = struck((0.0, 3.0, 0.0)).T
    np.testing.assert_array_equal(left, right)


def test_to_the_side_is_further_to_the_side() -> None:
    apart = []
    for x in (0.5, 1.5, 4.0):
        left, right = struck((x, 3.0, 0.0)).T
        apart.append(level(right) - level(left))
    assert apart[0] < apart[1] < apart[2]


def test_power_is_kept_across_the_base() -> None:
    powers = []
    for degrees in (-80, -40, 0, 40, 80):
        angle = np.radians(degrees)
        heard = struck((6 * np.sin(angle), 6 * np.cos(angle), 0.0))
        powers.append(10 * np.log10(np.mean(heard.astype(np.float64) ** 2)))
    assert np.ptp(powers) < 0.5


def test_the_far_ear_hears_it_later() -> None:
    left, right = struck((4.0, 3.0, 0.0)).T
    first = [int(np.flatnonzero(ear)[0]) for ear in (left, right)]
    assert 0 < first[0] - first[1] < 0.0004 * 48_000
    assert first[1] == pytest.approx(0.1 * 48_000, abs=1)


def test_the_camera_carries_the_ears() -> None:
    """A camera that stands to the right of the blow hears it on its left."""
    left, right = struck((0.0, 3.0, 0.0), [camera_row(4.0)] * 24).T
    assert level(left) > level(right) + 3


def test_a_cut_moves_the_ears_at_once() -> None:
    rows = [camera_row(-4.0, "A")] * 12 + [camera_row(4.0, "B")] * 12
    before = struck((0.0, 3.0, 0.0), rows, 11.8 / 24)
    after = struck((0.0, 3.0, 0.0), rows, 12.2 / 24)
    assert level(before[:, 1]) > level(before[:, 0]) + 3
    assert level(after[:, 0]) > level(after[:, 1]) + 3


def passing(speed: float, frames: int = 48) -> Shot:
    """Something that is dragged on one spot at a steady pace, and a camera that moves along x at ``speed`` m/s."""
    x = [speed * (frame / 24 - 1.0) for frame in range(frames)]
    spot = [(0.0 if speed == 0 else 60.0 * np.sign(speed), 3.0, 0.0)] * 2
    bodies = [body(1, "steel", 0.2), body(2, "glass", 0.2)]
    made = shot(bodies, [lasting("slide", -1.0, 3.0, [1.5, 1.5], spot)], frames, words=silent())
    return replace(made, camera=[camera_row(place) for place in x])


def pitch_ratio(moving: np.ndarray, still: np.ndarray) -> float:
    """By how much the spectrum of the one must be stretched to be that of the other."""
    grid = np.geomspace(400, 12_000, 6000)

    def spectrum(wave: np.ndarray) -> np.ndarray:
        power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 17))
        shape = np.log(np.interp(grid, np.fft.rfftfreq(1 << 17, 1 / 48_000), power) + 1e-9)
        return shape - shape.mean()

    one, other = spectrum(moving), spectrum(still)
    shifts = np.arange(-300, 301)
    scores = [float(np.roll(other, shift)[350:-350] @ one[350:-350]) for shift in shifts]
    return float((grid[1] / grid[0]) ** shifts[int(np.argmax(scores))])


@pytest.mark.parametrize("speed", [10.0, 20.0, 40.0])
def test_doppler_bends_the_pitch_of_what_comes_and_goes(speed: float) -> None:
    still = cut(foley(passing(0.0)).friction.mean(axis=1), 0.5, 1.5)
    coming = cut(foley(passing(speed)).friction.mean(axis=1), 0.5, 1.5)
    assert pitch_ratio(coming, still) == pytest.approx(1 + speed / C, abs=0.006)
    leaving = passing(speed)
    leaving = replace(leaving, camera=leaving.camera[::-1])
    gone = cut(foley(leaving).friction.mean(axis=1), 0.5, 1.5)
    assert pitch_ratio(gone, still) == pytest.approx(1 - speed / C, abs=0.006)


def test_doppler_moves_no_interval() -> None:
    """The pitch bends, the picture's clock does not: it begins and ends when it is seen to."""
    made = passing(40.0)
    bounded = replace(made, contacts=[lasting("slide", 0.5, 1.5, [1.5, 1.5], [(60.0, 3.0, 0.0)] * 2)])
    wave = foley(bounded).friction.mean(axis=1)
    known = np.flatnonzero(wave) / 48_000
    assert known[0] == pytest.approx(0.5, abs=0.003)
    assert known[-1] == pytest.approx(1.5, abs=0.03)


def test_azimuth_and_distance_are_geometry() -> None:
    listener = Listener(shot([body(1, "wood"), body(2, "wood")], [], camera=[camera_row(1.0)] * 24))
    found = listener.hear(np.zeros(3), np.array([[1.0, 5.0, 0.0], [5.0, 4.0, 0.0], [-2.0, 0.0, 0.0]]))
    np.testing.assert_allclose(found.distance, [5.0, np.sqrt(32), 3.0])
    np.testing.assert_allclose(found.azimuth, [0.0, np.pi / 4, -np.pi / 2], atol=1e-12)
