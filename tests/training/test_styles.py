"""The truth in ten styles, from radiance that is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_shot import MadeShot

from engine.backends.looks import FINISHES, filmic, finished
from engine.backends.plates import Keys
from engine.media.colour import luminance
from engine.media.passes import Passes, Planes
from engine.training.styles import Truth, Weather, truth_in, truth_keys
from engine.words.style import STYLES, Style
from sora_addon.contract import Shot

FRAME = 6


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shot, Planes]:
    folder: Path = tmp_path_factory.mktemp("styles") / "shot"
    shot = MadeShot().write(folder)
    return shot, Passes(folder, shot).frame(FRAME)


def truth_of(seen: Planes, light: float = 1.0, clay: bool = True) -> Truth:
    """A truth that is the passes' own light, ``light`` times as bright."""
    lit = (seen["world_light"] + seen["light_000"]).astype(np.float32) * np.float32(light)
    return Truth((seen["base_color"] * lit).astype(np.float32), 0.62 * lit if clay else None)


def keys_for(truth: Truth, seen: Planes) -> Keys:
    lit = luminance(seen["world_light"] + seen["light_000"])[seen["body"] > 0]
    return Keys(float(np.percentile(lit, 95)), truth_keys([(truth, seen)]).clay)


def picture(
    style: Style, made: tuple[Shot, Planes], truth: Truth | None = None, keys: Keys | None = None
) -> np.ndarray:
    shot, seen = made
    truth = truth or truth_of(seen)
    return truth_in(style, truth, seen, shot, FRAME, keys or keys_for(truth, seen))


def test_every_style_is_a_picture_and_no_two_are_alike(made: tuple[Shot, Planes]) -> None:
    pictures = {style: picture(style, made) for style in STYLES}
    for style, shown in pictures.items():
        assert shown.shape == (64, 96, 3), style
        assert np.isfinite(shown).all(), style
        assert 0.02 < shown.mean() < 0.98, style
    names = list(pictures)
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            assert np.abs(pictures[first] - pictures[second]).mean() > 0.01, (first, second)


def test_the_key_of_clay_is_the_light_where_it_is_brightest(made: tuple[Shot, Planes]) -> None:
    _, seen = made
    one, two = (truth_keys([(truth_of(seen, light), seen)]).clay for light in (1.0, 2.0))
    assert two == pytest.approx(2 * one, rel=1e-3)
    lit = luminance(seen["world_light"] + seen["light_000"])[seen["body"] > 0]
    assert one == pytest.approx(np.percentile(lit, 95), rel=1e-3)
    assert truth_keys([(truth_of(seen, clay=False), seen)]).clay == 1.0


def test_photo_styles_grow_brighter_with_the_light_and_clay_is_exposed(made: tuple[Shot, Planes]) -> None:
    _, seen = made
    for style in ("cinematic", "documentary", "seventies", "watercolour"):
        assert picture(style, made, truth_of(seen, 0.3)).mean() < 0.8 * picture(style, made).mean(), style
    bright, brighter = (picture("clay", made, truth_of(seen, light)) for light in (4.0, 8.0))
    assert np.abs(bright - brighter).max() < 0.02


def test_noir_is_grey(made: tuple[Shot, Planes]) -> None:
    shown = picture("noir", made)
    assert np.ptp(shown, axis=-1).max() < 1e-5


def test_clay_forgets_colour_and_needs_its_render(made: tuple[Shot, Planes]) -> None:
    shot, seen = made
    red = {**seen, "base_color": seen["base_color"] * np.array([1.0, 0.1, 0.1], np.float32)}
    keys = keys_for(truth_of(seen), seen)
    assert np.array_equal(
        truth_in("clay", truth_of(seen), seen, shot, FRAME, keys),
        truth_in("clay", replace(truth_of(red), clay=truth_of(seen).clay), red, shot, FRAME, keys),
    )
    for style in ("clay", "claymation"):
        with pytest.raises(ValueError, match=style):
            picture(style, made, truth_of(seen, clay=False))


