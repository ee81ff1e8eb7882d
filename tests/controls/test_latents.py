"""Carried noise on a model's latents: white, and moving with the surfaces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_for_controls import Told
from made_shot import MadeShot
from test_noise import assert_white, sliding, zooming

from engine.backends.capabilities import FrameGrid
from engine.controls.conform import Fit, fit_shot
from engine.controls.latents import latent_noise
from engine.controls.noise import shrunk
from sora_addon.contract import Shot


class Same:
    """Passes that are the same in every frame."""

    def __init__(self, planes: dict[str, np.ndarray]) -> None:
        self.planes = planes

    def frame(self, number: int, only: Any = None) -> dict[str, np.ndarray]:
        return {name: self.planes[name] for name in only}


def wall(height: int, width: int, frames: int) -> tuple[Shot, Fit]:
    shot = MadeShot(width=width, height=height, frames=frames).shot()
    return shot, fit_shot(shot, FrameGrid(8, 1), 32, None)


def test_of_the_models_shape_and_white() -> None:
    shot, fit = wall(256, 512, 33)
    noise = latent_noise(shot, Same(zooming(256, 512, 1.01)), fit, 3, 16, space=8, time=8)
    assert noise.shape == (5, 32, 64, 16)
    assert noise.dtype == np.float32
    for latent in noise:
        assert_white(latent)


@pytest.mark.parametrize(("space", "fine"), [(8, 4), (8, 1), (32, 4)])
def test_a_wall_that_slides_whole_latents_carries_its_noise(space: int, fine: int) -> None:
    """Slid by an eighth of a latent a frame, after eight frames it is one latent further."""
    shot, fit = wall(4 * space, 16 * space, 17)
    noise = latent_noise(shot, Same(sliding(4 * space, 16 * space, space / 8, 0)), fit, 3, 8, space, 8, fine)
    kept = (noise[0][:, 2:-2] * noise[1][:, 3:-1]).mean()
    assert kept == pytest.approx(1, abs=0.15)
    assert abs((noise[0][:, 2:-2] * noise[1][:, 2:-2]).mean()) < 0.15
    twice = (noise[0][:, 2:-3] * noise[2][:, 4:-1]).mean()
    assert twice == pytest.approx(1, abs=0.2)


def test_motion_of_less_than_a_latent_changes_it_a_little() -> None:
    shot, fit = wall(64, 128, 9)
    noise = latent_noise(shot, Same(sliding(64, 128, 0.25, 0)), fit, 3, 32, space=8, time=8)
    kept = (noise[0] * noise[1])[:, 2:-2].mean()
    assert kept == pytest.approx(0.75, abs=0.06), "2 of 8 pixels"


def test_on_a_real_shot_it_is_repeatable_and_of_its_seed(told: Told) -> None:
    fit = fit_shot(told.shot, FrameGrid(8, 1), 32, None)
    made = [latent_noise(told.shot, told.passes, fit, seed, 8, 8, 8) for seed in (1, 1, 2)]
    assert np.array_equal(made[0], made[1])
    assert abs((made[0] * made[2]).mean()) < 0.05
    assert_white(made[0][-1])


def test_a_smaller_picture_holds_every_nth_sample_and_motion_in_its_own_pixels() -> None:
    j, i = np.mgrid[0:12, 0:18].astype(np.float32)
    motion = np.stack([i, j], -1)
    planes = {"depth": i + 100 * j, "body": i.astype(np.uint32), "to_next": motion, "from_previous": motion}
    few = shrunk(planes, 3, (5, 6))
    assert few["depth"].shape == (5, 6)
    assert few["depth"][1, 2] == 7 + 100 * 4
    assert few["depth"][4, 2] == few["depth"][3, 2], "its border is repeated"
    assert few["body"][1, 2] == 7
    assert np.allclose(few["to_next"][1, 2], (7 / 3, 4 / 3))


def test_sizes_that_do_not_divide_are_refused(told: Told) -> None:
    fit = fit_shot(told.shot, FrameGrid(8, 1), 32, None)
    with pytest.raises(ValueError, match="no whole latents"):
        latent_noise(told.shot, told.passes, fit, 1, 4, space=36, time=8)
