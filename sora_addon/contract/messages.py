"""What Blender and the engine say to each other while the engine serves: JSON-RPC 2.0, one message a line, over stdio.

Blender calls the methods of ``METHODS``, ``hello`` first; every call but ``heartbeat`` has an id and is answered or refused.
The engine tells unasked, as notifications: ``job`` whenever a job has changed, ``worker`` whenever the worker has.
``heartbeat`` goes both ways, every ``HEARTBEAT`` seconds. See docs/engine-protocol.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from .chain import Chain, SoundMix
from .codec import Bound, Count, Length, NotNegative, Share
from .errors import ContractError
from .shot import Identity, Words, check_uuid

PROTOCOL = 2
HEARTBEAT = 0.5
"""Seconds between two signs of life, each way."""
SILENCE = 2.0
"""Seconds without one after which the other side counts as dead."""
LONGEST_MESSAGE = 1 << 20
"""Bytes of a line that are read at most."""

State = Literal["exporting", "queued", "running", "done", "failed", "cancelled", "interrupted", "unknown"]
"""``exporting``: Blender is still writing the shot. ``interrupted``: a side died before the job had an end; it can be
retried. ``unknown``: it is not known what became of it; the sentence says why. ``done`` is said of a take folder that
stands whole and was read back, and of nothing else."""

OPEN: tuple[State, ...] = ("exporting", "queued", "running")
ENDED: tuple[State, ...] = ("done", "failed", "cancelled", "interrupted", "unknown")

PARSE_ERROR, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS, REFUSED = -32700, -32600, -32601, -32602, -32000
"""JSON-RPC error codes; ``REFUSED`` is our own: the call is sound and cannot be done now. ``data`` is a ``Fault``."""

FolderPath = Annotated[str, Length(1, 4096)]
Stamp = Annotated[str, Length(0, 40)]
"""UTC, ISO 8601; empty where it has not happened."""


@dataclass(frozen=True)
class Fault:
    """Beside an error's sentence: the field it is about, and what mends it."""

    field: str = ""
    mend: str = ""


@dataclass(frozen=True)
class Greeting:
    """``hello``: the first message of Blender."""

    protocol: int
    software: Annotated[str, Length(0, 200)] = ""
    """'Blender 5.2.2', for logs."""


Quality = Literal["draft", "standard", "fine"]
"""``settings.quality`` of an order: how much time a backend takes for a frame."""
QUALITIES: tuple[Quality, ...] = ("draft", "standard", "fine")


@dataclass(frozen=True)
class Saving:
    """A way of a backend to need less memory, at the price of time."""

    name: Annotated[str, Length(1, 60)]
    """As the artist reads it: 'offload'."""
    settings: dict[str, Any]
    """What is laid over the settings of an order."""
    keeps: Share
    """Share of the memory that is needed all the same."""
    slower: Annotated[float, Bound(low=1.0, high=100.0)] = 1.0
    """Times as long, about."""


@dataclass(frozen=True)
class BackendInfo:
    """A backend as the panel shows it; ``Capabilities`` of the engine, in plain values."""

    name: str
    version: str
    summary: str
    controls: list[str]
    frame_step: int
    frame_offset: int
    most_frames: int | None
    side_step: int
    rates: list[tuple[int, int]] | None
    makes_sound: bool
    memory: int
    """Bytes that a 512x288 shot of 5 s needs."""
    licence: str
    licence_link: str
    missing: list[str]
    """What it needs and this machine lacks, in sentences; empty where it can run."""
    makes_picture: bool = True
    """False where it makes sound alone: it can only go on from another backend, in a chain."""
    sound_over_foley: bool = False
    """Its sound is laid over the foley and is nothing without it."""
    weights: int = 0
    """Bytes of ``memory`` that do not grow with the clip."""
    window: int | None = None
    """Frames that are in memory at once; None: all of them."""
    runs_on: Literal["processor", "card", "elsewhere"] = "processor"
    """Whose memory it needs; ``card``: the graphics card's, or the processor's where there is none."""
    savings: list[Saving] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    """Of the sampler, at each of ``QUALITIES``; empty where the quality changes nothing."""
    steers: list[str] = field(default_factory=list)
    """Of ``controls`` those whose weight changes something."""
    timed: list[str] = field(default_factory=list)
    """Of ``steers`` those with a start and an end."""
    by_body: list[str] = field(default_factory=list)
    """Of ``steers`` those with a weight for each body."""
    one_of: list[str] = field(default_factory=list)
    """Of ``steers`` those of which one at a time is heard."""
    departs: bool = False
    """Whether ``settings.departure`` tells it how far to go from the picture that it goes on from."""


@dataclass(frozen=True)
class Welcome:
    """The engine's answer to ``hello``."""

    protocol: int
    engine: str
    """Version of the engine."""
    python: str
    device: str
    """'CPU, 2 threads', 'NVIDIA H100'."""
    process: int
    home: FolderPath
    """Where the store of jobs and the logs lie."""
    backends: list[BackendInfo]
    styles: list[str]
    memory: int = 0
    """Bytes of memory of the machine; 0 where that is not known."""
    card_memory: int = 0
    """Bytes of the graphics card's memory; 0 where there is none."""


@dataclass(frozen=True)
class Origin:
    """Whose a job is: results go to the scene that asked, whatever it is called by then."""

    scene: Identity
    """``scene.sora.id``."""
    blend: Annotated[str, Length(0, 4096)] = ""
    """Path of the .blend; empty where it was never saved."""
    name: Annotated[str, Length(0, 400)] = ""
    """What the artist reads in the list of jobs."""


