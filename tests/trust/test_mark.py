"""The mark: as good as invisible, read after what clips go through, and never read where it is not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from marked_clips import ill_treated, made_frames, made_samples, marked
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from engine.command import main
from engine.media.clip import write_clip
from engine.media.sound_file import write_sound
from engine.trust.library import mark_of, remember
from engine.trust.mark.code import CODED, decoded, encoded
from engine.trust.mark.read import TRIES, read_mark
from engine.trust.mark.sound import mark_samples
from sora_addon.contract import Size

TAKE = "0b0e7e7e-1234-4000-8000-000000000001"
MARK = mark_of(TAKE)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mark") / "clip.mp4"
    assert marked(6, MARK, path) >= 42.0
    return path


def test_the_code_corrects_noise_and_nothing_else_passes() -> None:
    dice = np.random.default_rng(1)
    sent = encoded(MARK)
    assert sent.shape == (CODED,)
    assert decoded(sent) == MARK
    assert sum(decoded(sent + dice.normal(0, 0.9, CODED)) == MARK for _ in range(40)) >= 38
    assert all(decoded(dice.normal(0, 1.0, CODED)) is None for _ in range(200))
    assert TRIES * 2.0**-24 <= 1e-6


@pytest.mark.parametrize(
    "how",
    [
        {"quality": 28, "audio": 96_000},
        {"crop": 0.9, "rate": Fraction(30)},
        {"quality": 28, "scale": 0.5},
    ],
    ids=lambda how: "+".join(how),
)
def test_it_is_read_after(clip: Path, tmp_path: Path, how: dict) -> None:
    ill_treated(clip, tmp_path / "copy.mp4", **how)
    assert read_mark(tmp_path / "copy.mp4") == MARK


def test_sound_alone_carries_it(tmp_path: Path) -> None:
    sound = made_samples(3)
    mark_samples(sound, MARK)
    write_sound(tmp_path / "a.wav", sound)
    write_sound(tmp_path / "later.wav", sound[20_011:])
    assert read_mark(tmp_path / "a.wav") == read_mark(tmp_path / "later.wav") == MARK


def test_it_lies_under_the_sound_as_far_as_is_stated() -> None:
    for seed in (1, 2):
        before = made_samples(seed)
        after = before.copy()
        mark_samples(after, MARK)
        for centre in 1000.0 * 2.0 ** (np.arange(-3, 10) / 3):
            sound, mark = (_levels(signal[:, 0], centre) for signal in (before, after - before))
            assert np.percentile(sound - mark, 1) > 10.0, centre
            assert np.median(sound - mark) > 17.0, centre
    silence = np.zeros((96_000, 2), np.float32)
    mark_samples(silence, MARK)
    assert not silence.any()


def test_unmarked_clips_say_nothing(tmp_path: Path) -> None:
    frames, sound = made_frames(2, 60, 256, 144), made_samples(2, 60)
    write_clip(tmp_path / "plain.mp4", frames, sound, Fraction(24), Size(256, 144))
    assert read_mark(tmp_path / "plain.mp4") is None
    (tmp_path / "not.mp4").write_bytes(b"nothing")
    assert read_mark(tmp_path / "not.mp4") is None


def test_verify_leads_from_a_stripped_clip_to_its_take(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remember(TAKE, clip.parent, "2026-01-01")
    assert main(["verify", str(clip)]) == 1
    said = capsys.readouterr().out
    assert "credentials were REMOVED" in said
    assert "manifest.stripped" in said
    assert TAKE in said


def _levels(channel: NDArray[np.float32], centre: float) -> NDArray[np.float64]:
    """Decibels of every 21 ms of a third of an octave, where there is something to hear."""
    sides = centre * 2.0 ** (-1 / 6), centre * 2.0 ** (1 / 6)
    heard = sosfilt(butter(4, sides, "bandpass", fs=48_000, output="sos"), channel.astype(np.float64))
    rows = heard[: len(heard) // 1024 * 1024].reshape(-1, 1024)
    return 10 * np.log10(np.mean(rows**2, axis=1) + 1e-14)
