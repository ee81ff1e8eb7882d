"""Sound as the model hears it, and back."""

from __future__ import annotations

import numpy as np

from engine.model.mel import BANDS, HOP, SILENCE, decibels, frames_of, mel, render


def a_blow(samples: int = 24_000, at: int = 9_000) -> np.ndarray:
    random = np.random.default_rng(0)
    sound = np.zeros((samples, 2), np.float32)
    ring = random.standard_normal(6_000) * np.exp(-np.arange(6_000) / 1_500)
    sound[at : at + 6_000] = 0.3 * ring[:, None]
    return sound + (0.01 * np.sin(np.arange(samples) * 2 * np.pi * 440 / 48_000))[:, None].astype(np.float32)


def test_frames_lie_on_the_clock() -> None:
    sound = np.zeros((48_000, 2), np.float32)
    sound[12_345] = 1
    seen = mel(sound)
    assert seen.shape == (BANDS, 192)
    assert int(seen.sum(0).argmax()) == 12_345 // HOP
    assert frames_of(1_001) == 5
    assert mel(sound[:1_001]).shape == (BANDS, 5)


def test_silence_is_silence() -> None:
    assert np.allclose(mel(np.zeros((5_000, 2), np.float32)), SILENCE)


def test_ten_times_the_amplitude_is_20_decibels() -> None:
    sound = a_blow()
    loud = decibels(mel(sound)) > -60
    change = decibels(mel(sound)) - decibels(mel(sound / np.float32(10)))
    assert np.abs(change[loud] - 20).max() < 0.1


def test_the_guide_itself_comes_back_where_nothing_is_changed() -> None:
    sound = a_blow()
    made = render(mel(sound), sound, seed=1)
    assert np.abs(made - sound)[1_000:-1_000].max() < 1e-3


def test_what_the_guide_lacks_is_made_of_noise_at_its_own_time() -> None:
    sound = a_blow()
    made = render(mel(sound), np.zeros_like(sound), seed=1)
    first = int((np.abs(made[:, 0]) > 0.1).argmax())
    assert abs(first - 9_000) < 0.02 * 48_000
    off = np.abs(decibels(mel(made)) - decibels(mel(sound)))[:, 38:60]
    assert np.median(off) < 3
    assert np.array_equal(made, render(mel(sound), np.zeros_like(sound), seed=1))
    assert not np.array_equal(made, render(mel(sound), np.zeros_like(sound), seed=2))


def test_less_is_quieter_to_the_decibel() -> None:
    sound = a_blow()
    made = render(mel(sound) - np.float32(0.5), sound, seed=1)
    change = decibels(mel(made)) - decibels(mel(sound))
    loud = decibels(mel(sound)) > -60
    assert abs(np.median(change[loud]) + 10) < 0.5
