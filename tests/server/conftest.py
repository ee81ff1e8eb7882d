"""A shot that takes a moment, and one that takes a second or two."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_shot import MadeShot

sys.path.insert(0, str(Path(__file__).parent))

from stand_in import StandIn


@pytest.fixture(scope="session")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("server") / "shot"
    MadeShot(width=64, height=32, frames=6).write(folder)
    return folder


@pytest.fixture(scope="session")
def long_shot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("server") / "long"
    MadeShot(width=64, height=32, frames=20).write(folder)
    return folder


@pytest.fixture
def blender(tmp_path: Path) -> Iterator[StandIn]:
    with StandIn(tmp_path / "home") as blender:
        yield blender
