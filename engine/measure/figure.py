"""What every measure of the picture is: it watches frames in order and ends with figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from .truth import Picture, Truth


@dataclass(frozen=True)
class Figure:
    """One figure of one clip; ``value`` None where it cannot be had, and ``note`` says why."""

    name: str
    unit: str
    value: float | None
    detail: dict[str, Any] = field(default_factory=dict)
    note: str = ""


class Watcher(Protocol):
    """Sees every frame once, in order, and keeps no more of them than it needs."""

    def see(self, picture: Picture, truth: Truth) -> None: ...

    def figures(self) -> list[Figure]: ...


def evenly(frames: int, most: int) -> frozenset[int]:
    """At most ``most`` frame indices, spread evenly, both ends among them."""
    if frames <= most:
        return frozenset(range(frames))
    return frozenset(round(i * (frames - 1) / (most - 1)) for i in range(most))
