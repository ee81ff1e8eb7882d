"""What is refused of a model's folder before anything in it is opened, each by its name."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.backends.diffusing.asks import usual_folder
from engine.backends.diffusing.folder import INDEX, PICKLES, look_over
from sora_addon.contract import ContractError

KINDS = ("WanVACEPipeline",)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(models: Path, tmp_path: Path) -> Path:
    shutil.copytree(models / "wan_vace", tmp_path / "model")
    return tmp_path / "model"


def test_a_whole_folder_is_taken(folder: Path) -> None:
    found = look_over(folder, KINDS)
    assert found.kind == "WanVACEPipeline"
    assert set(found.parts) == {"text_encoder", "transformer", "vae"}
    assert found.bytes == sum(path.stat().st_size for path in folder.rglob("*.safetensors"))


@pytest.mark.parametrize("ending", PICKLES)
@pytest.mark.parametrize("place", ["", "transformer", "tokenizer/deep"])
def test_a_pickle_is_refused_by_name_wherever_it_lies(folder: Path, ending: str, place: str) -> None:
    (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / place / f"weights{ending.upper()}").write_bytes(pickle.dumps({}))
    with pytest.raises(ContractError, match=r"is or may be a pickle") as caught:
        look_over(folder, KINDS)
    assert caught.value.field.endswith(f"weights{ending.upper()}")


def cut_off(folder: Path) -> None:
    path = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def pointer(folder: Path) -> None:
    path = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n")


def disguised(folder: Path) -> None:
    path = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(pickle.dumps({"weights": [1.0] * 100}))


def code(folder: Path) -> None:
    (folder / "transformer" / "modeling.py").write_text("print('hello')\n")


def missing_part(folder: Path) -> None:
    shutil.rmtree(folder / "vae")


def missing_weights(folder: Path) -> None:
    (folder / "vae" / "diffusion_pytorch_model.safetensors").unlink()


def missing_index(folder: Path) -> None:
    (folder / INDEX).unlink()


def broken_index(folder: Path) -> None:
    (folder / INDEX).write_text("{")


def other_kind(folder: Path) -> None:
    index = json.loads((folder / INDEX).read_text())
    (folder / INDEX).write_text(json.dumps(index | {"_class_name": "FluxPipeline"}))


def other_library(folder: Path) -> None:
    index = json.loads((folder / INDEX).read_text())
    (folder / INDEX).write_text(json.dumps(index | {"vae": ["os", "system"]}))


def remote_code(folder: Path) -> None:
    path = folder / "text_encoder" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"auto_map": {"AutoModel": "modeling.Model"}}))


def missing_shard(folder: Path) -> None:
    listing = folder / "transformer" / "diffusion_pytorch_model.safetensors.index.json"
    listing.write_text(json.dumps({"weight_map": {"a": "model-00002-of-00002.safetensors"}}))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (cut_off, "transformer/diffusion_pytorch_model.safetensors: has"),
        (pointer, "is a pointer of git-lfs and not the weights"),
        (disguised, "transformer/diffusion_pytorch_model.safetensors: is cut off or not a safetensors file"),
        (code, "modeling.py: is code"),
        (missing_part, "vae: is missing"),
        (missing_weights, "vae: holds no .safetensors"),
        (missing_index, "model_index.json: is missing"),
        (broken_index, "model_index.json: cannot be read"),
        (other_kind, "is of a FluxPipeline, and this backend takes WanVACEPipeline"),
        (other_library, "takes vae from 'os', which is no library of ours"),
        (remote_code, "asks for code of its own"),
        (missing_shard, "model-00002-of-00002.safetensors: is missing"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_wrong_is_named(folder: Path, spoil: Callable[[Path], None], words: str) -> None:
    spoil(folder)
    with pytest.raises(ContractError) as caught:
        look_over(folder, KINDS)
    assert words in str(caught.value)


def test_weights_of_another_shape_are_named(folder: Path) -> None:
    from engine.backends.diffusing.loading import Plan, pipeline

    config = folder / "transformer" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"ffn_dim": 48}))
    with pytest.raises(ContractError, match="does not load as WanVACEPipeline"):
        pipeline("WanVACEPipeline", look_over(folder, KINDS), Plan("cpu", "card", "full"))


def test_a_folder_elsewhere_is_used_where_the_manager_was_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SORA_MODELS", str(tmp_path))
    assert usual_folder("wan_vace") == tmp_path / "wan_vace"
    (tmp_path / "wan_vace.folder.json").write_text(json.dumps({"folder": "/models/vace"}))
    assert usual_folder("wan_vace") == Path("/models/vace")


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's filter of system calls is Linux's")
def test_a_job_asks_no_network(models: Path, shot_folder: Path, tmp_path: Path) -> None:
    """In a process that is killed at its first try, but for urllib3: it opens a socket of its own once, to try for IPv6."""
    settings = {"steps": 1, "guidance": 1.0, "pixels": 48 * 32, "model": str(models / "wan_vace")}
    code = (
        "import sys; sys.path.insert(0, 'tests/trust')\n"
        "import urllib3; from refuse_network import refuse; refuse()\n"
        "import json, torch; from pathlib import Path\n"
        "torch.set_num_threads(1)\n"
        "from engine.pipeline.generate import Options, generate\n"
        "options = Options('wan_vace', settings=json.loads(sys.argv[3]))\n"
        "generate(Path(sys.argv[1]), Path(sys.argv[2]), options, lambda *given: None)\n"
    )
    command = [sys.executable, "-c", code, str(shot_folder), str(tmp_path / "take"), json.dumps(settings)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
