"""A pipeline's steps, told by the callback alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from asking import Ask

from engine.backends.diffusing import steps
from engine.backends.diffusing.steps import OFTEN, Steps
from engine.backends.protocol import Cancelled

Picture = np.ndarray[Any, Any]


def test_pictures_are_made_no_oftener_than_they_are_shown(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the pace of the steps; their numbers leave none out."""
    now = 100.0
    monkeypatch.setattr(steps.time, "monotonic", lambda: now)
    looked: list[float] = []
    shown: list[int] = []

    def look(latents: torch.Tensor) -> Picture:
        looked.append(now)
        return np.zeros((2, 2, 3), np.uint8)

    made = Steps(ask(preview=lambda number, picture: shown.append(number)), "sketch", [40], look)
    for step in range(40):
        now += OFTEN / 8
        made(None, step, None, {"latents": torch.zeros(1)})
    assert np.allclose(np.diff(looked), OFTEN)
    assert shown == list(range(5))


def test_nothing_is_looked_at_where_nobody_sees_it(ask: Ask) -> None:
    made = Steps(ask(), "sketch", [1], lambda latents: pytest.fail("a picture was made"))
    made(None, 0, None, {"latents": torch.zeros(1)})


def test_a_step_is_told_when_it_is_done_on_the_card(ask: Ask) -> None:
    """Latents are waited for before progress is told; then a cancel leaves nothing queued."""
    order: list[str] = []

    class Latents:
        def isfinite(self) -> Latents:
            return self

        def all(self) -> bool:
            order.append("done")
            return True

    def progress(stage: str, step: int, total: int) -> None:
        order.append(f"told {step}")
        raise Cancelled

    with pytest.raises(Cancelled):
        Steps(ask(progress=progress), "sketch", [2])(None, 0, None, {"latents": Latents()})
    assert order == ["done", "told 1"]