def test_cartoon_has_steps_of_light_and_ink(made: tuple[Shot, Planes]) -> None:
    shot, seen = made
    white = {**seen, "base_color": np.full_like(seen["base_color"], 0.5)}
    shown = luminance(truth_in("cartoon", truth_of(white), white, shot, FRAME, keys_for(truth_of(white), white)))
    inside = shown[(seen["body"] > 0)]
    counts, _ = np.histogram(inside, bins=40, range=(0, 1))
    assert np.sort(counts)[-4:].sum() > 0.75 * counts.sum()
    assert shown.min() < 0.08


def test_coloured_light_stays_in_a_drawing(made: tuple[Shot, Planes]) -> None:
    _, seen = made
    tint = np.array([1.0, 0.5, 0.2], np.float32)
    plain = truth_of(seen)
    warm = picture("cartoon", made, replace(plain, radiance=plain.radiance * tint))
    cold = picture("cartoon", made, replace(plain, radiance=plain.radiance * tint[::-1]))
    something = seen["body"] > 0
    assert (warm[something][:, 0] - cold[something][:, 0]).mean() > 0.1


def test_what_is_laid_over_is_the_same_for_a_seed_and_can_be_left_out(made: tuple[Shot, Planes]) -> None:
    grade = picture("noir", made)
    assert np.array_equal(picture("noir", made), grade)
    assert np.array_equal(finished("noir", grade, 1, 5), finished("noir", grade, 1, 5))
    assert not np.array_equal(finished("noir", grade, 1, 5), finished("noir", grade, 2, 5))
    paper = picture("watercolour", made)
    assert np.array_equal(finished("watercolour", paper, 1, 5), finished("watercolour", paper, 2, 5))
    for style in set(STYLES) - set(FINISHES):
        assert finished(style, grade, 1, 5) is grade


def hazed(seen: Planes, airlight: float, extinction: float) -> Truth:
    """The passes' own light behind a haze."""
    clear = truth_of(seen)
    weather = Weather(
        np.full(3, extinction, np.float32), np.full(3, airlight, np.float32), None, np.array([0, -1, 0], np.float32)
    )
    depth = np.where(np.isfinite(seen["depth"]), seen["depth"], 1e9)[..., None]
    through = np.exp(-extinction * depth)
    return replace(
        clear, radiance=(clear.radiance * through + airlight * (1 - through)).astype(np.float32), weather=weather
    )


def test_haze_is_not_taken_for_light(made: tuple[Shot, Planes]) -> None:
    _, seen = made
    nearest = float(seen["depth"][seen["body"] > 0].min())
    extinction = 0.5 / nearest
    through = np.exp(-extinction * np.minimum(seen["depth"], 1e6))[..., None]
    told = (through > 0.25)[..., 0] & (seen["body"] > 0)
    assert told.mean() > 0.1
    behind = picture("cartoon", made) * through + filmic(np.full(3, 2.0, np.float32)) * (1 - through)
    cartoon = picture("cartoon", made, hazed(seen, 2.0, extinction))
    assert np.abs(cartoon - behind)[told].mean() < 0.01


def test_snow_is_white_under_its_own_light(made: tuple[Shot, Planes]) -> None:
    shot, seen = made
    white = np.array([0.84, 0.87, 0.92], np.float32)
    dark = {**seen, "base_color": np.full_like(seen["base_color"], 0.05)}
    snowy = {**seen, "base_color": np.broadcast_to(white, seen["base_color"].shape)}
    lit = (seen["world_light"] + seen["light_000"]).astype(np.float32)
    up = np.array([0, 0, -1], np.float32)
    snow = Weather(np.zeros(3, np.float32), np.zeros(3, np.float32), -2.0, up)  # all of it is covered
    covered, bare = Truth(lit * white, None, snow), Truth(lit * white, None)
    keys = keys_for(bare, seen)
    something = seen["body"] > 0
    under, itself, blind = (
        truth_in("cartoon", truth, planes, shot, FRAME, keys)[something]
        for truth, planes in ((covered, dark), (bare, snowy), (bare, dark))
    )
    assert np.abs(under - itself).mean() < 0.01
    assert np.abs(blind - itself).mean() > 0.1
