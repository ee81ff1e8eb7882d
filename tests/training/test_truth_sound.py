"""The true sound: on the guide's clock, in rooms that answer, with the ambience that was drawn."""

from __future__ import annotations

import numpy as np
import pytest
from made_shot import MadeShot
from numpy.typing import NDArray

from engine.sound import foley, mix
from engine.sound.bodies import resonator
from engine.training.truth_sound import BED_OF, SHELLS, dry_shot, rich, room_response, truth_stems
from sora_addon.contract import SAMPLE_RATE, Shot
from sora_addon.scenes.training import vocabulary as known

ROOMS = (*SHELLS, "open air", "underwater")


@pytest.fixture(scope="module")
def shot() -> Shot:
    return MadeShot(frames=36).shot()


def energy(signal: NDArray[np.floating]) -> float:
    return float(np.mean(np.square(signal.astype(np.float64))))


def test_every_room_and_ambience_of_the_vocabulary_is_known(shot: Shot) -> None:
    assert set(ROOMS) == set(known.ROOMS)
    assert {"none", *BED_OF} == set(known.AMBIENCES)
    with pytest.raises(KeyError):
        truth_stems(shot, "a bathroom", "none")


@pytest.mark.parametrize("room", ROOMS)
def test_a_blow_is_where_the_guide_has_it(shot: Shot, room: str) -> None:
    guide, truth = foley(dry_shot(shot)).impacts, truth_stems(shot, room, "none").impacts
    assert truth.shape == (shot.time.samples, 2)
    assert np.isfinite(truth).all()
    threshold = 0.1
    first = [int(np.argmax(np.abs(stem).max(1) > threshold * np.abs(stem).max())) for stem in (guide, truth)]
    assert abs(first[0] - first[1]) < 0.003 * SAMPLE_RATE


@pytest.mark.parametrize("room", list(SHELLS))
def test_a_room_is_heard_and_does_not_drown_the_blow(shot: Shot, room: str) -> None:
    dry, wet = (truth_stems(shot, name, "none").impacts for name in ("open air", room))
    assert 0.7 < np.abs(wet).max() / np.abs(dry).max() < 1.6
    assert energy(wet - dry) > 1e-3 * energy(dry)
    assert energy(wet) < 4.0 * energy(dry)


def test_a_larger_room_rings_longer() -> None:
    long = MadeShot(frames=72).shot()

    def centre(room: str) -> float:
        power = np.square(room_response(long, room)).sum(1)
        return float((power * np.arange(power.size)).sum() / power.sum() / SAMPLE_RATE)

    assert centre("small room") < centre("hall") < centre("cathedral")


def test_under_water_is_dull_and_narrow(shot: Shot) -> None:
    above, below = (truth_stems(shot, room, "none").impacts for room in ("open air", "underwater"))

    def bright(stem: NDArray[np.float32]) -> float:
        power = np.square(np.abs(np.fft.rfft(stem.mean(1))))
        hertz = np.fft.rfftfreq(len(stem), 1 / SAMPLE_RATE)
        return float(power[hertz > 3000].sum() / power.sum())

    assert bright(below) < 0.05 * bright(above)


def test_ambience_is_heard_and_differs(shot: Shot) -> None:
    beds = {name: truth_stems(shot, "open air", name).ambience for name in known.AMBIENCES}
    assert energy(beds["rain"]) > 4 * energy(beds["none"]) > 0
    assert len({bed.tobytes() for bed in beds.values()}) == len(known.AMBIENCES)


def test_a_body_has_more_modes_than_its_guide_and_the_same_pitch(shot: Shot) -> None:
    ball = next(body for body in shot.bodies if body.motion != "still")
    guide, truth = resonator(ball, 1), rich(ball, 1)
    assert truth.frequencies.size >= 2 * guide.frequencies.size
    assert truth.frequencies[0] == pytest.approx(guide.frequencies[0], rel=0.006)
    assert (np.diff(truth.frequencies) >= 0).all()
    assert truth.orders.shape == (truth.frequencies.size, 2)


def test_the_same_shot_sounds_the_same_to_the_bit(shot: Shot) -> None:
    first, second = (mix(truth_stems(shot, "hall", "wind")) for _ in range(2))
    assert np.array_equal(first, second)
