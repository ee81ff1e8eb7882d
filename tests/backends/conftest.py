"""Tiny pipelines, made once a session, and little shots for the backends to work on."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking import Ask
from made_shot import MadeShot

sys.path.insert(0, str(Path(__file__).parent / "remoting"))

from engine.backends.protocol import Request
from engine.media.passes import Passes
from sora_addon.contract import Shot, read_shot


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """So little work is faster without others to wait for."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def with_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """The template of docs/backends.md is held to the common suite like any other."""
    from template import TEMPLATE, Template

    from engine.backends import registry

    monkeypatch.setitem(registry._MODULES, "template", ("template", "Template", TEMPLATE))
    real = registry.backend
    for module in (registry, sys.modules.get("engine.pipeline.chains")):
        if module is not None:
            name = "backend" if module is registry else "backend_named"
            monkeypatch.setattr(module, name, lambda name: Template() if name == "template" else real(name))


@pytest.fixture(autouse=True)
def soon_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trouble with a made-up server is over soon."""
    from made_server import QUICK

    from engine.backends.remote import Remote

    monkeypatch.setattr(Remote, "pace", QUICK)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models, a tiny one for each backend on diffusers, under the backend's name; more lies in ``more``."""
    from tiny import audio, ltx2, sana, vace

    home = tmp_path_factory.mktemp("models")
    vace.save(home / "wan_vace")
    ltx2.save(home / "ltx2")
    sana.save(home / "sana_wm")
    audio.save(home / "stable_audio")
    ltx2.save_upsampler(home / "more" / "upsampler")
    ltx2.save_lora(home / "more" / "union.safetensors")
    return home


@pytest.fixture
def home(models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, as the place where backends look for their models."""
    monkeypatch.setenv("SORA_MODELS", str(models))
    return models


@pytest.fixture(scope="session")
def shot_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10 frames of 70x46 at 25/2 a second: no multiple of anything."""
    folder = tmp_path_factory.mktemp("shots") / "shot"
    MadeShot(width=70, height=46, frames=10, fps=(25, 2), drop=0.3).write(folder)
    return folder


@pytest.fixture
def told(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The arguments of every call of a pipeline, in order."""
    from engine.backends.diffusing import steps

    calls: list[dict[str, Any]] = []
    real = steps.called

    def called(pipe: Any, **arguments: Any) -> Any:
        calls.append(arguments)
        return real(pipe, **arguments)

    for module in (steps, *(sys.modules.get(f"engine.backends.diffusing.{name}") for name in ("ltx2_calls",))):
        if module is not None:
            monkeypatch.setattr(module, "called", called)
    return calls


@pytest.fixture
def ask(shot_folder: Path, tmp_path: Path) -> Ask:
    def asked(shot: Shot | None = None, folder: Path = shot_folder, **given: Any) -> Request:
        own = {name: given.pop(name) for name in ("earlier", "preview", "stems") if name in given}
        progress = given.pop("progress", lambda stage, step, total: None)
        shot = shot or read_shot(folder)
        shot = replace(shot, words=replace(shot.words, **given))
        return Request(shot, Passes(folder, shot), tmp_path, progress, **own)

    return asked
