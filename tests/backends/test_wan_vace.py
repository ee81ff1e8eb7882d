"""Wan VACE on a tiny pipeline of the real classes: what it is told, and the traps that were found in diffusers."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from asking import Ask
from made_shot import FALLING

from engine.backends import registry
from engine.backends.diffusing import loading
from engine.backends.protocol import Earlier, Request
from engine.backends.wan_vace import RIM, settings_of, windows
from engine.controls.masks import grown
from sora_addon.contract import ContractError, Reference, Steer, read_shot

SMALL = {"steps": 2, "pixels": 48 * 32}


def frames(request: Request) -> np.ndarray:
    return np.stack(list(registry.backend("wan_vace").frames(request)))


def stacked(pictures: list[Any]) -> np.ndarray:
    return np.stack([np.asarray(picture) for picture in pictures])


def test_it_is_told_as_many_frames_as_it_makes(ask: Ask, told: list[dict[str, Any]]) -> None:
    made = frames(ask(settings=SMALL))
    assert made.shape == (10, 46, 70, 3)
    (call,) = told
    assert call["num_frames"] == len(call["video"]) == len(call["mask"]) == 13
    assert (call["width"] % 16, call["height"] % 16) == (0, 0)
    assert stacked(call["mask"]).min() == 255


def test_fewer_frames_than_asked_for_only_warn(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The trap: the pipeline itself goes on."""
    from diffusers import WanVACEPipeline
    from PIL import Image

    pipe = WanVACEPipeline.from_pretrained(home / "wan_vace", local_files_only=True)
    logger = logging.getLogger("diffusers.pipelines.wan.pipeline_wan_vace")
    logger.addHandler(caplog.handler)
    try:
        pipe(
            prompt="a",
            video=[Image.new("RGB", (32, 32))] * 9,
            height=32,
            width=32,
            num_frames=13,
            num_inference_steps=1,
        )
    finally:
        logger.removeHandler(caplog.handler)
    assert "does not match" in caplog.text


@pytest.mark.parametrize("control", ["depth", "edges", "motion", "preview"])
def test_each_control_steers(ask: Ask, told: list[dict[str, Any]], control: str) -> None:
    made = frames(ask(settings=SMALL, controls=[Steer(control, 1.0)]))  # type: ignore[arg-type]
    without = frames(ask(settings=SMALL, controls=[Steer("depth", 0.0)]))
    assert not np.array_equal(made, without)
    video = stacked(told[0]["video"])
    assert video.std() > 5
    assert np.array_equal(np.unique(stacked(told[1]["video"])), [127])
    if control == "preview":
        assert (video[..., 0] == video[..., 1]).all()
    if control == "edges":
        assert np.median(video) == 255


