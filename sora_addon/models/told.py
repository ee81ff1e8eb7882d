"""What the engine tells of models (``python -m engine.hub list --json``), as the page shows it. No bpy here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..contract import ContractError, decode, parse

State = Literal["absent", "partial", "whole", "used", "broken"]


@dataclass(frozen=True)
class Standing:
    """How a model stands on this machine. ``used``: a folder elsewhere is used in its place."""

    state: State
    folder: str = ""
    bytes: int = 0
    revision: str = ""
    problem: str = ""

    @property
    def ready(self) -> bool:
        """Whether a backend can load it."""
        return self.state in ("whole", "used")


@dataclass(frozen=True)
class Model:
    """A model of the engine's catalogue."""

    name: str
    backend: str
    title: str
    about: str
    repo: str
    licence: str
    licence_link: str
    limits: list[str]
    gated: bool
    memory: int
    """Bytes that a shot of 5 s at 512x288 needs; 0 for weights that another model wears."""
    standing: Standing


@dataclass(frozen=True)
class Listing:
    """All models, and the folder that they lie in."""

    home: str
    models: list[Model] = field(default_factory=list)

    def named(self, name: str) -> Model | None:
        return next((model for model in self.models if model.name == name), None)

    def of(self, backend: str) -> list[Model]:
        """The models that a backend can load; what another one wears is not among them."""
        return [model for model in self.models if model.backend == backend and not model.name.endswith("_control")]


@dataclass(frozen=True)
class Plan:
    """What getting a model takes, as the hub has said."""

    name: str
    revision: str
    files: int
    bytes: int


@dataclass(frozen=True)
class Step:
    """A line of progress."""

    stage: str
    step: int
    total: int
    seconds_left: float | None = None


def read_listing(text: str) -> Listing:
    """Raises ContractError."""
    return decode(Listing, parse(text.encode(), "the list of models"))


def read_plan(text: str) -> Plan:
    """Raises ContractError."""
    return decode(Plan, parse(text.encode(), "the plan"))


def read_step(line: str) -> Step | None:
    """A line of the engine's standard error; None where it is none of progress."""
    if not line.startswith("{"):
        return None
    try:
        return decode(Step, parse(line.encode(), "progress"))
    except ContractError:
        return None
