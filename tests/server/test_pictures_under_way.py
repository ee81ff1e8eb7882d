"""Pictures of a job under way: each has a name of its own, and the last two are there."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from made_shot import MadeShot

from engine.backends.registry import backend
from engine.media.passes import Passes
from engine.pipeline.chains import Part, run_chain
from engine.server import preview
from engine.server.preview import KEPT, WIDEST, Preview
from sora_addon.contract import read_shot


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, bytes]]:
    """Every picture that is told of, as it was then; all of them are due."""
    monkeypatch.setattr(preview, "OFTEN", 0.0)
    return []


def shows(folder: Path, told: list[tuple[Path, bytes]]) -> Preview:
    return Preview(folder, "job", lambda path: told.append((path, path.read_bytes())))


def test_backends_of_a_chain_overwrite_nothing_of_each_other(tmp_path: Path, told: list[tuple[Path, bytes]]) -> None:
    MadeShot(width=32, height=24, frames=4).write(tmp_path / "shot")
    shot = read_shot(tmp_path / "shot")
    parts = [Part(backend("sketch"), "both", {}), Part(backend("sketch"), "picture", {})]
    shown = shows(tmp_path / "previews", told)
    run_chain(shot, Passes(tmp_path / "shot", shot), tmp_path, parts, lambda *_: None, shown)
    assert len({path for path, _ in told}) == len(told) == 8
    # What was told last, and what Blender may still be reading, are as they were told; no other is left.
    assert {path: path.read_bytes() for path in (tmp_path / "previews").iterdir()} == dict(told[-KEPT:])


def test_a_picture_is_small_and_has_its_colours(tmp_path: Path, told: list[tuple[Path, bytes]]) -> None:
    shows(tmp_path, told)(7, np.full((400, 800, 3), (200, 100, 50), np.uint8))
    ((_, png),) = told
    seen = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    assert seen.shape == (WIDEST // 2, WIDEST, 3)
    assert (seen == (50, 100, 200)).all()