def test_the_schedule_is_kept_to_the_step(ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers import WanVACETransformer3DModel

    seen: list[float] = []
    real = WanVACETransformer3DModel.forward

    def forward(self: Any, *args: Any, **named: Any) -> Any:
        seen.append(float(named["control_hidden_states_scale"].unique()))
        return real(self, *args, **named)

    monkeypatch.setattr(WanVACETransformer3DModel, "forward", forward)
    settings = SMALL | {"steps": 4, "guidance": 1.0}
    frames(ask(settings=settings, controls=[Steer("depth", 0.6, 0.25, 0.75)]))
    assert seen == pytest.approx([0.0, 0.6, 0.6, 0.0])


def test_a_keyframe_is_kept_and_the_rest_is_made(
    ask: Ask, told: list[dict[str, Any]], shot_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shot"
    shutil.copytree(shot_folder, folder)
    picture = np.full((46, 70, 3), (10, 200, 90), np.uint8)
    cv2.imwrite(str(folder / "key.png"), picture)
    shot = read_shot(folder)
    shot = replace(shot, references=[Reference("keyframe", "key.png", frame=shot.time.first + 4)])
    frames(ask(shot, folder, settings=SMALL))
    mask, video = stacked(told[0]["mask"]), stacked(told[0]["video"])
    assert (mask[4] == 0).all()
    assert (np.delete(mask, 4, axis=0) == 255).all()
    assert np.array_equal(video[4], np.broadcast_to(picture[0, 0, ::-1], video[4].shape))
    late = replace(shot, references=[Reference("keyframe", "key.png", frame=99)])
    with pytest.raises(ContractError, match=r"references\[0\].frame"):
        frames(ask(late, folder, settings=SMALL))


def test_one_body_is_made_again_and_the_rest_is_kept_to_the_bit(ask: Ask, told: list[dict[str, Any]]) -> None:
    random = np.random.default_rng(0)
    before = random.integers(0, 256, (10, 46, 70, 3), np.uint8)
    request = ask(settings=SMALL | {"remake": "falling ball"}, earlier=Earlier(before, None))
    made = frames(request)
    body = np.stack([request.passes.frame(request.shot.time.first + i, only=("body",))["body"] for i in range(10)])
    touched = np.abs(made.astype(int) - before).max(-1) > 0
    scale = told[0]["height"] / 46
    far = np.stack([~grown(one == FALLING, RIM / scale + 4) for one in body])
    assert not touched[far].any()
    assert touched[body == FALLING].mean() > 0.9
    mask, video = stacked(told[0]["mask"]), stacked(told[0]["video"])
    assert set(np.unique(mask)) == {0, 255}
    assert 0 < (mask == 255).mean() < 1
    with pytest.raises(ContractError, match=r"words.settings.remake: needs a take"):
        frames(ask(settings=SMALL | {"remake": "falling ball"}))
    with pytest.raises(ContractError, match="none is called 'elephant'"):
        frames(ask(settings=SMALL | {"remake": "elephant"}))
    assert video.shape[0] == 13


def identity(folder: Path, count: int) -> list[Reference]:
    for number in range(count):
        cv2.imwrite(str(folder / f"who{number}.png"), np.full((20, 30, 3), 40 * number + 30, np.uint8))
    return [Reference("identity", f"who{number}.png", consent="consent.json") for number in range(count)]


def test_reference_pictures_change_it_and_not_its_length(
    ask: Ask, told: list[dict[str, Any]], shot_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shot"
    shutil.copytree(shot_folder, folder)
    shot = replace(read_shot(folder), references=identity(folder, 2))
    made = frames(ask(shot, folder, settings=SMALL))
    assert len(told[0]["reference_images"]) == 2
    assert made.shape == (10, 46, 70, 3)
    assert not np.array_equal(made, frames(ask(settings=SMALL)))


def test_more_references_than_latents_are_refused(ask: Ask, home: Path, shot_folder: Path, tmp_path: Path) -> None:
    """A trap of the pipeline's: it takes their masks from the first latents, and fails within torch where those end."""
    folder = tmp_path / "shot"
    shutil.copytree(shot_folder, folder)
    shot = replace(read_shot(folder), references=identity(folder, 5))
    with pytest.raises(ContractError, match="hold 5 identities, 13 frames have room for 4"):
        frames(ask(shot, folder, settings=SMALL))


def test_windows_cover_every_frame_and_hand_over_their_last(ask: Ask, told: list[dict[str, Any]]) -> None:
    said: list[tuple[int, int]] = []
    request = ask(
        settings=SMALL | {"window": 9, "overlap": 5},
        progress=lambda stage, step, total: said.append((step, total)) if stage == "wan_vace" else None,
    )
    made = frames(request)
    assert made.shape == (10, 46, 70, 3)
    assert [call["num_frames"] for call in told] == [9, 9]
    assert (stacked(told[1]["mask"])[:5] == 0).all()
    assert (stacked(told[1]["mask"])[5:] == 255).all()
    # A window counts its steps from 0 again; the job does not.
    assert [step for step, _ in said] == [0, 1, 2, 2, 3, 4]
    assert {total for _, total in said} == {4}


@pytest.mark.parametrize("frames", [1, 5, 81, 85, 121, 241])
def test_windows_are_on_the_grid(frames: int) -> None:
    starts = windows(frames, 81, 5)
    lengths = [min(start + 81, frames) - start for start in starts]
    assert all(length % 4 == 1 for length in lengths)
    assert starts[-1] + lengths[-1] == frames
    assert all(after == before + 76 for before, after in pairwise(starts))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"steps": 0}, "words.settings.steps"),
        ({"window": 80}, "words.settings.window: 80 is not 4k"),
        ({"control": "smell"}, "words.settings.control"),
        ({"memory": "none"}, "words.settings.memory"),
        ({"model": "here"}, "words.settings.model: 'here' is not an absolute path"),
    ],
)
def test_wrong_settings_are_named(ask: Ask, home: Path, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ContractError, match=words):
        settings_of(ask(settings=settings).shot)


def test_it_is_steered_by_one_thing_at_a_time(ask: Ask, home: Path) -> None:
    two = [Steer("depth", 1.0), Steer("edges", 0.5)]
    with pytest.raises(ContractError, match=r"words.controls\[1\].control: is edges, and depth steers"):
        settings_of(ask(controls=two).shot)
    assert settings_of(ask(controls=[Steer("depth", 0.0), Steer("edges", 0.5)]).shot).control == "edges"
    assert settings_of(ask(controls=[Steer("depth", 0.0)]).shot).control is None
    assert settings_of(ask().shot).control == "depth"


def test_a_missing_ftfy_is_named_before_anything_is_loaded(
    ask: Ask, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib import metadata

    real = metadata.distribution

    def distribution(name: str) -> metadata.Distribution:
        if name == "ftfy":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "distribution", distribution)
    monkeypatch.setattr(loading, "pipeline", lambda *given, **named: pytest.fail("it was loaded"))
    with pytest.raises(ContractError, match="wan_vace needs the package ftfy, not installed here; press Repair"):
        frames(ask(settings=SMALL))


def test_diffusers_itself_fails_of_it_only_in_the_call(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trap: it loads without ftfy, and then a name is not defined."""
    from diffusers import WanVACEPipeline
    from diffusers.pipelines.wan import pipeline_wan_vace

    monkeypatch.delattr(pipeline_wan_vace, "ftfy")
    pipe = WanVACEPipeline.from_pretrained(home / "wan_vace", local_files_only=True)
    with pytest.raises(NameError, match="ftfy"):
        pipe(prompt="a", height=32, width=32, num_frames=5, num_inference_steps=1)
