"""Models from the hub and from disk: whole, checked, pinned, gone on with; and refused by name where they are not safe."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from made_hub import REPO, ROOT, MadeHub, environment

from engine.backends import registry
from engine.hub.catalogue import CATALOGUE

MODEL = "wan_vace"


def large(path: Path) -> None:
    """24 MB that are a safetensors file."""
    header = json.dumps({"zeros": {"dtype": "U8", "shape": [24_000_000], "data_offsets": [0, 24_000_000]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(24_000_000))


def under_way(partial: Path) -> dict[str, int]:
    """Bytes of the large file that is half here."""
    found = {}
    for path in partial.rglob("large*.part"):
        with suppress(FileNotFoundError):  # it may be whole by now
            found[path.name] = path.stat().st_size
    return {name: size for name, size in found.items() if size}


def folder(tmp_path: Path) -> Path:
    return tmp_path / "models" / MODEL


def standing(models, name: str = MODEL) -> dict:
    listed = models("list")
    assert listed.code == 0, listed.said
    return next(model["standing"] for model in listed.answer["models"] if model["name"] == name)


def test_the_list_says_what_each_needs_and_allows(models) -> None:
    listed = models("list")
    for model in listed.answer["models"]:
        assert model["licence"]
        assert model["licence_link"].startswith("https://")
        assert model["limits"]
        declared = registry.capabilities(model["backend"]).memory
        assert model["memory"] == {"ltx2_control": 0, "wan_vace_14b": 50 << 30}.get(model["name"], declared)
        assert model["standing"]["state"] == "absent"
    assert {model["backend"] for model in listed.answer["models"]} <= set(registry.names())


def test_listing_imports_no_client_and_no_torch() -> None:
    code = (
        "import sys; from engine.hub.__main__ import main; main(['list', '--json'])\n"
        "print(sorted({'torch', 'diffusers', 'huggingface_hub', 'numpy'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_a_plan_says_commit_files_and_bytes(models, hub: MadeHub) -> None:
    plan = models("plan", MODEL, hub=hub)
    wanted = {name: data for name, data in hub.files().items() if not name.endswith((".bin", ".py"))}
    assert plan.answer == {
        "name": MODEL,
        "revision": "a" * 40,
        "files": len(wanted),
        "bytes": sum(map(len, wanted.values())),
    }
    assert hub.given() == 0
    assert standing(models)["state"] == "absent"


def test_a_model_is_fetched_whole_and_checked(models, hub: MadeHub, tmp_path: Path) -> None:
    got = models("get", MODEL, "--progress", "json", hub=hub)
    assert got.code == 0, got.said
    assert got.answer["state"] == "whole"
    assert got.answer["revision"] == "a" * 40
    wanted = {name: data for name, data in hub.files().items() if not name.endswith((".bin", ".py"))}
    found = {p.relative_to(folder(tmp_path)).as_posix(): p for p in folder(tmp_path).rglob("*") if p.is_file()}
    assert set(found) == set(wanted) | {"sora-model.json"}
    assert all(found[name].read_bytes() == data for name, data in wanted.items())
    record = json.loads(found["sora-model.json"].read_text())
    assert {one["path"]: one["sha256"] for one in record["files"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in wanted.items()
    }
    steps = [json.loads(line) for line in got.said.splitlines() if line.startswith("{")]
    fetched = [one["step"] for one in steps if one["stage"] == "fetch"]
    assert fetched == sorted(fetched)
    assert fetched[-1] == sum(map(len, wanted.values())) == steps[-1]["total"]
    assert standing(models) == got.answer
    assert not (tmp_path / "models" / f"{MODEL}.partial").exists()
    again = models("get", MODEL, hub=hub)
    assert again.code == 2
    assert "exists already" in again.said


def test_the_backend_loads_what_was_fetched(models, hub: MadeHub, tmp_path: Path) -> None:
    models("get", MODEL, hub=hub)
    from engine.backends.diffusing.folder import look_over
    from engine.backends.wan_vace import KINDS

    assert look_over(folder(tmp_path), KINDS).kind == "WanVACEPipeline"


def test_what_breaks_off_goes_on_at_the_byte(models, pipeline: Path, tmp_path: Path) -> None:
    shutil.copytree(pipeline, tmp_path / "repository")
    large(tmp_path / "repository" / "large.safetensors")
    hub = MadeHub(tmp_path / "repository", REPO)
    hub.holds = "large.safetensors"
    hub.moment = threading.Event()
    command = [sys.executable, "-m", "engine.hub", "get", MODEL, "--home", str(tmp_path / "models")]
    running = subprocess.Popen(command, env=environment(hub), cwd=ROOT, stderr=subprocess.DEVNULL)
    partial = tmp_path / "models" / f"{MODEL}.partial"
    # the client writes ten megabytes at a time; the hub holds back what comes after the first twelve
    while not under_way(partial):
        assert running.poll() is None
    running.kill()
    running.wait()
    hub.moment.set()
    hub.moment = None
    halves = under_way(partial)
    assert len(halves) == 1
    assert standing(models)["state"] == "partial"
    assert standing(models)["bytes"] > 0
    given = hub.given()
    assert models("get", MODEL, hub=hub).answer["state"] == "whole"
    ranges = [
        headers.get("range") for method, path, headers in hub.seen[-200:] if method == "GET" and "range" in headers
    ]
    assert ranges == [f"bytes={next(iter(halves.values()))}-"]
    hub.close()
    small = sum(1 for name in hub.files() if not name.endswith((".bin", ".py"))) - (hub.given() - given)
    assert small > 0, "what was whole was not fetched again"


def test_weights_that_another_model_wears(models, tmp_path: Path) -> None:
    repository = tmp_path / "lora"
    repository.mkdir()
    large(repository / "union-control.safetensors")
    made = MadeHub(repository, "Lightricks/LTX-2.3-22b-IC-LoRA-Union-Control")
    try:
        got = models("get", "ltx2_control", hub=made)
        assert got.answer["state"] == "whole"
    finally:
        made.close()
    (tmp_path / "models" / "ltx2_control" / "union-control.safetensors").write_bytes(b"cut off")
    assert standing(models, "ltx2_control")["state"] == "broken"


def test_a_connection_that_breaks_is_mended_by_the_client(models, hub: MadeHub) -> None:
    hub.breaks_after = 5000
    got = models("get", MODEL, hub=hub)
    assert got.code == 0, got.said
    assert models("verify", MODEL).answer["state"] == "whole"


def test_a_file_that_is_not_the_listed_one_is_refused(models, hub: MadeHub, tmp_path: Path) -> None:
    hub.spoils = "transformer/diffusion_pytorch_model.safetensors"
    got = models("get", MODEL, hub=hub)
    assert got.code == 2
    assert f"gave another {hub.spoils} than it has listed, so it was refused" in got.said
    assert standing(models)["state"] == "partial"
    assert not list((tmp_path / "models").rglob("transformer/*.safetensors*"))
    hub.spoils = ""
    assert models("get", MODEL, hub=hub).answer["state"] == "whole"


def test_small_files_are_checked_too(models, hub: MadeHub) -> None:
    hub.spoils = "README.md"
    assert "gave another README.md" in models("get", MODEL, hub=hub).said


def test_a_commit_is_pinned(models, hub: MadeHub) -> None:
    assert models("get", MODEL, "--revision", "b" * 40, hub=hub).code == 2
    wrong = models("plan", MODEL, "--revision", "b" * 40, hub=hub)
    assert "has no such commit" in wrong.said
    assert models("get", MODEL, "--revision", "a" * 40, hub=hub).answer["revision"] == "a" * 40
    resolved = [path for method, path, _ in hub.seen if "/resolve/" in path]
    assert resolved
    assert all(f"/resolve/{'a' * 40}/" in path for path in resolved), "no file is taken of a branch that moves"


def test_a_gated_model_says_what_to_do(models, hub: MadeHub) -> None:
    hub.gated_for = "hf_secret"
    got = models("get", MODEL, hub=hub)
    assert got.code == 2
    assert "is gated: its licence must be accepted first; accept it at http" in got.said
    assert models("get", MODEL, hub=hub, token="hf_secret").answer["state"] == "whole"


def test_the_token_goes_to_the_hub_alone(models, hub: MadeHub, pipeline: Path) -> None:
    storage = MadeHub(pipeline, "storage")
    try:
        hub.storage, hub.gated_for = storage.url, "hf_secret"
        assert models("get", MODEL, hub=hub, token="hf_secret").answer["state"] == "whole"
        assert storage.seen
        assert all("authorization" not in headers for _, _, headers in storage.seen)
    finally:
        storage.close()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"repo": "other/repo"}, "is not to be found, or not for you"),
        ({"fails": 99}, "answers with an error (500)"),
    ],
)
def test_what_the_hub_refuses_is_named(models, hub: MadeHub, change: dict, sentence: str) -> None:
    for name, value in change.items():
        setattr(hub, name, value)
    plan = models("plan", MODEL, hub=hub)
    assert plan.code == 2
    assert sentence in plan.said


def test_without_a_network_it_says_so(models) -> None:
    assert "cannot be reached" in models("plan", MODEL).said
    assert "HF_HUB_OFFLINE is set" in models("plan", MODEL, offline=True).said


def test_weights_that_are_pickles_alone_are_not_fetched(models, tmp_path: Path) -> None:
    repository = tmp_path / "pickles"
    (repository / "unet").mkdir(parents=True)
    (repository / "model_index.json").write_text("{}")
    (repository / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04")
    made = MadeHub(repository, "Wan-AI/Wan2.1-VACE-1.3B-diffusers")
    try:
        plan = models("plan", MODEL, hub=made)
        assert "no .safetensors: its weights are pickles (unet/diffusion_pytorch_model.bin)" in plan.said
    finally:
        made.close()


def test_verify_finds_one_changed_byte(models, hub: MadeHub, tmp_path: Path) -> None:
    models("get", MODEL, hub=hub)
    assert models("verify", MODEL).code == 0
    path = folder(tmp_path) / "transformer" / "diffusion_pytorch_model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    spoilt = models("verify", MODEL)
    assert spoilt.code == 2
    assert "diffusion_pytorch_model.safetensors: is not the file that came" in spoilt.said
    path.write_bytes(data[:-7])
    assert standing(models)["state"] == "broken"
    assert "diffusion_pytorch_model.safetensors" in standing(models)["problem"]


def test_a_folder_that_is_there_is_used_and_never_removed(models, hub: MadeHub, tmp_path: Path, pipeline: Path) -> None:
    own = tmp_path / "weights of the studio"
    shutil.copytree(pipeline, own, ignore=shutil.ignore_patterns("*.bin", "*.py"))
    used = models("use", MODEL, str(own))
    assert used.answer["state"] == "used"
    assert used.answer["folder"] == str(own)
    assert standing(models) == used.answer
    assert models("remove", MODEL).answer["state"] == "absent"
    assert (own / "model_index.json").is_file()


def test_a_pickle_in_a_folder_is_refused_by_its_name(models, tmp_path: Path, pipeline: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(pipeline, own, ignore=shutil.ignore_patterns("*.py"))
    used = models("use", MODEL, str(own))
    assert used.code == 2
    assert "pytorch_model.bin: is or may be a pickle" in used.said
    assert standing(models)["state"] == "absent"


@pytest.mark.parametrize("wrong", ["nowhere", "empty", "other"])
def test_a_wrong_folder_is_named(models, tmp_path: Path, wrong: str) -> None:
    own = tmp_path / wrong
    if wrong != "nowhere":
        own.mkdir()
    if wrong == "other":
        (own / "model_index.json").write_text('{"_class_name": "FluxPipeline"}')
    used = models("use", MODEL, str(own))
    assert used.code == 2
    assert wrong in used.said


def test_removing_takes_what_was_fetched_and_nothing_else(models, hub: MadeHub, tmp_path: Path) -> None:
    models("get", MODEL, hub=hub)
    other = tmp_path / "models" / "notes.txt"
    other.write_text("kept")
    assert models("remove", MODEL).answer["state"] == "absent"
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["notes.txt"]
    folder(tmp_path).mkdir()
    (folder(tmp_path) / "model_index.json").write_text("{}")
    assert "was not fetched by this add-on" in models("remove", MODEL).said
    assert (folder(tmp_path) / "model_index.json").is_file()


def test_a_full_disk_is_told_before_anything_is_fetched(hub: MadeHub, tmp_path: Path, monkeypatch) -> None:
    from engine.hub import asking, fetching
    from engine.hub.catalogue import model_named
    from sora_addon.contract import ContractError

    plan = asking.Plan(model_named(MODEL), "a" * 40, (asking.Listed("a.safetensors", 5 * 10**12, "0" * 64, ""),))
    with pytest.raises(ContractError, match=r"GB free, 5001\.1 GB are needed; make room"):
        fetching.fetch(tmp_path / "models", plan, lambda *_: None)
    assert hub.seen == []


def test_the_catalogue_names_models_once_and_patterns_that_are_safe() -> None:
    assert len({model.name for model in CATALOGUE}) == len(CATALOGUE)
    for model in CATALOGUE:
        assert model.kinds or model.name.endswith("_control")
        assert not any(pattern.endswith((".bin", ".pt", ".py")) for pattern in model.fetched)
