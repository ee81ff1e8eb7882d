"""A take: a clip made from a shot, what made it, and how well it obeyed.

See docs/take-format.md for the folder; ``folder.py`` reads and writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from .chain import MOST_LINKS, Gives, SoundMix
from .codec import Length, NotNegative
from .errors import ContractError
from .paths import RelativePath
from .shot import Identity, Name, Size, Words, check_uuid
from .time import Time

TAKE_FORMAT = "sora-take"
REPORT_FORMAT = "sora-report"
TAKE_VERSION = 2
OLDEST_TAKE = 1
"""Takes of that version are still read; what they lack has its default."""

Digest = Annotated[str, Length(64, 64)]
"""SHA-256, hexadecimal."""


@dataclass(frozen=True)
class Hashes:
    """What "the same take" means: SHA-256 before mark and encoding."""

    frames: Digest
    """Over 8-bit sRGB frames in order, rows from the top, RGB interleaved."""
    samples: Digest
    """Over float32 little-endian stereo samples, left and right interleaved."""

    def check(self) -> None:
        for name in ("frames", "samples"):
            if any(digit not in "0123456789abcdef" for digit in getattr(self, name)):
                raise ContractError(name, "is not a SHA-256 in hexadecimal")


@dataclass(frozen=True)
class Files:
    """What lies in the folder beside ``take.json``."""

    clip: RelativePath
    sound: RelativePath
    report: RelativePath
    stems: dict[str, RelativePath] = field(default_factory=dict)
    frames: RelativePath | None = None
    """The folder of EXR frames, where they were asked for."""


@dataclass(frozen=True)
class Backend:
    """What made the picture."""

    name: Name
    version: str
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """A backend of a chain, and what it gave."""

    backend: Backend
    gives: Gives
    frames: Annotated[str, Length(0, 64)] = ""
    """SHA-256, as in ``Hashes``, of the picture that it made; empty where its picture was not taken."""
    seconds: NotNegative = 0.0


@dataclass(frozen=True)
class Machine:
    """What it ran on, as far as it can change the result."""

    platform: str
    python: str
    threads: int
    libraries: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """A stage of the pipeline that ran, in order, and its seconds."""

    name: str
    seconds: float
    note: str = ""


@dataclass(frozen=True)
class Take:
    """Everything needed to make the clip again from its shot."""

    format: Literal["sora-take"]
    version: int
    id: Identity
    shot: Identity
    shot_digest: Digest
    """SHA-256 over shot.json and the passes, in order."""
    made: str
    """UTC, ISO 8601."""
    time: Time
    samples: int
    size: Size
    words: Words
    backend: Backend
    machine: Machine
    hashes: Hashes
    files: Files
    stages: list[Stage] = field(default_factory=list)
    parents: list[Identity] = field(default_factory=list)
    """Takes that this one was made from."""
    accepted: list[str] = field(default_factory=list)
    """What it was made from that was not intact, and that the artist accepted."""
    mark: Annotated[str, Length(0, 64)] = ""
    """What the invisible mark in picture and sound carries, hexadecimal; '' where there is none."""
    delivered: dict[str, Digest] = field(default_factory=dict)
    """SHA-256 of every other file of the folder as it was handed over: marked, encoded and signed."""
    chain: Annotated[list[Made], Length(0, MOST_LINKS + 1)] = field(default_factory=list)
    """Every backend in order, the first included; empty where one backend made the take alone."""
    plans: Annotated[list[dict[str, str]], Length(0, MOST_LINKS + 1)] = field(default_factory=list)
    """How the model of each backend was loaded and run, in order; empty where none had a choice in it."""
    mix: SoundMix | None = None
    """How the backend's own sound was mixed with the foley; None where it made none."""

    def check(self) -> None:
        check_uuid(self.id, "id")
        check_uuid(self.shot, "shot")
        if self.samples != self.time.samples:
            raise ContractError("samples", f"is {self.samples}, {self.time.samples} belong to the frames")
        if self.chain and self.chain[0].backend.name != self.backend.name:
            raise ContractError(
                "chain[0].backend.name", f"is {self.chain[0].backend.name!r}, not {self.backend.name!r}"
            )


@dataclass(frozen=True)
class Measure:
    """One figure of the report, defined in docs/measures.md under its name. None: not to be had, and ``note`` says why."""

    name: Name
    unit: str
    take: float | None
    baseline: float | None = None
    """The same figure for the raw preview pass."""
    control: float | None = None
    """The same figure for the take held against a wrong camera."""
    detail: dict[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Report:
    """How well a take obeyed its shot."""

    format: Literal["sora-report"]
    version: int
    take: Identity
    shot: Identity
    measures: list[Measure]

    def measure(self, name: str) -> Measure:
        """The measure of that name. Raises KeyError."""
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise KeyError(name)
