"""What the artist asks for in words and figures, and how strongly the scene's own knowledge steers the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from .codec import Bound, Index, Length, Share
from .errors import ContractError

Words_ = Annotated[str, Length(0, 20_000)]

Control = Literal[
    "depth", "normal", "motion", "ids", "edges", "light", "camera", "keyframes", "masks", "preview", "contacts", "words"
]
"""What of a scene can steer a model."""

CONTROLS: tuple[Control, ...] = Control.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class BodyWeight:
    """How strongly a control speaks where one body is seen, as a share of the control's own weight."""

    body: Index
    weight: Share


@dataclass(frozen=True)
class Steer:
    """How strongly a control speaks, and from when to when in the schedule of steps; 0 is its first, 1 its last."""

    control: Control
    weight: Annotated[float, Bound(low=0.0, high=2.0)] = 1.0
    start: Share = 0.0
    end: Share = 1.0
    bodies: Annotated[list[BodyWeight], Length(0, 10_000)] = field(default_factory=list)
    """Bodies that it speaks less strongly for; 1 for all others."""

    def check(self) -> None:
        if self.end <= self.start:
            raise ContractError("end", f"is {self.end:g}, not after 'start'", "leave the control out by a weight of 0")
        unique([one.body for one in self.bodies], "bodies", "body")


@dataclass(frozen=True)
class Words:
    """What the artist asked for. Words of single bodies and materials stand with those."""

    prompt: Words_ = ""
    negative: Words_ = ""
    style: Annotated[str, Length(0, 200)] = ""
    seed: Annotated[int, Bound(low=0, high=2**63 - 1)] = 0
    backend: Annotated[str, Length(0, 200)] = ""
    settings: dict[str, Any] = field(default_factory=dict)
    """The backend's own, checked by the backend."""
    controls: list[Steer] = field(default_factory=list)
    """Of those that are not said the backend uses its own measure."""

    def check(self) -> None:
        unique([steer.control for steer in self.controls], "controls", "control")

    def steer(self, control: Control) -> Steer | None:
        """What was asked of that control; None where nothing was."""
        return next((steer for steer in self.controls if steer.control == control), None)


def unique(values: list[Any], place: str, name: str) -> set[Any]:
    """The values as a set. Raises ContractError naming the first of the list ``place`` whose ``name`` came before."""
    seen: set[Any] = set()
    for i, value in enumerate(values):
        if value in seen:
            raise ContractError(f"{place}[{i}].{name}", f"{value!r} stands there twice")
        seen.add(value)
    return seen
