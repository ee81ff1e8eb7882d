"""The graphs at work: they give what the network gives, and the path does what is asked of it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from model.conftest import some_told

from engine.backends.looks import filmic
from engine.backends.plates import Taken
from engine.model.conditioning import from_bytes, to_bytes
from engine.model.folder import from_pretrained
from engine.model.runner import BUILT_IN, TAKEN, Runner, Shown, Start, pooled, sample, taken_of
from engine.model.told import Told
from sora_addon.contract import ContractError


@pytest.fixture(scope="module")
def runner(little_folder: Path) -> Runner:
    return Runner(little_folder)


def shown_of(told: Told) -> Shown:
    arrays = {name: getattr(told, name).contiguous().numpy() for name in ("planes", "rows", "place")}
    of_clip = {name: getattr(told, name)[0].numpy() for name in ("texts", "states", "numbers", "mood", "mel")}
    return Shown(**arrays, **of_clip, style=int(told.style[0]), pool=told.pool)


def noise_for(shown: Shown, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    frames, _, height, width = shown.planes.shape
    small = (frames, 3, height // shown.pool, width // shown.pool)
    return random.standard_normal(small, np.float32), random.standard_normal(shown.mel.shape, np.float32)


def photo(taken: list[Taken]) -> np.ndarray:
    return np.ascontiguousarray(np.stack([filmic(seen.photo) for seen in taken]).transpose(0, 3, 1, 2))


@pytest.mark.parametrize("which", ["little", "in the box"])
def test_graphs_give_what_the_network_gives(which: str, little_folder: Path) -> None:
    folder = little_folder if which == "little" else BUILT_IN
    runner, network = Runner(folder), from_pretrained(folder)
    for told in (some_told(), some_told(frames=5, height=64, width=80, seed=4)):
        shown = shown_of(told)
        noise, mel_noise = noise_for(shown)
        seen = runner.step(shown.small(), noise, mel_noise, 0.7)
        fine = [runner.fine(shown, seen, frame, 0.7) for frame in (1, 2)]
        with torch.inference_mode():
            time = torch.full((1,), 0.7)
            given = torch.from_numpy(noise), torch.from_numpy(mel_noise)[None]
            features, grade, mel = network.predict(told, network.stem(told), *given, time)
            taken = network.take(told, features, grade, time)
        assert np.allclose(seen.features, features.numpy(), atol=1e-4)
        assert np.allclose(seen.mel, mel[0].numpy(), atol=1e-4)
        true = taken_of(getattr(taken, name)[1:3].numpy() for name in TAKEN)
        for one, other in zip(fine, true, strict=True):
            for name in TAKEN:
                assert np.allclose(filmic(getattr(one, name)), filmic(getattr(other, name)), atol=2e-3), name


def test_the_same_noise_gives_the_same_bytes_and_other_noise_does_not(runner: Runner) -> None:
    shown = shown_of(some_told())
    one, same, other = (sample(runner, shown, *noise_for(shown, seed), 2, photo) for seed in (1, 1, 2))
    assert np.array_equal(one.seen.features, same.seen.features)
    assert not np.array_equal(one.seen.features, other.seen.features)


def test_guidance_of_one_is_none_and_more_goes_further(runner: Runner) -> None:
    shown = shown_of(some_told())
    noise = noise_for(shown)
    plain = sample(runner, shown, *noise, 1, photo)
    without = sample(runner, shown.bare(), *noise, 1, photo)
    further = sample(runner, shown, *noise, 1, photo, guidance=2.0)
    assert np.allclose(further.mel - without.mel, 2 * (plain.mel - without.mel), atol=1e-4)


def test_words_that_are_left_out_do_not_count(runner: Runner) -> None:
    shown = shown_of(some_told()).bare()
    other = replace(shown_of(some_told()), states=np.zeros((0, shown.texts.shape[1]), np.float32))
    noise = noise_for(shown)
    assert np.array_equal(sample(runner, shown, *noise, 1, photo).mel, sample(runner, other, *noise, 1, photo).mel)


def test_a_start_is_gone_from_as_far_as_its_strength_says(runner: Runner) -> None:
    shown = shown_of(some_told())
    noise = noise_for(shown)
    random = np.random.default_rng(3)
    earlier = random.random((3, 3, 32, 48), np.float32)
    alone = sample(runner, shown, *noise, 2, photo)
    begun = [sample(runner, shown, *noise, 2, photo, start=Start(earlier, strength)) for strength in (0.3, 1.0)]
    assert not np.allclose(begun[0].seen.features, alone.seen.features)
    assert np.allclose(begun[1].seen.features, alone.seen.features, atol=1e-5)
    mask = np.zeros((3, 1, 32, 48), np.float32)
    masked = sample(runner, shown, *noise, 2, photo, start=Start(earlier, 1.0, mask))
    assert not np.allclose(masked.seen.features, alone.seen.features, atol=1e-5)
    for steps, strength in ((2, 0.0), (0, 1.0)):
        with pytest.raises(ValueError, match="lead nowhere"):
            sample(runner, shown, *noise, steps, photo, start=Start(earlier, strength))


def test_bytes_are_told_as_what_they_stand_for(runner: Runner) -> None:
    shown = shown_of(some_told())
    held = replace(shown, planes=to_bytes(shown.planes))
    same = replace(shown, planes=from_bytes(to_bytes(shown.planes)))
    noise = noise_for(shown)
    one, other = (sample(runner, told, *noise, 1, photo) for told in (held, same))
    assert np.allclose(one.seen.features, other.seen.features, atol=1e-5)
    fine = [runner.fine(told, one.seen, 1, 1.0) for told in (held, same)]
    assert np.allclose(photo(fine[:1]), photo(fine[1:]), atol=1e-5)


def test_means_of_squares() -> None:
    pictures = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    assert pooled(pictures, 2).tolist() == [[[[2.5, 4.5], [10.5, 12.5]]]]


@pytest.mark.parametrize("name", ["step.onnx", "graphs.json", "diffusion_pytorch_model.safetensors"])
def test_a_damaged_folder_is_refused_in_a_sentence(little_folder: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(little_folder, tmp_path / "model")
    damaged = tmp_path / "model" / "network" / name
    damaged.write_bytes(damaged.read_bytes()[:100])
    with pytest.raises(ContractError, match="does not"):
        Runner(tmp_path / "model")
    damaged.unlink()
    with pytest.raises(ContractError, match="does not"):
        Runner(tmp_path / "model")
