"""``engine doctor --model``: a folder is loaded and put to work, and what is wrong with it is said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from common import CASES

from engine.server.trial import BACKENDS, tried
from engine.server.trial_shot import TrialPasses, trial_shot

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", BACKENDS)
def test_a_good_folder_is_well(name: str, models: Path) -> None:
    small = next(case.settings for case in CASES if case.name == name) | {"steps": 2}
    findings = tried(models / name, small)
    assert [finding.name for finding in findings] == ["folder", "packages", "run", "cancel"]
    assert all(finding.well for finding in findings), findings


def test_what_is_wrong_is_said_and_where_it_ends(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "wan_vace", tmp_path / "model")
    (tmp_path / "model" / "vae" / "old.pt").write_bytes(b"")
    (wrong,) = tried(tmp_path / "model")
    assert not wrong.well
    assert "old.pt: is or may be a pickle" in wrong.says
    assert wrong.mend.startswith("Delete it")
    (tmp_path / "model" / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    (other,) = tried(tmp_path / "model")
    assert "is of a FluxPipeline, which no backend takes" in other.says


def test_the_doctor_tries_a_model_in_a_process_of_its_own(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "wan_vace", tmp_path / "model")
    (tmp_path / "model" / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(b"")
    command = [sys.executable, "-m", "engine", "doctor", "--json", "--model"]
    run = subprocess.run([*command, str(tmp_path / "model")], cwd=ROOT, capture_output=True, text=True, check=False)
    model = [finding for finding in json.loads(run.stdout) if finding["name"] == "model"]
    assert run.returncode == 1
    assert "diffusion_pytorch_model.safetensors: is cut off" in model[0]["says"]
    assert model[0]["mend"] == "Download the model again."


def test_its_motion_leads_to_the_next_frame() -> None:
    shot = trial_shot({}, "wan_vace")
    passes = TrialPasses(Path(), shot)
    now, then = passes.frame(3), passes.frame(4)
    assert set(np.unique(now["body"])) == {0, 1, 2}
    j, i = np.argwhere(now["body"] == 2).mean(0).astype(int)
    x, y = np.array([i, j]) + 0.5 + now["to_next"][j, i]
    assert then["body"][int(y), int(x)] == 2
    assert np.abs(then["from_previous"][int(y), int(x)] - now["to_next"][j, i]).max() < 0.1
