"""Models that were trained here, among the backends."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from made_shot import MadeShot

from engine.backends import registry
from engine.backends.protocol import Request
from engine.backends.trained import keep, version_of
from engine.media.passes import Passes
from engine.model.runner import BUILT_IN
from engine.server.machine import welcome
from sora_addon.contract import ContractError, Words, read_shot


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SORA_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_a_model_that_is_kept_is_a_backend_and_makes_takes(little_folder: Path, home: Path, tmp_path: Path) -> None:
    assert registry.names() == registry.OWN
    assert keep(little_folder, "my_look", registry.OWN) == home / "my_look"
    assert registry.names() == (*registry.OWN, "my_look")
    shown = next(one for one in welcome(home).backends if one.name == "my_look")
    assert shown.makes_sound
    assert "trained here" in shown.summary
    MadeShot(width=48, height=32, frames=3, words=Words(prompt="two balls", seed=5)).write(tmp_path / "shot")
    shot = read_shot(tmp_path / "shot")
    told: list[str] = []
    request = Request(shot, Passes(tmp_path / "shot", shot), tmp_path / "shot", lambda stage, *_: told.append(stage))
    own, other = (np.stack(list(registry.backend(name).frames(request))) for name in ("my_look", "builtin"))
    assert own.shape == other.shape
    assert not np.array_equal(own, other)
    assert set(told) == {"my_look", "builtin"}


def test_the_version_tells_weights_apart(little_folder: Path, home: Path) -> None:
    keep(little_folder, "my_look", registry.OWN)
    before = registry.capabilities("my_look").version
    assert registry.capabilities("my_look").version == before
    weights = home / "my_look" / "network" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert registry.capabilities("my_look").version != before


def test_the_built_in_model_is_as_new_as_its_weights() -> None:
    assert registry.capabilities("builtin").version == version_of(BUILT_IN)


def test_another_training_takes_its_place(little_folder: Path, home: Path) -> None:
    (keep(little_folder, "my_look", registry.OWN) / "old").touch()
    keep(little_folder, "my_look", registry.OWN)
    assert not (home / "my_look" / "old").exists()
    assert sorted(path.name for path in home.iterdir()) == ["my_look"]


def test_names_of_others_are_refused(little_folder: Path, home: Path) -> None:
    (home / "wan_vace_14b").mkdir(parents=True)
    for name, said in (
        ("builtin", "another model's"),
        ("wan_vace_14b", "another model's"),
        ("My Look", "small letters"),
    ):
        with pytest.raises(ContractError, match=said):
            keep(little_folder, name, registry.OWN)
    with pytest.raises(KeyError, match="there is no backend 'my_look'; there are: sketch"):
        registry.backend("my_look")


@pytest.mark.parametrize("index", ["{", "[]", json.dumps({"_class_name": "WanVACEPipeline"})])
def test_folders_of_other_models_are_not_taken_for_one(home: Path, index: str) -> None:
    (home / "wan").mkdir(parents=True)
    (home / "wan" / "model_index.json").write_text(index, encoding="utf-8")
    assert registry.names() == registry.OWN


def test_a_name_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "engine", "train", str(tmp_path), "--out", str(tmp_path / "run")]
    done = subprocess.run([*command, "--minutes", "1", "--name", "sketch"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "'sketch' is another model's" in done.stderr
    assert not (tmp_path / "run").exists()


def test_without_its_graphs_it_says_what_to_do(little_folder: Path, home: Path, tmp_path: Path) -> None:
    shutil.rmtree(keep(little_folder, "my_look", registry.OWN) / "network")
    MadeShot(width=48, height=32, frames=3).write(tmp_path / "shot")
    shot = read_shot(tmp_path / "shot")
    request = Request(shot, Passes(tmp_path / "shot", shot), tmp_path / "shot", lambda *_: None)
    with pytest.raises(ContractError, match="train one with 'engine train'"):
        next(iter(registry.backend("my_look").frames(request)))
