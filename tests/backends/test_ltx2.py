"""LTX-2 on a tiny pipeline of the real classes: what it is told, and the traps that were found in diffusers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from asking import Ask
from made_shot import FALLING, MadeShot

from engine.backends import registry
from engine.backends.diffusing.folder import look_over
from engine.backends.diffusing.loading import Plan, pipeline
from engine.backends.ltx2 import KINDS, settings_of
from engine.backends.protocol import Earlier, Request
from engine.media.sound_file import write_sound
from sora_addon.contract import BodyWeight, ContractError, Reference, Steer, read_shot

SMALL: dict[str, Any] = {"steps": 2, "guidance": 1.0, "pixels": 96 * 64}


def made(request: Request) -> tuple[np.ndarray, np.ndarray | None]:
    backend = registry.backend("ltx2")
    return np.stack(list(backend.frames(request))), backend.sound(request)


@pytest.fixture
def pipe(home: Path) -> Any:
    """The tiny pipeline itself."""
    return pipeline("LTX2InContextPipeline", look_over(home / "ltx2", KINDS), Plan("cpu", "card", "full"))


@pytest.fixture
def union(home: Path) -> dict[str, Any]:
    """Settings for control by the LoRA."""
    return SMALL | {"control_lora": str(home / "more" / "union.safetensors"), "pixels": 128 * 128}


def bare(pipe: Any, **more: Any) -> Any:
    """A call of diffusers' own, without guidance."""
    given = {
        "prompt": "a",
        "height": 64,
        "width": 64,
        "num_inference_steps": 1,
        "guidance_scale": 1.0,
        "stg_scale": 0.0,
        "modality_scale": 1.0,
        "audio_guidance_scale": 1.0,
        "audio_modality_scale": 1.0,
        "output_type": "np",
        "generator": torch.Generator().manual_seed(0),
    }
    return pipe(**given | more)


def test_frames_and_samples_are_the_shots_own(ask: Ask, told: list[dict[str, Any]]) -> None:
    request = ask(settings=SMALL)
    frames, sound = made(request)
    assert frames.shape == (10, 46, 70, 3)
    assert sound is not None
    assert sound.shape == (request.shot.time.samples, 2)
    assert np.abs(sound).max() > 0
    (call,) = told
    # Said in any case: LTX-2.5 chooses a length of its own where it is not.
    assert call["num_frames"] == 17
    assert call["frame_rate"] == 12.5
    assert (call["width"] % 32, call["height"] % 32) == (0, 0)


def test_a_count_off_the_grid_makes_less_picture_than_sound(pipe: Any) -> None:
    """The trap: 24 frames are 17, and sound is made for 24."""
    out = bare(pipe, num_frames=24, frame_rate=24.0)
    rate = pipe.vocoder.config.output_sampling_rate
    assert out.frames.shape[1] == 17
    assert out.audio.shape[-1] / rate == pytest.approx(1.0, abs=0.05)


def test_sound_is_shorter_than_its_picture_and_is_padded(
    pipe: Any, told: list[dict[str, Any]], ask: Ask, tmp_path: Path
) -> None:
    """The trap: 17 frames at 24 a second last 0.708 s, their sound 0.690 s."""
    out = bare(pipe, num_frames=17, frame_rate=24.0)
    rate = pipe.vocoder.config.output_sampling_rate
    assert out.audio.shape[-1] / rate < 17 / 24
    MadeShot(width=64, height=48, frames=17, fps=(24, 1)).write(tmp_path / "shot")
    request = ask(read_shot(tmp_path / "shot"), tmp_path / "shot", settings=SMALL)
    _, sound = made(request)
    assert sound is not None
    assert len(sound) == 34000
    assert not sound[-100:].any()


def keyframed(folder: Path, shot_folder: Path, offsets: list[int], strength: float = 1.0) -> Any:
    shutil.copytree(shot_folder, folder)
    cv2.imwrite(str(folder / "key.png"), np.full((46, 70, 3), (10, 200, 90), np.uint8))
    shot = read_shot(folder)
    pins = [Reference("keyframe", "key.png", frame=shot.time.first + one, strength=strength) for one in offsets]
    return replace(shot, references=pins)


