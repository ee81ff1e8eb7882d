"""Sound files to the sample; loudness and true peak against what the standards say of made signals."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from engine.media.loudness import loudness, master, true_peak
from engine.media.sound_file import read_sound, write_sound
from sora_addon.contract import ContractError, samples_of

SECOND = 48_000


def stereo(mono: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.stack([mono, mono], axis=1).astype(np.float32)


def sine(decibels: float, hertz: float, seconds: float = 4.0, phase: float = 0.0) -> NDArray[np.float32]:
    time = np.arange(round(seconds * SECOND)) / SECOND
    return stereo(10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * time + phase))


def hits(level: float) -> NDArray[np.float32]:
    """A second and a half of struck tones, one each half second."""
    time = np.arange(3 * SECOND // 2)
    return stereo(level * np.exp(-(time % 24_000) / 1500) * np.sin(time % 24_000 * 0.2))


@pytest.mark.parametrize(
    "rate", [(24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1)]
)
@pytest.mark.parametrize("frames", [1, 101])
def test_samples_are_exact(tmp_path: Path, rate: tuple[int, int], frames: int) -> None:
    count = samples_of(frames, Fraction(*rate))
    assert count == round(frames * 48_000 * rate[1] / rate[0])
    samples = np.random.default_rng(frames).uniform(-1, 1, (count, 2)).astype(np.float32)
    write_sound(tmp_path / "sound.wav", samples)
    info = soundfile.info(tmp_path / "sound.wav")
    assert (info.frames, info.samplerate, info.channels, info.subtype) == (count, 48_000, 2, "FLOAT")
    got, heard_at = read_sound(tmp_path / "sound.wav")
    assert heard_at == 48_000
    assert got.dtype == np.float32
    assert got.tobytes() == samples.tobytes()
    assert [path.name for path in tmp_path.iterdir()] == ["sound.wav"]


def test_nothing_is_clipped_and_the_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    samples = np.array([[0.0, -0.0], [1.0, -1.0], [2.0, -2.0], [2**-40, -(2**-24)]], np.float32)
    write_sound(tmp_path / "one.wav", samples)
    got, _ = read_sound(tmp_path / "one.wav")
    assert got.tobytes() == samples.tobytes()
    write_sound(tmp_path / "two.wav", got)
    data = (tmp_path / "one.wav").read_bytes()
    assert data == (tmp_path / "two.wav").read_bytes()
    assert data.endswith(samples.tobytes())
    assert int.from_bytes(data[4:8], "little") == len(data) - 8


def test_no_sound_at_all(tmp_path: Path) -> None:
    write_sound(tmp_path / "sound.wav", np.zeros((0, 2), np.float32))
    got, rate = read_sound(tmp_path / "sound.wav")
    assert (got.shape, rate) == ((0, 2), 48_000)


def test_sounds_that_are_not_stereo(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mono.wav", np.array([0.25, -0.5]), 44_100, subtype="FLOAT")
    got, rate = read_sound(tmp_path / "mono.wav")
    assert rate == 44_100
    np.testing.assert_array_equal(got, [[0.25, 0.25], [-0.5, -0.5]])
    soundfile.write(tmp_path / "six.wav", np.zeros((5, 6)), SECOND)
    with pytest.raises(ContractError, match=r"six\.wav: has 6 channels"):
        read_sound(tmp_path / "six.wav")
    with pytest.raises(ValueError, match="shape"):
        write_sound(tmp_path / "mono.wav", np.zeros((5, 1), np.float32))
    with pytest.raises(ValueError, match="finite"):
        write_sound(tmp_path / "mono.wav", np.full((5, 2), np.nan, np.float32))


def test_damaged_sounds_are_refused_or_read(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with pytest.raises(ContractError, match=r"sound\.wav: cannot be read as a sound"):
        read_sound(path)
    write_sound(path, np.zeros((500, 2), np.float32))
    good = path.read_bytes()
    chance = random.Random(3)
    for _ in range(300):
        bad = bytearray(good)
        for _ in range(chance.choice([1, 2, 4])):
            bad[chance.randrange(60)] = chance.choice([0, 1, 127, 128, 255])
        if chance.random() < 0.2:
            del bad[chance.randrange(len(bad)) :]
        path.write_bytes(bad)
        fields = []
        try:
            samples, _ = read_sound(path)
            assert samples.size <= 2 * len(bad)
        except ContractError as error:
            fields.append(error.field)
        assert fields in ([], ["sound.wav"])


def test_loudness_of_the_reference_tone() -> None:
    """EBU Tech 3341, case 1: a stereo 1 kHz sine of -23 dBFS is -23.0 LUFS, +-0.1."""
    assert loudness(sine(-23.0, 1000.0)) == pytest.approx(-23.0, abs=0.1)
    assert loudness(sine(-33.0, 1000.0)) == pytest.approx(-33.0, abs=0.1)


def test_what_has_no_loudness() -> None:
    assert loudness(np.zeros((SECOND, 2), np.float32)) is None
    assert loudness(sine(-20.0, 1000.0, seconds=0.39)) is None
    assert loudness(np.zeros((0, 2), np.float32)) is None
    assert loudness(sine(-100.0, 1000.0)) is None


@pytest.mark.parametrize(
    ("samples", "peak"),
    [
        (sine(-6.0, 12_000.0, 0.2, 0.0), -6.0),
        (sine(-6.0, 12_000.0, 0.2, np.pi / 4), -6.0),
        (sine(-6.0, 8_000.0, 0.2, np.pi / 3), -6.0),
        (sine(0.0, 997.0, 0.2), 0.0),
    ],
)
def test_true_peak_between_samples(samples: NDArray[np.float32], peak: float) -> None:
    """EBU Tech 3341, cases 15 to 18, away from the ends where the tone breaks off: +0.2 and -0.4 dB are allowed."""
    window = np.minimum(1.0, np.minimum(np.arange(len(samples)), np.arange(len(samples))[::-1]) / 1000)[:, None]
    assert -0.4 <= true_peak((samples * window).astype(np.float32)) - peak <= 0.2


def test_silence_has_no_peak() -> None:
    assert true_peak(np.zeros((100, 2), np.float32)) == -np.inf
    assert true_peak(np.zeros((0, 2), np.float32)) == -np.inf


MADE = {
    "hits": hits(3.0),
    "noise": np.random.default_rng(1).standard_normal((SECOND // 2, 2)).astype(np.float32),
    "square": stereo(np.sign(np.sin(np.arange(SECOND // 2) * 0.13))),
    "clicks": ((np.random.default_rng(2).random((SECOND // 2, 2)) > 0.999) * 4.0).astype(np.float32),
    "an edge": stereo(np.array([4.0, 0.0, 0.0, -4.0])),
    "one sample": np.array([[3.0, 0.0]], np.float32),
}


@pytest.mark.parametrize("target", [None, -23.0, -12.0])
@pytest.mark.parametrize("name", MADE)
def test_a_master_never_passes_the_ceiling(name: str, target: float | None) -> None:
    made = master(MADE[name], target)
    assert made.shape == MADE[name].shape
    assert made.dtype == np.float32
    assert true_peak(made) <= -1.0
    finer = resample_poly(made.astype(np.float64), 16, 1, axis=0)  # not the meter that the limiter has
    assert 20 * np.log10(np.abs(finer).max()) <= -1.0


@pytest.mark.parametrize("target", [-23.0, -16.0])
def test_a_master_reaches_its_loudness(target: float) -> None:
    assert loudness(master(hits(0.3), target)) == pytest.approx(target, abs=0.1)
    assert loudness(master(hits(3.0), target)) == pytest.approx(target, abs=0.1)


def test_what_needs_nothing_is_left_alone() -> None:
    samples = hits(0.5)
    np.testing.assert_array_equal(master(samples, None), samples)
    silence = np.zeros((SECOND, 2), np.float32)
    np.testing.assert_array_equal(master(silence, None), silence)
    np.testing.assert_array_equal(master(silence, -23.0), silence)
    assert master(np.zeros((0, 2), np.float32), -23.0).shape == (0, 2)


def test_silence_before_a_hit_stays_silent_and_the_hit_stays_put() -> None:
    samples = np.zeros((SECOND, 2), np.float32)
    samples[20_000:] = hits(4.0)[: SECOND - 20_000]
    made = master(samples, None)
    np.testing.assert_array_equal(made[:20_001], 0.0)
    assert np.flatnonzero(made[:, 0])[0] == np.flatnonzero(samples[:, 0])[0]
    # The gain has no phase: no sample changes its sign, and crossings of zero stay where they were.
    np.testing.assert_array_equal(np.sign(made), np.sign(samples))


def test_both_sides_are_turned_down_together() -> None:
    samples = hits(3.0)
    samples[:, 1] *= 0.25
    made = master(samples, None)
    np.testing.assert_allclose(made[:, 1], made[:, 0] * 0.25, rtol=1e-5, atol=1e-7)
