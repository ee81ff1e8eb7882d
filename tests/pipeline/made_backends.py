"""MADE-UP backends: what they make is known in closed form, so that a chain can be held against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from engine.backends import registry
from engine.backends.capabilities import Capabilities, FrameGrid
from engine.backends.protocol import Frames, Request, Samples
from engine.backends.sketch import Sketch
from engine.pipeline import chains


def capabilities(name: str, **changes: Any) -> Capabilities:
    plain: dict[str, Any] = {
        "name": name,
        "version": "9",
        "summary": "made up",
        "controls": frozenset(),
        "grid": FrameGrid(),
        "side_step": 1,
        "rates": None,
        "makes_sound": False,
        "memory": 1,
        "licence": "GPL-3.0-or-later",
    }
    return Capabilities(**(plain | changes))


class Inverts:
    """The negative of the earlier picture; and a hum at the level that its settings say."""

    capabilities = capabilities("inverts", makes_sound=True)
    asked: list[Request] = []  # noqa: RUF012

    def frames(self, request: Request) -> Iterator[Frames]:
        self.asked.append(request)
        assert request.earlier is not None
        for place, frame in enumerate(request.earlier.frames):
            request.progress("inverts", place, len(request.earlier.frames))
            yield 255 - frame

    def sound(self, request: Request) -> Samples | None:
        level = request.shot.words.settings.get("level", 0.25)
        return np.full((request.shot.time.samples, 2), level, np.float32)


class Hums:
    """Sound alone: half of what was heard before it, or a constant."""

    capabilities = capabilities("hums", makes_sound=True, makes_picture=False)

    def frames(self, request: Request) -> Iterator[Frames]:
        raise AssertionError("a backend that makes no picture is not asked for one")

    def sound(self, request: Request) -> Samples | None:
        assert request.earlier is not None
        before = request.earlier.sound
        return np.full((request.shot.time.samples, 2), 0.5, np.float32) if before is None else before / 2


class Shorter:
    """Sound that lacks a sample."""

    capabilities = capabilities("shorter", makes_sound=True, makes_picture=False)

    def frames(self, request: Request) -> Iterator[Frames]:
        raise AssertionError

    def sound(self, request: Request) -> Samples | None:
        return np.zeros((request.shot.time.samples - 1, 2), np.float32)


MADE_UP = {made.capabilities.name: made for made in (Inverts, Hums, Shorter, Sketch)}


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pipeline find them beside the sketch."""

    def known(name: str) -> Capabilities:
        if name not in MADE_UP:
            raise KeyError(f"there is no backend {name!r}; there are: {', '.join(MADE_UP)}")
        return MADE_UP[name].capabilities

    monkeypatch.setattr(registry, "capabilities", known)
    monkeypatch.setattr(chains, "backend_named", lambda name: MADE_UP[name]())
    Inverts.asked.clear()
