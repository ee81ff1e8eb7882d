"""What an export says while it runs: one message a line, so that a parent process can read it among Blender's own output."""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from ..contract import ContractError, decode, encode

PREFIX = "SORA "
"""Begins every line that is a message; all else on the worker's stdout is Blender's."""

Kind = Literal["progress", "warning", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Message:
    """One thing said. ``done``, ``failed`` and ``cancelled`` are the last of an export."""

    kind: Kind
    text: str = ""
    stage: str = ""
    step: int = 0
    total: int = 0
    seconds_left: float | None = None
    details: list[str] = field(default_factory=list)
    """Further sentences: what differs between a snapshot and the artist's scene, or the last lines that Blender said."""

    @property
    def last(self) -> bool:
        return self.kind in ("done", "failed", "cancelled")


def line_of(message: Message) -> str:
    """The message as one line of ASCII, whatever the terminal's encoding."""
    return PREFIX + json.dumps(encode(message), ensure_ascii=True, allow_nan=False)


def message_in(line: str) -> Message | None:
    """The message that ``line`` holds; None where the line is not one of ours."""
    if not line.startswith(PREFIX):
        return None
    try:
        return decode(Message, json.loads(line[len(PREFIX) :]))
    except (json.JSONDecodeError, ContractError):
        return None


class Pace:
    """Steps of equal work, and the seconds that those to come will take at the pace of the latest ones."""

    def __init__(self, stage: str, total: int) -> None:
        self.stage = stage
        self.total = total
        self._ends: deque[float] = deque([time.monotonic()], maxlen=9)

    def step(self, number: int, text: str = "") -> Message:
        """Called when step ``number`` (from 1) is done."""
        self._ends.append(time.monotonic())
        a_step = (self._ends[-1] - self._ends[0]) / (len(self._ends) - 1)
        return Message("progress", text, self.stage, number, self.total, (self.total - number) * a_step)