@dataclass(frozen=True)
class Order:
    """What is to be made. ``id`` is chosen by Blender, so that an order sent twice is one job."""

    id: Identity
    shot: FolderPath
    """Absolute; with ``exporting`` it need not be there yet."""
    out: FolderPath
    """Absolute; the take folder, which must not exist."""
    backend: Annotated[str, Length(1, 200)]
    origin: Origin
    words: Words | None = None
    """Instead of the shot's own."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The backend's own, and ``exr``, ``loudness`` and ``accept`` (states of parents, as 'tampered') of every take."""
    exporting: bool = False
    """The shot is still being written: the job waits for ``ready``."""
    chain: Chain = field(default_factory=list)
    """Backends that go on, one after the other, from what ``backend`` makes."""
    mix: SoundMix | None = None
    """How a backend's own sound and the foley come together; None: both, as ``SoundMix`` has it by default."""

    def check(self) -> None:
        check_uuid(self.id, "id")

    @property
    def makers(self) -> str:
        """As ``makers_of`` calls them."""
        quality = str(self.settings.get("quality", "standard"))
        return makers_of([self.backend, *(link.backend for link in self.chain)], quality)


def makers_of(backends: Sequence[str], quality: str) -> str:
    """The backends in order and their quality, 'wan_vace+ltx2 fine': what the times of earlier jobs are kept under."""
    names = "+".join(backends)
    return names if quality == "standard" else f"{names} {quality[:20]}"


@dataclass(frozen=True)
class Job:
    """An order and how far it is. Sent whole at every change."""

    order: Order
    state: State
    stage: Annotated[str, Length(0, 60)] = ""
    step: Count = 0
    total: Count = 0
    share: Share = 0.0
    """Of the whole job that is done, by time as far as it can be told; it never falls."""
    seconds_left: NotNegative | None = None
    preview: Annotated[str, Length(0, 4096)] = ""
    """A PNG of the frame made last; another name at every change."""
    problem: Annotated[str, Length(0, 4000)] = ""
    """Why it did not end well, and what to do: one sentence or two."""
    field: Annotated[str, Length(0, 400)] = ""
    """The field or file that the problem is about."""
    take: Annotated[str, Length(0, 64)] = ""
    """UUID of the take, once it is done."""
    attempt: Annotated[int, Bound(low=1, high=10_000)] = 1
    created: Stamp = ""
    started: Stamp = ""
    ended: Stamp = ""
    log: Annotated[str, Length(0, 4096)] = ""
    """The file that holds what the engine said during the job."""
    own: bool = False
    """Whether the Blender that is told has submitted it. Jobs of every Blender of this machine are told and listed: lay
    a take by itself for an own job alone, else two Blenders with the same file would both do it."""

    def check(self) -> None:
        if self.state == "done" and not self.take:
            raise ContractError("take", "is missing from a job that is done")


@dataclass(frozen=True)
class JobId:
    """``cancel``, ``retry``, ``ready``, ``status``, ``forget``: which job."""

    job: Identity

    def check(self) -> None:
        check_uuid(self.job, "job")


@dataclass(frozen=True)
class Abandon:
    """``abandon``: a job that still waits for its shot will not get it."""

    job: Identity
    problem: Annotated[str, Length(0, 4000)] = ""
    """Empty: the artist cancelled; else why the export failed."""


@dataclass(frozen=True)
class Query:
    """``list``: the latest jobs first."""

    scene: Annotated[str, Length(0, 64)] = ""
    """Of that scene alone; empty for all."""
    most: Annotated[int, Bound(low=1, high=1000)] = 200
    after: Annotated[str, Length(0, 64)] = ""
    """The last job of the page before; empty for the first page."""


@dataclass(frozen=True)
class Jobs:
    """The answer to ``list``: as many as were asked for and as a message holds."""

    jobs: list[Job]
    more: bool = False
    """There are earlier ones: ask again with ``after`` the last of these."""


@dataclass(frozen=True)
class Farewell:
    """``shutdown``. ``finish``: this Blender's open jobs are made in the background first; else they are interrupted.

    Blender may close its end at once. A job that is ``exporting`` has no shot to be made from and is interrupted either way.
    """

    finish: bool = False


@dataclass(frozen=True)
class Beat:
    """``heartbeat``."""

    number: Count = 0


@dataclass(frozen=True)
class Worker:
    """``worker``: the process that holds the models."""

    state: Literal["starting", "warm", "busy", "dead"]
    process: Count = 0
    problem: Annotated[str, Length(0, 4000)] = ""


@dataclass(frozen=True)
class Nothing:
    """No parameters, or nothing to answer."""


METHODS: dict[str, tuple[type, type]] = {
    "hello": (Greeting, Welcome),
    "submit": (Order, Job),
    "ready": (JobId, Job),
    "abandon": (Abandon, Job),
    "cancel": (JobId, Job),
    "retry": (JobId, Job),
    "forget": (JobId, Nothing),
    "status": (JobId, Job),
    "list": (Query, Jobs),
    "shutdown": (Farewell, Nothing),
    "heartbeat": (Beat, Beat),
}
"""Parameters and result of what Blender calls. ``forget`` takes an ended job off the list; its take stays."""

NOTIFICATIONS: dict[str, type] = {"job": Job, "worker": Worker, "heartbeat": Beat}
"""What the engine says unasked."""
