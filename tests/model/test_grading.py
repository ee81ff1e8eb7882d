"""The grades in torch are those that the truth is made with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from made_shot import MadeShot

from engine.controls.edges import edges
from engine.controls.lines import drawn
from engine.media.passes import Passes, Planes
from engine.model.compose import Shown, Taken
from engine.model.grading import graded, keys_of
from engine.training.styles import FURTHEST, Truth, Weather, truth_in, truth_keys
from engine.words.style import STYLES, Style
from sora_addon.contract import Shot

FRAME = 6
Made = tuple[Shot, Planes, Truth]


@pytest.fixture(scope="module", params=["clear", "fog"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder: Path = tmp_path_factory.mktemp("grading") / "shot"
    shot = MadeShot().write(folder)
    seen = Passes(folder, shot).frame(FRAME)
    light = (seen["world_light"] + seen["light_000"]).astype(np.float32)
    radiance = (seen["base_color"] * light + 0.05 * (seen["body"] == 0)[..., None]).astype(np.float32)
    if request.param == "clear":
        return shot, seen, Truth(radiance, 0.62 * light)
    up = np.array([0, 1, 0], np.float32)
    air = Weather(np.full(3, 0.2, np.float32), np.array([0.3, 0.35, 0.4], np.float32), None, up)
    through = through_of(air, seen)
    return shot, seen, Truth(radiance * through + air.airlight * (1 - through), 0.62 * light, air)


def through_of(air: Weather, seen: Planes) -> np.ndarray:
    return np.exp(-np.minimum(seen["depth"], FURTHEST)[..., None] * air.extinction).astype(np.float32)


def plane(array: np.ndarray) -> torch.Tensor:
    """(1, C, H, W) of (H, W, C) or (H, W)."""
    array = array[..., None] if array.ndim == 2 else array
    return torch.from_numpy(np.ascontiguousarray(array, np.float32)).permute(2, 0, 1)[None]


def taken_of(truth: Truth, seen: Planes) -> Taken:
    """What a network would have to take, to be right."""
    lines = edges(seen["depth"], seen["normal"], seen["body"])
    none = np.zeros_like(seen["depth"])
    dark = np.zeros_like(seen["base_color"])
    shown = Shown(
        guide=plane(dark),
        base=plane(seen["base_color"]),
        upward=plane(none),
        metres=plane(seen["depth"]),
        sun=plane(dark),
        lamps=plane(dark),
        world=plane(dark),
        sky=plane(seen["body"] == 0),
        shining=plane(none),
        open=plane(none),
        outlines=plane(drawn(lines.outline | lines.occlusion)),
        creases=plane(drawn(lines.crease)),
        gain=torch.ones(1, 3, 1, 1),
        ambient=torch.ones(1, 3, 1, 1),
    )
    through = np.ones_like(dark) if truth.weather is None else through_of(truth.weather, seen)
    airlight = np.zeros(3, np.float32) if truth.weather is None else truth.weather.airlight
    clear = (truth.radiance - airlight * (1 - through)) / np.maximum(through, 1e-3)
    assert truth.clay is not None
    return Taken(
        clear=plane(clear),
        photo=plane(truth.radiance),
        through=plane(through),
        airlight=torch.from_numpy(airlight)[None, :, None, None],
        clay=plane(truth.clay / np.float32(0.62)),
        base=plane(seen["base_color"]),
        shown=shown,
    )


def twice(taken: Taken) -> Taken:
    """Two such frames."""
    shown = Shown._make(torch.cat([part, part]) for part in taken.shown)
    return Taken._make([*(torch.cat([part, part]) for part in taken[:-1]), shown])


@pytest.mark.parametrize("style", STYLES)
def test_what_is_taken_right_is_shown_right(made: Made, style: Style) -> None:
    shot, seen, truth = made
    taken = taken_of(truth, seen)
    true = truth_in(style, truth, seen, shot, FRAME, truth_keys([(truth, seen)]))
    shown = graded(torch.tensor([STYLES.index(style)]), taken, keys_of(taken, 1))[0].permute(1, 2, 0).numpy()
    off = np.clip(shown, 0, 1) - np.clip(true, 0, 1)
    assert -10 * np.log10(np.square(off).mean() + 1e-10) > 32, style


def test_key_lights_are_those_of_the_truth_and_one_for_all_frames(made: Made) -> None:
    _, seen, truth = made
    taken = taken_of(truth, seen)
    keys = keys_of(taken, 1)
    assert float(keys.light[0]) == pytest.approx(truth_keys([(truth, seen)]).light, rel=0.05)
    assert float(keys.clay[0]) == pytest.approx(truth_keys([(truth, seen)]).clay, rel=0.05)
    both = keys_of(twice(taken)._replace(clear=torch.cat([taken.clear, 2 * taken.clear])), 2)
    assert float(both.light[0]) == float(both.light[1]) > float(keys.light[0])


def test_frames_of_several_styles_are_graded_each_in_its_own(made: Made) -> None:
    _, seen, truth = made
    taken = taken_of(truth, seen)
    two = twice(taken)
    styles = torch.tensor([STYLES.index("noir"), len(STYLES)])
    both = graded(styles, two, keys_of(two, 1))
    for index in range(2):
        alone = graded(styles[index : index + 1], taken, keys_of(taken, 1))
        assert torch.allclose(both[index : index + 1], alone, atol=1e-6)