def test_keyframes_go_to_latents(ask: Ask, told: list[dict[str, Any]], shot_folder: Path, tmp_path: Path) -> None:
    """The trap: an index is one of a latent; only frames 0, 1, 9, 17 ... begin one."""
    shot = keyframed(tmp_path / "shot", shot_folder, [0, 8], strength=0.5)
    made(ask(shot, tmp_path / "shot", settings=SMALL))
    conditions = told[0]["conditions"]
    assert [(one.index, one.strength) for one in conditions] == [(0, 0.5), (2, 0.5)]
    assert np.asarray(conditions[0].frames).shape == (told[0]["height"], told[0]["width"], 3)


def test_keyframes_have_a_strength_each_and_a_weight_together(
    ask: Ask, told: list[dict[str, Any]], shot_folder: Path, tmp_path: Path
) -> None:
    shot = keyframed(tmp_path / "shot", shot_folder, [0, 8], strength=0.8)
    shot = replace(shot, references=[shot.references[0], replace(shot.references[1], strength=0.0)])
    made(ask(shot, tmp_path / "shot", settings=SMALL, controls=[Steer("keyframes", 0.5)]))
    assert [(one.index, one.strength) for one in told[0]["conditions"]] == [(0, 0.4)]
    made(ask(shot, tmp_path / "shot", settings=SMALL, controls=[Steer("keyframes", 0.0)]))
    assert told[1]["conditions"] is None


