"""What every backend must do, as functions of a case: a new backend is held to the same by a line in ``CASES``."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

from made_server import MadeServer

from sora_addon.contract import Link


@dataclass(frozen=True)
class Case:
    """How a backend is asked, so that it works in little time."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    follows: str = ""
    """The backend whose picture it goes on from, where it makes sound alone."""
    steps: int = 0
    """Of sampling, that its progress must count in all; 0 where it counts something else."""
    served: bool = False
    """Whether it needs a server; that is a made-up one, whose clips are always the same."""
    by_seed: bool = True
    by_words: bool = True
    """Whether another seed, and other words, make another picture."""

    @property
    def given(self) -> dict[str, Any]:
        """The settings, with the server's address where it needs one."""
        return self.settings | ({"server": made_server().url} if self.served else {})

    @property
    def first(self) -> str:
        return self.follows or self.name

    @property
    def chain(self) -> tuple[Link, ...]:
        return (Link(self.name, settings=self.given),) if self.follows else ()

    @property
    def stage(self) -> str:
        return f"{self.name} 2" if self.follows else self.name


@functools.cache
def made_server() -> MadeServer:
    """One for all jobs; it ends with the process."""
    return MadeServer()


CASES = (
    Case("sketch", by_seed=False, by_words=False),
    Case("builtin", {"steps": 1}),
    Case("remote", {"serves": "ltx2"}, served=True, by_seed=False, by_words=False),
    Case("ltx2", {"steps": 3, "guidance": 1.0, "distilled": False, "pixels": 96 * 64}, steps=3),
    Case("wan_vace", {"steps": 3, "guidance": 1.0, "pixels": 48 * 32}, steps=3),
    Case("sana_wm", {"steps": 3, "guidance": 1.0, "canvas_width": 96, "canvas_height": 64}, steps=3),
    Case("template", {"steps": 3}, steps=3, by_words=False),
    Case("stable_audio", {"steps": 3, "make": "ambience"}, follows="sketch", steps=3),
)
