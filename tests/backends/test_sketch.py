"""The sketch: every style, any rate, the same bytes again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_shot import MadeShot

from engine.backends.protocol import FrameGrid, Request
from engine.backends.sketch import Sketch, shown_frames
from engine.media.passes import Passes
from engine.words.style import STYLES
from sora_addon.contract import Time, Words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sketch") / "shot"
    MadeShot(width=64, height=48, frames=4, drop=0.2).write(path)
    return path


def frames(folder: Path, words: Words) -> np.ndarray:
    shot = replace(MadeShot(width=64, height=48, frames=4, drop=0.2).shot(), words=words)
    request = Request(shot, Passes(folder, shot), folder, lambda stage, step, total: None)
    return np.array(list(Sketch().frames(request)))


@pytest.mark.parametrize("style", STYLES)
def test_styles_differ_and_repeat(folder: Path, style: str) -> None:
    made = frames(folder, Words(style=style, seed=3))
    assert made.shape == (4, 48, 64, 3)
    assert made.dtype == np.uint8
    assert np.array_equal(made, frames(folder, Words(style=style, seed=3)))
    assert made.std() > 5
    other = frames(folder, Words(style="cinematic" if style != "cinematic" else "noir"))
    assert np.abs(made.astype(int) - other).mean() > 2


def test_noir_is_grey_and_blueprint_blue(folder: Path) -> None:
    noir = frames(folder, Words(style="noir")).astype(int)
    assert np.abs(noir[..., 0] - noir[..., 2]).max() <= 1
    blue = frames(folder, Words(style="blueprint")).mean((0, 1, 2))
    assert blue[2] > 2 * blue[0]


def test_the_shadow_is_darker(folder: Path) -> None:
    made = MadeShot(width=64, height=48, frames=4, drop=0.2)
    traced = made.trace(0.0)
    floor = traced.bodies == 1
    lit, dark = floor & (traced.light[..., 0] > 0.1), floor & (traced.light[..., 0] == 0)
    assert dark.sum() > 5
    for style in ("cinematic", "noir", "clay", "cartoon", "anime"):
        picture = frames(folder, Words(style=style))[0].mean(-1)
        assert picture[dark].mean() < 0.85 * picture[lit].mean()


def test_claymation_holds_its_poses() -> None:
    shot = MadeShot().shot()
    shot = replace(shot, time=Time((24, 1), 1, 6))
    assert shown_frames(shot, "claymation") == [1, 1, 3, 3, 5, 5]
    assert shown_frames(shot, "noir") == [1, 2, 3, 4, 5, 6]
    slow = replace(shot, time=Time((10, 1), 1, 3))
    assert shown_frames(slow, "claymation") == [1, 2, 3]


def test_frame_grid() -> None:
    grid = FrameGrid(step=8, offset=1)
    assert [grid.cover(n) for n in (1, 2, 9, 10, 24)] == [1, 9, 9, 17, 25]
    assert FrameGrid().cover(7) == 7
