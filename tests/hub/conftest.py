"""A model of the catalogue as a tiny pipeline of the real class, on a hub of the tests' own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(ROOT / "tests" / "backends"))

from made_hub import REPO, MadeHub  # noqa: E402

from engine.hub.__main__ import main  # noqa: E402


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's files: the pipeline, its licence, and what must never be fetched."""
    pytest.importorskip("diffusers")
    from tiny import vace

    folder = tmp_path_factory.mktemp("hub") / "repository"
    vace.save(folder)
    (folder / "README.md").write_text("# A tiny model\n")
    (folder / "text_encoder" / "pytorch_model.bin").write_bytes(b"\x80\x04" + b"p" * 9000)
    (folder / "custom.py").write_text("print('not to be run')\n")
    return folder


@pytest.fixture
def hub(pipeline: Path) -> Iterator[MadeHub]:
    made = MadeHub(pipeline, REPO)
    yield made
    made.close()


class Asked:
    """What a run of ``python -m engine.hub`` gave."""

    def __init__(self, code: int, out: str, said: str) -> None:
        self.code, self.said = code, said
        self.answer: Any = json.loads(out) if out.strip() else None


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Asked]:
    """Run a verb against a hub, with a folder of models of the test's; in this process, for the client is slow to import."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no token"))

    def run(*words: str, hub: MadeHub | None = None, token: str = "", offline: bool = False) -> Asked:
        endpoint = hub.url if hub is not None else "http://127.0.0.1:9"
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
        template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setenv("HF_TOKEN", token)
        capfd.readouterr()
        code = main([*words, "--json", "--home", str(tmp_path / "models")])
        said = capfd.readouterr()
        return Asked(code, said.out, said.err)

    return run
