"""How long a take will take, by the backends and the quality of earlier ones, and on a disk that takes nothing any more."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sora_addon.client import closing, pace
from sora_addon.contract.messages import Job, Order, Origin, makers_of

TAKE: Any = SimpleNamespace(time=SimpleNamespace(frames=10), size=SimpleNamespace(width=1000, height=100))
"""MADE-UP: a megapixel of frames."""
DONE = Job(
    Order(str(uuid.UUID(int=1)), "/s", "/t", "builtin", Origin(str(uuid.UUID(int=2)))),
    "done",
    take="t",
    created="2026-01-01T10:00:00Z",
    ended="2026-01-01T10:00:40Z",
)


@pytest.fixture(autouse=True)
def nothing_is_known(tmp_path: Path) -> None:
    pace.recall(tmp_path / "nowhere")


def test_paces_are_told_apart_by_backends_and_quality(tmp_path: Path) -> None:
    fine = replace(DONE, order=replace(DONE.order, settings={"quality": "fine"}), ended="2026-01-01T10:01:20Z")
    pace.learn(tmp_path, DONE, TAKE)
    pace.learn(tmp_path, fine, TAKE)
    pace.recall(tmp_path)
    assert pace.estimate(makers_of(["builtin"], "standard"), 20, 100_000) == pytest.approx(80.0)
    assert pace.estimate(makers_of(["builtin"], "fine"), 20, 100_000) == pytest.approx(160.0)
    assert pace.estimate(makers_of(["builtin"], "draft"), 20, 100_000) is None
    assert fine.order.makers == "builtin fine"


def test_a_full_disk_costs_neither_the_pace_nor_the_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    pace.learn(tmp_path, DONE, TAKE)
    assert pace.estimate("builtin", 10, 100_000) == pytest.approx(40.0)
    closing.choose(tmp_path, finish=False)
    assert not closing.finishes()
    closing.choose(tmp_path, finish=True)


def test_files_that_cannot_be_read_teach_nothing(tmp_path: Path) -> None:
    (tmp_path / pace.FILE).mkdir()
    (tmp_path / closing.FILE).mkdir()
    pace.recall(tmp_path)
    closing.recall(tmp_path)
    assert pace.estimate("builtin", 10, 100_000) is None
    assert closing.finishes()
