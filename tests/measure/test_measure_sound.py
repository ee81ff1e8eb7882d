from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_shot import MadeShot
from measured_clip import knocks

from engine.measure.onsets import find_onsets
from engine.measure.sound import heard_contacts, sound_onset
from sora_addon.contract import Contact, Shot


@pytest.fixture(scope="module")
def shot() -> Shot:
    return MadeShot(frames=48).shot()


def struck(shot: Shot, times: list[float], speeds: list[float] | None = None) -> Shot:
    speeds = speeds or [2.0] * len(times)
    return replace(
        shot,
        contacts=[
            Contact("impact", time, (4, 1), (0.5, 0.2, 0.0), (0, 0, 1), speed)
            for time, speed in zip(times, speeds, strict=True)
        ],
    )


def test_sound_in_time_reads_near_zero(shot: Shot) -> None:
    found = sound_onset(knocks(shot), shot)
    assert found.value < 0.5
    assert found.detail["p95"] < 1.0
    assert found.detail["recall_30ms"] == 1.0
    assert found.detail["precision_30ms"] == 1.0


@pytest.mark.parametrize("late", [0.020, -0.020, 0.120])
def test_late_and_early_sound_is_sized(shot: Shot, late: float) -> None:
    found = sound_onset(knocks(shot, late), shot)
    assert found.value == pytest.approx(abs(1000 * late), rel=0.1)
    assert found.detail["offset"] == pytest.approx(1000 * late, rel=0.1)
    assert found.detail["recall_30ms"] == (1.0 if abs(late) < 0.03 else 0.0)


def test_a_contact_without_its_sound_is_missed(shot: Shot) -> None:
    found = sound_onset(knocks(shot, leave_out=1), shot)
    assert found.value < 0.5
    assert found.detail["missed_at"] == [pytest.approx(shot.contacts[1].time)]


def test_the_sound_of_a_contact_that_was_left_out_is_not_taken_for_anothers(shot: Shot) -> None:
    busy = struck(shot, [0.3, 0.9, 0.94, 1.4], [2.0, 2.0, 1.5, 2.0])
    found = sound_onset(knocks(busy, leave_out=1), busy)
    assert found.detail["missed_at"] == [0.9]
    assert found.detail["max"] < 1.0


def test_onsets_of_something_else_are_no_lag(shot: Shot) -> None:
    other = struck(shot, [0.31, 1.16])
    found = sound_onset(knocks(other), struck(shot, [0.5, 1.3]))
    assert found.value is None
    assert found.detail["recall_30ms"] == 0.0


def test_silence_is_no_sound_in_time(shot: Shot) -> None:
    found = sound_onset(np.zeros((shot.time.samples, 2), np.float32), shot)
    assert found.value is None
    assert found.detail["recall_30ms"] == 0.0


def test_a_shot_without_contacts_has_no_figure(shot: Shot) -> None:
    still = replace(shot, contacts=[])
    assert sound_onset(knocks(shot), still).value is None


def test_blows_in_hiss_are_found_to_the_millisecond(shot: Shot) -> None:
    times = [0.2, 0.55, 0.9, 1.0, 1.31, 1.77]
    busy = struck(shot, times, [2, 0.6, 1, 1.5, 0.8, 2])
    hiss = np.random.default_rng(0).normal(0, 0.002, (busy.time.samples, 2)).astype(np.float32)
    found = sound_onset(knocks(busy, 0.020) + hiss, busy)
    assert found.detail["matched"] == 6
    assert found.value == pytest.approx(20, rel=0.1)
    assert found.detail["precision_30ms"] == 1.0


def test_a_ring_that_beats_is_one_onset() -> None:
    seconds = np.arange(96_000) / 48_000
    ring = (np.sin(2 * np.pi * 800 * seconds) + np.sin(2 * np.pi * 812 * seconds)) * np.exp(-2 * seconds)
    samples = np.concatenate([np.zeros(12_000), ring])
    onsets = find_onsets(samples.astype(np.float32))
    assert [round(onset.time, 3) for onset in onsets] == [0.25]


def test_a_drowned_contact_is_not_asked_for(shot: Shot) -> None:
    busy = struck(shot, [0.2, 0.23, 0.5, 0.9], [1.0, 3.0, 2.0, 0.001])
    assert [contact.time for contact in heard_contacts(busy)] == [0.23, 0.5]


def test_rain_is_a_texture(shot: Shot) -> None:
    wet = struck(shot, [0.02 * i for i in range(80)])
    wet = replace(wet, bodies=[replace(body, motion="particles") if body.index == 4 else body for body in wet.bodies])
    assert heard_contacts(wet) == []
