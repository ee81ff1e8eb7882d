from __future__ import annotations

import numpy as np
import pytest
from measured_clip import MadeClip

from engine.measure.colour import ColourHold, lab, two_way
from engine.measure.figure import Figure


def flicker(clip: MadeClip, gains: np.ndarray) -> Figure:
    return clip.watched(ColourHold(24.0), lambda i: clip.picture(i, gain=float(gains[i])))["colour.flicker"]


def test_steady_light_reads_near_zero(clip: MadeClip) -> None:
    figures = clip.watched(ColourHold(24.0), clip.picture)
    assert figures["colour.flicker"].value < 0.05
    assert figures["colour.drift"].value < 0.1


def test_a_flicker_of_one_percent_is_sized(clip: MadeClip) -> None:
    found = flicker(clip, 1 + 0.01 * (-1.0) ** np.arange(24))
    assert found.value == pytest.approx(1.0, rel=0.1)
    assert found.detail["peak"] == pytest.approx(1.0, rel=0.25)


def test_an_uneven_flicker_of_one_percent_is_sized(clip: MadeClip) -> None:
    gains = np.random.default_rng(5).normal(0, 1, 24)
    gains = 1 + 0.01 * (gains - gains.mean()) / gains.std()
    assert flicker(clip, gains).value == pytest.approx(1.0, rel=0.1)


def test_a_single_flash_is_found(clip: MadeClip) -> None:
    gains = np.ones(24)
    gains[13] = 1.03
    found = flicker(clip, gains)
    assert found.detail["peak_frame"] == 13
    assert found.detail["peak"] == pytest.approx(3.0, rel=0.1)


def test_a_slow_fade_is_drift_and_not_flicker(clip: MadeClip) -> None:
    gains = np.linspace(1.0, 0.8, 24)
    figures = clip.watched(ColourHold(24.0), lambda i: clip.picture(i, gain=float(gains[i])))
    assert figures["colour.flicker"].value < 0.2
    # all points darken by a fifth: what that is in L* by itself, at the mean colour of the clip
    light = clip.light(0)[clip.truths[0].still]
    wanted = np.linalg.norm((lab(0.8 * light) - lab(light)).mean(0))
    assert figures["colour.drift"].value == pytest.approx(wanted, rel=0.1)


def test_a_tint_that_creeps_in_is_sized(clip: MadeClip) -> None:
    def tinted(index: int) -> np.ndarray:
        picture = clip.picture(index).astype(float)
        picture[..., 0] *= 1 + 0.05 * index / 23
        return np.clip(picture + 0.5, 0, 255).astype(np.uint8)

    found = clip.watched(ColourHold(24.0), tinted)["colour.drift"]
    assert found.detail["slope_lab_per_second"][1] > 1.0
    assert found.value > 2.0


def test_a_black_clip_has_no_colour(clip: MadeClip) -> None:
    figures = clip.watched(ColourHold(24.0), lambda i: np.zeros((144, 256, 3), np.uint8))
    assert figures["colour.drift"].value is None
    assert figures["colour.flicker"].value is None


def test_points_that_come_late_do_not_hide_the_drift() -> None:
    random = np.random.default_rng(0)
    frame = np.linspace(0, 2.0, 40)
    values = random.normal(0, 20, 200) + frame[:, None] + random.normal(0, 0.05, (40, 200))
    values[20:, :100] = np.nan
    values[:15, 100:] = np.nan
    values[8:12, ::7] += 30  # a shadow passes
    found, rest = two_way(values, 0.01)
    np.testing.assert_allclose(found, frame, atol=0.05)
    assert np.isnan(rest[25, 0])


def test_lab_of_known_colours() -> None:
    np.testing.assert_allclose(lab(np.array([1.0, 1.0, 1.0])), [100, 0, 0], atol=0.02)
    np.testing.assert_allclose(lab(np.array([0.2140, 0.0, 0.0])), [25.5, 48.0, 38.1], atol=0.6)  # sRGB 128 0 0
