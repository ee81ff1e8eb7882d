"""Exact lengths, the same samples for the same seed, stems that add up, silence that is silent, nothing that clips."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hearing import peak
from sound_shots import body, floor, hit, lasting, room, shot, silent

from engine.media.loudness import master, true_peak
from engine.sound import foley, mix
from engine.sound.stems import NAMES
from sora_addon.contract import SOUNDS, Shot, Words

RATES = [(24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1)]


def busy(seed: int = 7, frames: int = 40) -> Shot:
    """Something on every stem, in a room."""
    bodies = [body(1, "steel", 0.2), floor(2, "wood"), body(3, "body", 1.7, motion="deforming"), floor(4, "water")]
    contacts = [
        hit(0.21, 1, 2),
        lasting("roll", 0.3, 0.9, [1.0, 0.4]),
        hit(0.55, 3, 2, 1.0, kind="step"),
        hit(0.87, 1, 4, 3.0, kind="splash"),
    ]
    return shot(bodies, contacts, frames, room=room((6, 8, 3), "wood"), words=Words("rain", seed=seed))


def digest(made: Shot) -> str:
    return hashlib.sha256(b"".join(stem.tobytes() for stem in foley(made).as_dict().values())).hexdigest()


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("frames", [1, 2, 37])
def test_samples_are_exact_at_every_rate(rate: tuple[int, int], frames: int) -> None:
    bodies = [body(1, "wood"), body(2, "stone")]
    contacts = [hit(0.01), lasting("slide", -0.5, 2.0, [1.0, 1.0])]
    made = shot(bodies, contacts, frames, rate, words=Words("rain", seed=1))
    stems = foley(made)
    wanted = round(Fraction(frames) / Fraction(*rate) * 48_000)
    assert mix(stems).shape == (wanted, 2)
    for stem in stems.as_dict().values():
        assert stem.shape == (wanted, 2)
        assert stem.dtype == np.float32


def test_the_stems_add_up_to_the_mix() -> None:
    stems = foley(busy())
    assert tuple(stems.as_dict()) == NAMES
    assert all(stem.any() for stem in stems.as_dict().values())
    total = np.zeros_like(stems.impacts)
    for stem in stems.as_dict().values():
        total += stem
    np.testing.assert_array_equal(mix(stems), total)


def test_a_gain_moves_one_stem() -> None:
    stems = foley(busy())
    louder = mix(stems, {"impacts": 6.0})
    np.testing.assert_allclose(louder - mix(stems), stems.impacts * np.float32(10**0.3 - 1), atol=1e-6)
    with pytest.raises(ValueError, match="no stem 'music'"):
        mix(stems, {"music": 0.0})


def test_the_same_seed_gives_the_same_samples() -> None:
    assert digest(busy()) == digest(busy())
    assert digest(busy(8)) != digest(busy(7))


def test_another_process_gives_the_same_samples() -> None:
    """Nothing hangs on the order of a set or a hash that Python salts anew."""
    here = Path(__file__).parent
    script = "from test_sound_stems import busy, digest; print(digest(busy()))"
    paths = os.pathsep.join([str(here.parents[1]), str(here.parent), str(here)])
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert told == digest(busy())


def test_what_else_happens_changes_no_voice() -> None:
    """Each voice draws from its own numbers: a body more in the scene leaves the others as they were."""
    bodies = [body(1, "glass"), floor(2, "wood"), body(3, "gravel")]
    one, other = hit(0.1, 1, 2), hit(0.6, 3, 2)
    alone = foley(shot(bodies[:2], [one], words=silent())).impacts
    with_other = foley(shot(bodies, [one, other], words=silent())).impacts
    np.testing.assert_array_equal(alone[: round(0.6 * 48_000)], with_other[: round(0.6 * 48_000)])


def test_nothing_happens_and_silence_is_asked_for() -> None:
    stems = foley(shot([body(1, "steel"), body(2, "steel")], [], words=silent()))
    for stem in stems.as_dict().values():
        assert not stem.any()


@pytest.mark.parametrize("sound", SOUNDS)
def test_an_anvil_at_the_lens_does_not_clip(sound: str) -> None:
    bodies = [body(1, sound, 2.0, mass=1e5), floor(2, sound)]  # type: ignore[arg-type]
    made = shot(bodies, [hit(0.1, speed=60.0, point=(0.0, 0.1, 0.0))], words=silent(), room=room((3, 3, 3)))
    stems = foley(made)
    for name, stem in stems.as_dict().items():
        assert np.isfinite(stem).all()
        assert np.abs(stem).max() <= 1.0, name
    assert peak(mix(stems)) < 0


def test_a_hundred_blows_at_once_do_not_clip() -> None:
    bodies = [body(i, "steel", 0.3) for i in range(1, 102)]
    contacts = [hit(0.1 + 1e-5 * i, i, 101, 9.0, point=(0.01 * i - 0.5, 1.0, 0.0)) for i in range(1, 101)]
    stems = foley(shot(bodies, contacts, words=silent()))
    assert 0.8 < np.abs(stems.impacts).max() <= 1.0
    delivered = master(mix(stems), None)
    assert true_peak(delivered) <= -1.0


def test_everything_at_once_is_delivered_under_the_ceiling() -> None:
    made = busy()
    loud = mix(foley(replace(made, contacts=[replace(c, speed=40.0) for c in made.contacts if not c.lasts] * 6)))
    for target in (None, -16.0):
        assert true_peak(master(loud, target)) <= -1.0


def test_contacts_beyond_the_shot_are_left_out() -> None:
    bodies = [body(1, "steel"), body(2, "steel")]
    made = shot(bodies, [hit(0.1), hit(50.0)], words=silent())
    np.testing.assert_array_equal(foley(made).impacts, foley(shot(bodies, [hit(0.1)], words=silent())).impacts)


def test_what_struck_just_before_the_shot_still_rings() -> None:
    stem = foley(shot([body(1, "steel", 0.3), body(2, "steel", 0.3)], [hit(-0.1)], words=silent())).impacts
    assert peak(stem[:4800]) > -40


def test_the_work_can_be_followed_and_stopped() -> None:
    told: list[tuple[int, int]] = []
    foley(busy(), lambda done, total: told.append((done, total)))
    assert told[0] == (0, told[-1][1])
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)

    with pytest.raises(InterruptedError):
        foley(busy(), _stop_at(2))


def _stop_at(step: int) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done >= step:
            raise InterruptedError

    return progress
