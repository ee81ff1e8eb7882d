"""A model's sound on the shot's clock: exact counts, exact places."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from engine.controls.sound import samples_out
from sora_addon.contract import samples_of


def tone(seconds: float, rate: int, hertz: float = 440.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def pitch(sound: np.ndarray) -> float:
    window = np.hanning(len(sound))
    spectrum = np.abs(np.fft.rfft(sound * window, 1 << 20))
    return float(np.argmax(spectrum) * 48000 / (1 << 20))


@pytest.mark.parametrize(
    ("frames", "fps"), [(100, Fraction(24000, 1001)), (17, Fraction(24)), (50, Fraction(30000, 1001))]
)
@pytest.mark.parametrize("rate", [16000, 24000, 44100, 48000])
def test_exactly_the_shots_samples(frames: int, fps: Fraction, rate: int) -> None:
    samples = samples_of(frames, fps)
    for seconds in (float(frames / fps) - 0.02, float(frames / fps) + 0.02):
        out = samples_out(tone(seconds, rate), rate, samples)
        assert out.shape == (samples, 2)
        assert out.dtype == np.float32


def test_at_48_khz_it_is_what_it_was() -> None:
    sound = np.random.default_rng(1).standard_normal((1000, 2)).astype(np.float32)
    assert np.array_equal(samples_out(sound, 48000, 600), sound[:600])


def test_a_tone_keeps_its_pitch_from_another_rate() -> None:
    out = samples_out(tone(1.0, 24000), 24000, 48000)
    assert pitch(out[:, 0]) == pytest.approx(440, abs=0.1)
    clean = tone(1.0, 48000)
    assert np.abs(out[2000:-2000, 0] - clean[2000:-2000]).max() < 0.01
    assert np.array_equal(out[:, 0], out[:, 1])


def test_stretched_from_24_to_23976_a_click_stays_with_its_frame() -> None:
    """A click at frame 96 of a model's 24 a second, which is 4 s, is at frame 96 of 23.976: 4.004 s."""
    sound = np.zeros(5 * 24000, np.float32)
    sound[4 * 24000] = 1.0
    out = samples_out(sound, 24000, samples_of(100, Fraction(24000, 1001)), Fraction(1001, 1000))
    assert abs(int(np.argmax(out[:, 0])) - round(4.004 * 48000)) <= 1


def test_short_sound_fades_out_and_is_padded_with_silence() -> None:
    """LTX-2 gives 0.690 s for 0.708 s."""
    sound = np.ones((round(0.690 * 48000), 2), np.float32)
    out = samples_out(sound, 48000, samples_of(17, Fraction(24)))
    assert len(out) == 34000
    assert (out[len(sound) :] == 0).all()
    assert out[len(sound) - 1, 0] == 0
    assert np.abs(np.diff(out[:, 0])).max() < 0.005, "no click"
    assert (out[: len(sound) - 240] == 1).all()


def test_no_sound_is_silence_and_more_channels_are_two() -> None:
    assert not samples_out(np.zeros((0, 2), np.float32), 24000, 10).any()
    assert samples_out(np.ones((10, 6), np.float32), 48000, 10).shape == (10, 2)


def test_what_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        samples_out(np.array([0.0, np.nan], np.float32), 48000, 2)
