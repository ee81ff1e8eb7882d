"""The mix against closed form: what gives way, when, by how much, and what is left as it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_shot import MadeShot

from engine.pipeline.mixing import AUDIBLE, BEFORE, HELD, RECOVERY, ducking, mixed
from engine.sound import Stems, mix
from sora_addon.contract import SAMPLE_RATE, Contact, Shot, SoundMix

SECONDS = 2
RATE = 24


@pytest.fixture
def shot() -> Shot:
    return replace(MadeShot(frames=SECONDS * RATE, width=16, height=16).shot(), contacts=[contact(0.8)])


def contact(time: float, **more: object) -> Contact:
    plain = Contact("impact", time, (1, 4), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0), 2.0)
    return replace(plain, **more)


def stems(loud: float = 0.2) -> Stems:
    """Impacts that sound all the time, so that every contact is heard; each other stem at a level of its own."""
    level = {"impacts": loud, "friction": 0.0, "steps": 0.0, "water": 0.0, "ambience": 0.01}
    return Stems(**{name: np.full((SECONDS * SAMPLE_RATE, 2), value, np.float32) for name, value in level.items()})


def at(track: np.ndarray, seconds: float) -> float:
    return float(track[round(seconds * SAMPLE_RATE)])


def test_the_gain_around_a_contact(shot: Shot) -> None:
    gain = ducking(shot, stems().as_dict(), 12.0)
    low = 10 ** (-12 / 20)
    assert gain.shape == (SECONDS * SAMPLE_RATE,)
    assert at(gain, 0.8) == pytest.approx(low, abs=1e-4), "down when the contact begins"
    assert at(gain, 0.8 + HELD) == pytest.approx(low, abs=1e-4)
    assert at(gain, 0.8 - BEFORE / 2) == pytest.approx(10 ** (-6 / 20), abs=1e-4), "half way in decibels"
    assert at(gain, 0.8 + HELD + RECOVERY / 2) == pytest.approx(10 ** (-6 / 20), abs=1e-4)
    away = np.ones(len(gain), bool)
    away[round((0.8 - BEFORE) * SAMPLE_RATE) : round((0.8 + HELD + RECOVERY) * SAMPLE_RATE) + 1] = False
    assert np.all(gain[away] == 1)
    assert np.abs(np.diff(gain)).max() < 0.002, "no click"


def test_what_lasts_is_ducked_as_long_as_it_lasts(shot: Shot) -> None:
    lasting = contact(0.5, kind="slide", until=1.2, speeds=[1.0, 1.0], points=[(0.0, 0.0, 0.0)] * 2)
    gain = ducking(replace(shot, contacts=[lasting]), stems().as_dict(), 20.0)
    assert all(at(gain, time) == pytest.approx(0.1, abs=1e-4) for time in (0.5, 0.9, 1.2))
    assert at(gain, 1.2 + RECOVERY + 0.01) == 1


def test_overlapping_contacts_are_not_ducked_twice(shot: Shot) -> None:
    both = replace(shot, contacts=[contact(0.8), contact(0.82)])
    assert ducking(both, stems().as_dict(), 12.0).min() == pytest.approx(10 ** (-12 / 20), abs=1e-4)


def test_a_contact_that_nobody_hears_ducks_nothing(shot: Shot) -> None:
    assert np.all(ducking(shot, stems(AUDIBLE / 2).as_dict(), 12.0) == 1)
    assert ducking(shot, stems(AUDIBLE * 2).as_dict(), 12.0).min() < 0.3


def test_contacts_outside_the_shot(shot: Shot) -> None:
    for time in (-5.0, float(SECONDS), 99.0):
        assert np.all(ducking(replace(shot, contacts=[contact(time)]), stems().as_dict(), 12.0) == 1)
    assert at(ducking(replace(shot, contacts=[contact(-0.05)]), stems().as_dict(), 12.0), 0.0) < 0.3


def test_joint_foley_and_both(shot: Shot) -> None:
    joint = np.full((SECONDS * SAMPLE_RATE, 2), 0.3, np.float32)
    dry = mix(stems(), None)
    assert np.array_equal(mixed(shot, stems(), joint, SoundMix("foley"), False), dry)
    assert np.array_equal(mixed(shot, stems(), joint, SoundMix("joint"), False), joint)
    both = mixed(shot, stems(), joint, SoundMix("both", duck=12.0), False)
    gain = ducking(shot, stems().as_dict(), 12.0)
    assert np.allclose(both, dry + joint * gain[:, None], atol=1e-6)
    assert np.allclose(mixed(shot, stems(), joint, SoundMix("both", duck=0.0), False), dry + joint, atol=1e-6)


def test_gains(shot: Shot) -> None:
    joint = np.full((SECONDS * SAMPLE_RATE, 2), 0.3, np.float32)
    made = mixed(shot, stems(), joint, SoundMix("both", duck=0.0, joint=-20.0, foley=6.0), False)
    assert np.allclose(made, mix(stems(), None) * 10 ** (6 / 20) + joint / 10, atol=1e-5)
    assert np.allclose(
        mixed(shot, stems(), None, SoundMix(foley=-6.0), False), mix(stems()) * 10 ** (-6 / 20), atol=1e-5
    )


def test_sound_over_the_foley_is_never_heard_without_it_nor_ducked(shot: Shot) -> None:
    over = np.full((SECONDS * SAMPLE_RATE, 2), 0.1, np.float32)
    dry = mix(stems(), None)
    for use in ("joint", "both"):
        assert np.allclose(mixed(shot, stems(), over, SoundMix(use), True), dry + over, atol=1e-6)
    assert np.array_equal(mixed(shot, stems(), over, SoundMix("foley"), True), dry)


def test_without_a_joint_sound_the_foley_is_heard_whatever_is_wanted(shot: Shot) -> None:
    for use in ("joint", "foley", "both"):
        assert np.array_equal(mixed(shot, stems(), None, SoundMix(use), False), mix(stems(), None))
