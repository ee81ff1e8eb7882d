"""What analysis says must happen in a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Expected:
    """A contact known beforehand: ``time`` in seconds from the first frame, ``speed`` (m/s) of closing or of sliding.

    Only what can be said in closed form is listed: a bounce's later impacts are not.
    """

    kind: Literal["impact", "step", "splash", "close", "roll", "slide"]
    time: float
    bodies: tuple[str, str]
    speed: float | None = None


Happenings = tuple[Expected, ...]
