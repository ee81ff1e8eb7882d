"""SANA-WM on a tiny pipeline of the real classes: the camera that it is told, and its first frame."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from asking import Ask
from made_shot import MadeShot, camera_row

from engine.backends import registry
from engine.backends.protocol import Earlier, Request
from engine.controls.conform import picture_out
from sora_addon.contract import ContractError, Reference, read_shot

SMALL = {"steps": 2, "guidance": 1.0, "canvas_width": 96, "canvas_height": 64}


def made(request: Request) -> np.ndarray:
    return np.stack(list(registry.backend("sana_wm").frames(request)))


def test_every_frame_has_the_scenes_camera(ask: Ask, told: list[dict[str, Any]]) -> None:
    request = ask(settings=SMALL | {"scale": 2.0})
    frames = made(request)
    assert frames.shape == (10, 46, 70, 3)
    (call,) = told
    assert call["num_frames"] == 17 == len(call["c2w"]) == len(call["intrinsics"])
    rows = request.shot.camera
    first = np.array(rows[0].world).reshape(4, 4)
    for frame, row in enumerate(rows):
        relative = np.linalg.inv(first) @ np.array(row.world).reshape(4, 4)
        relative[:3, 3] *= 2.0
        assert np.abs(call["c2w"][frame] - relative).max() < 1e-5
    # What only the grid asks for holds the last camera.
    assert np.abs(call["c2w"][10:] - call["c2w"][9]).max() == 0
    # The shot's 70x46 lie within 96x64, as large as they fit.
    scale = min(96 / 70, 64 / 46)
    assert call["intrinsics"][0, 0] == pytest.approx(rows[0].fx * scale, rel=0.01)
    assert call["intrinsics"][0, 2] == pytest.approx(48, abs=1)


def test_a_point_is_seen_where_the_camera_that_it_is_told_sees_it(ask: Ask, told: list[dict[str, Any]]) -> None:
    """The signs of the principal point and the axes, by a marker off both of its axes."""
    request = ask(settings=SMALL)
    made(request)
    poses, lens = told[0]["c2w"], told[0]["intrinsics"]
    first = np.array(request.shot.camera[0].world).reshape(4, 4)
    marker = np.array([0.5, 0.2, 0.3, 1.0])
    for frame, row in enumerate(request.shot.camera):
        here = np.linalg.inv(np.array(row.world).reshape(4, 4)) @ marker
        truth = row.fx * here[0] / here[2] + row.cx, row.fy * here[1] / here[2] + row.cy
        there = np.linalg.inv(poses[frame]) @ np.linalg.inv(first) @ marker
        fx, fy, cx, cy = lens[frame]
        seen = fx * there[0] / there[2] + cx, fy * there[1] / there[2] + cy
        scale = fx / row.fx
        assert seen[0] == pytest.approx(truth[0] * scale + cx - row.cx * scale, abs=0.05)
        assert seen[1] == pytest.approx(truth[1] * scale + cy - row.cy * scale, abs=0.05)


def test_the_camera_changes_the_picture(ask: Ask, home: Path, tmp_path: Path) -> None:
    def still(seconds: float) -> Any:
        return camera_row(np.array([-0.3, -4.0, 1.6]), np.array([-0.3, 1.0, 0.4]), 70, 46)

    MadeShot(width=70, height=46, frames=10, fps=(25, 2), drop=0.3, camera_at=still).write(tmp_path / "still")
    moving = ask(settings=SMALL)
    fixed = ask(replace(moving.shot, camera=read_shot(tmp_path / "still").camera), settings=SMALL)
    assert not np.array_equal(made(moving), made(fixed))


def test_where_the_first_frame_comes_from(
    ask: Ask, told: list[dict[str, Any]], shot_folder: Path, tmp_path: Path
) -> None:
    made(ask(settings=SMALL))
    assert np.asarray(told[0]["image"]).std() > 5
    assert told[0]["image"].size == (96, 64)
    green = np.full((10, 46, 70, 3), (0, 255, 0), np.uint8)
    made(ask(settings=SMALL, earlier=Earlier(green, None)))
    assert (np.asarray(told[1]["image"]) == (0, 255, 0)).all()
    folder = tmp_path / "shot"
    shutil.copytree(shot_folder, folder)
    cv2.imwrite(str(folder / "key.png"), np.full((46, 70, 3), (255, 0, 0), np.uint8))
    shot = read_shot(folder)
    pinned = replace(shot, references=[Reference("keyframe", "key.png", frame=shot.time.first)])
    made(ask(pinned, folder, settings=SMALL, earlier=Earlier(green, None)))
    assert (np.asarray(told[2]["image"]) == (0, 0, 255)).all()


def test_its_vae_works_in_the_pieces_that_it_learnt_with(ask: Ask, told: list[dict[str, Any]]) -> None:
    from engine.backends.diffusing import loading

    made(ask(settings=SMALL))
    vae = loading._WARM.pipe.vae
    assert vae.use_framewise_decoding
    assert (vae.tile_sample_min_num_frames, vae.tile_sample_stride_num_frames) == (96, 64)
    assert vae.dtype.itemsize == 4


def test_a_parallel_camera_is_refused(ask: Ask, home: Path) -> None:
    shot = ask().shot
    flat = replace(shot, camera=[replace(row, kind="orthographic") for row in shot.camera])
    with pytest.raises(ContractError, match="is orthographic, and this model takes a lens"):
        made(ask(flat, settings=SMALL))


def test_what_it_cannot_be_told_is_refused(ask: Ask, home: Path) -> None:
    with pytest.raises(ContractError, match="canvas_width: 100 is no multiple of 32; say 96"):
        made(ask(settings=SMALL | {"canvas_width": 100}))


def test_the_shots_picture_is_cut_out_of_the_canvas(ask: Ask, told: list[dict[str, Any]]) -> None:
    from engine.backends.capabilities import SANA_WM
    from engine.controls.conform import fit_shot

    fit = fit_shot(ask().shot, SANA_WM.grid, 32, None, canvas=(96, 64))
    assert (fit.width, fit.height) == (96, 64)
    assert picture_out(np.zeros((64, 96, 3), np.uint8), fit).shape == (46, 70, 3)
