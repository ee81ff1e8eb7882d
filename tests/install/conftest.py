"""An index, an edition and a folder with a space and letters that ASCII lacks."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from index import Index
from little import make_edition

from sora_addon.install.edition import Edition
from sora_addon.install.install import install
from sora_addon.install.meter import Progress
from sora_addon.install.places import records, write_record
from sora_addon.install.plan import Plan, make_plan


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "Künstler 画家" / "add on"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    serving = Index(tmp_path / "served")
    for name, value in serving.variables.items():
        monkeypatch.setenv(name, value)
    yield serving
    serving.close()


@pytest.fixture
def edition(tmp_path: Path, index: Index) -> Edition:
    return make_edition(tmp_path, index.wheels)


@pytest.fixture
def plan(edition: Edition) -> Plan:
    return plan_of(edition)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Edition, Path, Path]:
    """An edition, its wheels, and a folder that it was installed in: to be copied."""
    folder = tmp_path_factory.mktemp("made once")
    edition = make_edition(folder, folder / "wheels")
    install(folder / "root", plan_of(edition), [].append, threading.Event(), folder / "wheels")
    return edition, folder / "wheels", folder / "root"


@pytest.fixture
def whole(made_once: tuple[Edition, Path, Path], root: Path, index: Index) -> tuple[Edition, Path]:
    """An installed edition and its folder; the index serves its wheels."""
    edition, wheels, made = made_once
    shutil.copytree(made, root, symlinks=True)
    shutil.copytree(wheels, index.wheels)
    return edition, root


@pytest.fixture
def begun(whole: tuple[Edition, Path]) -> tuple[Edition, Path]:
    """An environment that was stopped before anything was downloaded: as ``whole``, without its packages."""
    edition, root = whole
    for package in root.glob("engine-*/**/site-packages/*_little*"):
        shutil.rmtree(package)
    write_record(root, replace(records(root)[0], stage="downloading"))
    return edition, root


def plan_of(edition: Edition, **options: Path) -> Plan:
    return make_plan(edition, [sys.executable], **options)


def put(root: Path, plan: Plan, folder: Path | None = None) -> list[Progress]:
    """Install and return what was told."""
    told: list[Progress] = []
    install(root, plan, told.append, threading.Event(), folder)
    return told
