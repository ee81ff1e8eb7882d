"""The laws of a place for sound, against closed form."""

from __future__ import annotations

import pytest
import torch

from engine.model.mel import BANDS, SILENCE, SPREAD
from engine.model.resound import FRAMES_A_SECOND, LASTS, LAW, LAWS, resound, strike


def laws(**figures: float) -> torch.Tensor:
    return torch.cat([torch.full((1, count), figures.get(name, 0.0)) for name, count in LAWS], 1)


def burst(frames: int = 200) -> torch.Tensor:
    mel = torch.full((1, BANDS, frames), SILENCE)
    mel[..., 20] = 1.0
    return mel


def test_without_laws_the_guide_is_heard() -> None:
    mel = torch.randn(2, BANDS, 90)
    assert torch.allclose(resound(mel, torch.zeros(2, LAW)), mel, atol=1e-5)


def test_what_rings_falls_by_a_nepers_decibels_each_time_constant() -> None:
    heard = resound(burst(), laws(ringing=4.0))
    assert float(heard[..., :20].max()) == pytest.approx(SILENCE, abs=0.05), "nothing rings before its cause"
    step = round(LASTS * FRAMES_A_SECOND)
    fallen = float((heard[0, 0, 30] - heard[0, 0, 30 + step]) * SPREAD)
    assert fallen == pytest.approx(4.343, abs=0.1)
    longer = resound(burst(), laws(ringing=4.0, lasting=1.0))
    assert float(longer[0, 0, 150]) > float(heard[0, 0, 150]) + 0.3


def test_what_hums_is_heard_in_the_pauses_and_not_over_what_is_louder() -> None:
    heard = resound(burst(), laws(ambience=2.0))
    assert float(heard[0, 0, 100]) == pytest.approx(SILENCE + 1.0, abs=0.05)
    assert float(heard[0, 0, 20]) == pytest.approx(1.0, abs=0.01)


def test_a_place_takes_away() -> None:
    mel = torch.full((1, BANDS, 40), 0.5)
    assert torch.allclose(resound(mel, laws(through=-0.7)), mel - 0.7, atol=0.01)


def test_a_blow_falls_at_the_instant_of_its_frame_lifts_the_bands_and_dies_away() -> None:
    struck = torch.zeros(2, 6)
    struck[1, 2] = 0.5
    profile = torch.linspace(0, 1, BANDS)
    lifted = strike(struck, 48, profile, torch.zeros(1))
    assert lifted.shape == (2, BANDS, 48)
    assert not lifted[0].any()
    assert int(lifted[1, -1].argmax()) == 16
    assert torch.allclose(lifted[1, :, 16], 0.5 * profile)
    assert not lifted[1, :, :16].any()
    falls = lifted[1, -1, 16:]
    assert bool((falls.diff() < 0).all())
    # at 30 pictures a second a frame has 6.4 of the mel's
    assert int(strike(struck, 38, profile, torch.zeros(1))[1, -1].argmax()) == int(2 * 38 / 6)
    again = strike(torch.tensor([[0, 0, 0.5, 0, 0.5, 0]]), 48, profile, torch.zeros(1))
    assert torch.allclose(again[0, :, 32] - again[0, :, 31] * falls[1] / falls[0], 0.5 * profile, atol=1e-6)