def test_carried_noise_arrives_as_it_was_made(ask: Ask, pipe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trap: latents that are given are normalised first, and noised."""
    from engine.backends.diffusing import ltx2_calls

    begun: list[torch.Tensor] = []
    real = pipe.prepare_latents
    monkeypatch.setattr(
        pipe, "prepare_latents", lambda **given: (found := real(**given), begun.append(found[0].clone()))[0]
    )
    noises: list[np.ndarray] = []
    noise = ltx2_calls.latent_noise
    monkeypatch.setattr(ltx2_calls, "latent_noise", lambda *given: (found := noise(*given), noises.append(found))[0])
    pipe.vae.latents_mean.fill_(0.3)
    pipe.vae.latents_std.fill_(1.7)
    made(ask(settings=SMALL | {"carried_noise": True}))
    assert np.abs(begun[0][0].numpy() - noises[0].reshape(-1, noises[0].shape[-1])).max() < 1e-5


def test_carried_noise_wants_whole_keyframes(ask: Ask, home: Path, shot_folder: Path, tmp_path: Path) -> None:
    shot = keyframed(tmp_path / "shot", shot_folder, [0], strength=0.5)
    with pytest.raises(ContractError, match=r"words.settings.carried_noise: takes keyframes of full strength"):
        made(ask(shot, tmp_path / "shot", settings=SMALL | {"carried_noise": True}))


@pytest.mark.parametrize("control", ["depth", "edges", "motion"])
def test_the_reference_video_is_at_the_loras_own_size(
    ask: Ask, told: list[dict[str, Any]], union: dict[str, Any], control: str
) -> None:
    made(ask(settings=union | {"control": control}))
    (call,) = told
    (reference,) = call["reference_conditions"]
    assert call["reference_downscale_factor"] == 2
    assert len(reference.frames) == call["num_frames"]
    assert reference.frames[0].size == (call["width"] // 2, call["height"] // 2)
    assert (reference.frames[0].size[0] % 32, reference.frames[0].size[1] % 32) == (0, 0)
    assert "conditioning_attention_mask" not in call
    assert np.asarray(reference.frames[0]).std() > 5


def test_an_attention_strength_of_a_half_is_nothing_to_diffusers(pipe: Any) -> None:
    """The trap: strengths become a bias of -10000 (1 - m)."""
    from diffusers.pipelines.ltx2.pipeline_ltx2_ic_lora import LTX2ReferenceCondition
    from PIL import Image

    random = np.random.default_rng(0)
    video = [Image.fromarray(random.integers(0, 256, (64, 64, 3), np.uint8)) for _ in range(9)]

    def at(strength: float) -> Any:
        told = {"reference_conditions": [LTX2ReferenceCondition(frames=video)], "reference_downscale_factor": 2}
        told |= {"height": 128, "width": 128, "num_frames": 9, "conditioning_attention_strength": strength}
        return bare(pipe, **told, output_type="latent").frames

    assert torch.equal(at(0.5), at(0.0))
    assert not torch.equal(at(1.0), at(0.0))


@pytest.fixture
def biases(monkeypatch: pytest.MonkeyPatch, pipe: Any) -> list[torch.Tensor | None]:
    """The mask that the first block is given, call by call."""
    seen: list[torch.Tensor | None] = []
    block = pipe.transformer.transformer_blocks[0]
    real = block.forward
    monkeypatch.setattr(
        block, "forward", lambda *args, **named: (seen.append(named["self_attention_mask"]), real(*args, **named))[1]
    )
    return seen


def test_weights_and_schedule_reach_the_attention(
    ask: Ask, union: dict[str, Any], biases: list[torch.Tensor | None]
) -> None:
    made(ask(settings=union | {"steps": 4}, controls=[Steer("depth", 0.5, 0.25, 0.75)]))
    base, reference = 3 * 2 * 4, 3 * 1 * 2
    found = []
    for bias in biases:
        assert bias is not None
        assert bias.shape[-1] == base + reference
        assert (bias[:, :base, :base] == 0).all()
        assert (bias[:, base:, base:] == 0).all()
        assert torch.equal(bias[:, :base, base:], bias[:, base:, :base].transpose(1, 2))
        found.append(float(bias[:, :base, base:].max()))
    # Each step is three calls: the words, and two kinds of guidance.
    half = [np.log(0.5)] * 3
    assert found == pytest.approx([-10000.0] * 3 + half + half + [-10000.0] * 3)


def test_a_body_can_be_left_more_freedom(
    ask: Ask, union: dict[str, Any], told: list[dict[str, Any]], biases: list[torch.Tensor | None]
) -> None:
    made(ask(settings=union, controls=[Steer("depth", 1.0, bodies=[BodyWeight(FALLING, 0.25)])]))
    mask = told[0]["conditioning_attention_mask"]
    assert mask.shape == (1, 1, 17, 32, 64)
    assert set(mask.unique().tolist()) == {0.25, 1.0}
    bias = biases[0]
    assert bias is not None
    shares = bias[0, 0, 24:].exp()
    assert 0.25 <= float(shares.min()) < float(shares.max()) <= 1.0


def test_two_stages(
    ask: Ask, pipe: Any, told: list[dict[str, Any]], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.backends.diffusing import ltx2_calls

    schedules: list[list[float]] = []
    real = ltx2_calls.Steps.__call__

    def stepped(self: Any, pipe: Any, step: int, timestep: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        if step == 0:
            schedules.append(pipe.scheduler.sigmas.tolist())
        return real(self, pipe, step, timestep, kwargs)

    monkeypatch.setattr(ltx2_calls.Steps, "__call__", stepped)
    said: list[tuple[int, int]] = []
    request = ask(
        settings=SMALL | {"upsampler": str(home / "more" / "upsampler"), "pixels": 128 * 128},
        progress=lambda stage, step, total: said.append((step, total)) if stage == "ltx2" else None,
    )
    frames, sound = made(request)
    first, second = told
    assert frames.shape == (10, 46, 70, 3)
    assert sound is not None
    assert (first["width"] * 2, first["height"] * 2) == (second["width"], second["height"])
    assert second["latents"].shape[-2:] == (second["height"] // 32, second["width"] // 32)
    # A trap: the model's own scheduler would shift the distilled sigmas once more.
    assert schedules[1] == pytest.approx([0.909375, 0.725, 0.421875, 0.0])
    assert schedules[0][0] == pytest.approx(1.0)
    assert pipe.scheduler.config.use_dynamic_shifting
    assert [step for step, _ in said] == [0, 1, 2, 2, 3, 4, 5]
    assert {total for _, total in said} == {5}


def test_latents_are_doubled_as_the_pipeline_for_it_doubles_them(
    ask: Ask, pipe: Any, told: list[dict[str, Any]], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import LTX2LatentUpsamplePipeline

    from engine.backends.diffusing import ltx2_calls

    given: list[torch.Tensor] = []
    real = ltx2_calls.Calls._upsampled
    monkeypatch.setattr(
        ltx2_calls.Calls,
        "_upsampled",
        lambda self, folder, latents: (given.append(latents), real(self, folder, latents))[1],
    )
    made(ask(settings=SMALL | {"upsampler": str(home / "more" / "upsampler"), "pixels": 128 * 128}))
    theirs = LTX2LatentUpsamplePipeline.from_pretrained(home / "more" / "upsampler", local_files_only=True)
    theirs.set_progress_bar_config(disable=True)
    height, width = told[0]["height"], told[0]["width"]
    larger = theirs(latents=given[0], height=height, width=width, num_frames=17, output_type="latent").frames
    assert torch.equal(larger, told[1]["latents"])


def test_the_foley_drives_the_picture(ask: Ask, told: list[dict[str, Any]]) -> None:
    frames, sound = made(ask(settings=SMALL | {"sound": "driven"}))
    assert sound is None
    assert frames.shape == (10, 46, 70, 3)
    (call,) = told
    assert call["freeze_audio"] is True
    assert call["num_frames"] == 17
    assert call["audio_latents"].shape[2] == round(17 / 12.5 * 25)
    silent = Earlier(frames, np.zeros_like(frames, np.float32, shape=(38400, 2)))
    other, _ = made(ask(settings=SMALL | {"sound": "driven"}, earlier=silent))
    assert not np.array_equal(frames, other)


def test_a_recorded_line_drives_the_picture_and_is_heard(
    ask: Ask, told: list[dict[str, Any]], shot_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shot"
    shutil.copytree(shot_folder, folder)
    shot = read_shot(folder)
    line = np.random.default_rng(0).uniform(-0.5, 0.5, (shot.time.samples, 2)).astype(np.float32)
    write_sound(folder / "line.wav", line)
    _, sound = made(ask(shot, folder, settings=SMALL | {"sound": "driven", "driven_by": "line.wav"}))
    assert np.array_equal(sound, line)
    with pytest.raises(ContractError, match=r"words.settings.driven_by: the file 'no.wav' is missing"):
        made(ask(shot, folder, settings=SMALL | {"sound": "driven", "driven_by": "no.wav"}))


def test_sound_drives_in_two_stages_and_with_control(
    ask: Ask, told: list[dict[str, Any]], home: Path, union: dict[str, Any]
) -> None:
    upsampler = str(home / "more" / "upsampler")
    frames, _ = made(ask(settings=union | {"sound": "driven", "upsampler": upsampler, "pixels": 256 * 256}))
    first, second = told
    assert frames.shape == (10, 46, 70, 3)
    assert first["reference_latents"].shape[-2:] == (first["height"] // 64, first["width"] // 64)
    assert "reference_latents" not in second
    assert second["freeze_audio"] is True
    with pytest.raises(ContractError, match=r"words.controls: weigh depth"):
        made(ask(settings=union | {"sound": "driven"}, controls=[Steer("depth", 0.5)]))


def test_it_goes_on_from_a_take_as_far_as_it_is_told(ask: Ask, told: list[dict[str, Any]]) -> None:
    before = np.random.default_rng(0).integers(0, 256, (10, 46, 70, 3), np.uint8)
    near, _ = made(ask(settings=SMALL | {"steps": 8, "departure": 0.25}, earlier=Earlier(before, None)))
    assert told[0]["noise_scale"] == 0.25
    assert told[0]["sigmas"] == pytest.approx([0.25, 0.125])
    assert near.shape == (10, 46, 70, 3)
    with pytest.raises(ContractError, match=r"words.settings.departure: is from a take, and there is none"):
        made(ask(settings=SMALL | {"departure": 0.25}))


def test_control_needs_its_lora(ask: Ask, home: Path, told: list[dict[str, Any]], union: dict[str, Any]) -> None:
    assert settings_of(ask(settings=SMALL).shot).control is None
    assert settings_of(ask(settings=union).shot).control == "depth"
    with pytest.raises(ContractError, match=r"words.settings.control_lora: is missing, and edges needs"):
        settings_of(ask(settings=SMALL, controls=[Steer("edges", 1.0)]).shot)
    with pytest.raises(ContractError, match=r"lora.pt is not .safetensors"):
        settings_of(ask(settings=SMALL | {"control_lora": "/somewhere/lora.pt"}).shot)


def broken_lora(file: Path) -> None:
    from safetensors.torch import save_file

    save_file({"transformer.other.lora_A.weight": torch.zeros(2, 3)}, str(file))


def wide_lora(file: Path) -> None:
    from safetensors.torch import save_file

    name = "diffusion_model.transformer_blocks.0.attn1.to_q"
    save_file({f"{name}.lora_A.weight": torch.zeros(2, 999), f"{name}.lora_B.weight": torch.zeros(999, 2)}, str(file))


@pytest.mark.parametrize("make", [wide_lora])
def test_a_lora_of_another_model_is_named(ask: Ask, home: Path, tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "other.safetensors")
    with pytest.raises(ContractError, match=r"other.safetensors: does not fit the model"):
        made(ask(settings=SMALL | {"control_lora": str(tmp_path / "other.safetensors"), "pixels": 128 * 128}))
    frames, _ = made(ask(settings=SMALL))
    assert len(frames) == 10
