"""The jobs as Blender last heard of them. No bpy here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ..contract.messages import ENDED, OPEN, Job, Order

EXPORT_SHARE = 0.3
"""Of a job's bar that its export fills; the engine's own share fills the rest."""


@dataclass
class Row:
    """A job as the artist sees it."""

    job: Job
    ours: bool = False
    """Asked for, or retried, by this Blender since it was started."""
    exports: bool = False
    """This Blender exports its shot now."""
    stopping: bool = False
    """The artist cancelled, and the engine has not said yet that it has stopped."""
    stage: str = ""
    """Of the export."""
    step: int = 0
    total: int = 0
    seconds_left: float | None = None
    notes: list[str] = field(default_factory=list)
    """Warnings of the export."""
    trouble: str = ""
    """What was refused since, or why its take could not be laid."""
    laid: bool = False
    """Its take was laid by this Blender since it was started."""
    exported: bool = False
    """This Blender wrote its shot; the bar has that share filled."""

    @property
    def id(self) -> str:
        return self.job.order.id

    @property
    def open(self) -> bool:
        return self.job.state in OPEN

    @property
    def share(self) -> float:
        """Of the whole, 0 to 1."""
        done = self.step / self.total if self.total else 0.0
        if self.job.state == "done":
            return 1.0
        if self.job.state == "exporting":
            return EXPORT_SHARE * done if self.exports else 0.0
        return EXPORT_SHARE + (1 - EXPORT_SHARE) * self.job.share if self.exported else self.job.share

    @property
    def now(self) -> tuple[str, int, int]:
        """Stage, step and total of what is being done."""
        if self.job.state == "exporting":
            return self.stage, self.step, self.total
        return self.job.stage, self.job.step, self.job.total

    @property
    def time_left(self) -> float | None:
        """Seconds, as far as it can be told."""
        return self.seconds_left if self.job.state == "exporting" else self.job.seconds_left


class Board:
    """Rows by the order's id, the latest first."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._forgotten: set[str] = set()

    def rows(self, scene: str = "") -> list[Row]:
        """All rows, or those of a scene's identity."""
        return [row for row in reversed(self._rows.values()) if scene in ("", row.job.order.origin.scene)]

    def row(self, job: str) -> Row | None:
        return self._rows.get(job)

    def ask(self, order: Order, exports: bool) -> Row:
        """A row for a job that was asked for and that the engine has not heard of yet."""
        state = "exporting" if order.exporting else "queued"
        row = Row(Job(order, state, created=now()), ours=True, exports=exports, exported=exports)
        self._rows[order.id] = row
        return row

    def hear(self, job: Job) -> Row | None:
        """Take note of what the engine says of a job; None where the artist took it off the list."""
        if job.order.id in self._forgotten:
            return None
        row = self._rows.get(job.order.id)
        if row is None:
            row = self._rows[job.order.id] = Row(job)
            return row
        if row.job.state in OPEN and job.state == row.job.state and job.attempt == row.job.attempt:
            job = replace(job, share=max(job.share, row.job.share))  # a bar never runs back
        row.job = job
        if job.state != "exporting":
            row.exports = False
        if job.state in ENDED:
            row.stopping = False
        else:
            row.trouble = ""
        return row

    def hear_all(self, jobs: Iterable[Job]) -> list[Row]:
        """The answer to ``list``: the latest first there, so that it is read from its end."""
        heard = [self.hear(job) for job in reversed(list(jobs))]
        self._rows = dict(sorted(self._rows.items(), key=lambda item: item[1].job.created))
        return [row for row in heard if row is not None]

    def lost(self, sentence: str, spared: Collection[str] = ()) -> list[Row]:
        """The engine died: what it was making has no end. Rows whose export goes on are left to it, as are ``spared``."""
        touched = [row for row in self.open() if not row.exports and row.id not in spared]
        for row in touched:
            row.job = replace(row.job, state="interrupted", problem=f"{sentence} Press Retry to make it again.")
            row.stopping = False
        return touched

    def fail(self, job: str, state: str, problem: str, field: str = "") -> None:
        """What this Blender knows of a job's end before, or without, the engine."""
        row = self._rows.get(job)
        if row is not None:
            row.job = replace(row.job, state=state, problem=problem[:4000], field=field[:400])
            row.exports = row.stopping = False

    def forget(self, job: str) -> None:
        """Take a row off the list."""
        self._rows.pop(job, None)
        self._forgotten.add(job)

    def open(self) -> list[Row]:
        """Rows of this Blender that have no end yet."""
        return [row for row in self._rows.values() if row.open and row.ours]


def now() -> str:
    """UTC, ISO 8601, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
