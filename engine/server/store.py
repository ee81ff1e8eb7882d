"""The list of jobs that every engine of this machine shares. Order comes from a counter, never from a clock."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sora_addon.contract import decode, encode
from sora_addon.contract.messages import Job, Order, State

from .database import Database, StoreFault
from .processes import Process

__all__ = ["Entry", "Store", "StoreFault", "now"]

FILE = "jobs.sqlite"
Wait = Literal["nothing", "machine", "turn"]
"""Why no job is claimed: none waits, one runs on this machine, or another engine is next."""


def now() -> str:
    """A stamp to show; nothing is ordered by it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Entry:
    """A job as the list keeps it."""

    job: Job
    turn: int
    """Its place among those that wait."""
    server: str
    """Id of the engine that has it."""
    background: bool = False
    """To be made although its Blender was closed."""
    stop: bool = False
    """Cancelled by whoever does not run it; the engine that does looks here."""
    worker: Process | None = None
    """What makes it, while it runs."""
    change: int = 0
    """Counts up over all jobs."""

    @property
    def id(self) -> str:
        return self.job.order.id

    def told(self, **changes: object) -> Entry:
        """With a changed job."""
        return replace(self, job=replace(self.job, **changes))  # type: ignore[arg-type]


class Store:
    """``DIR/jobs.sqlite``. Every method raises StoreFault where the file cannot be used, and has then done nothing."""

    def __init__(self, home: Path, me: str, process: Process) -> None:
        self.me = me
        self._process = process
        self._database = Database(home / FILE)
        self.enrol()

    def enrol(self) -> None:
        """Be one of the engines that share the list."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO servers VALUES (?, ?, ?, ?, ?)",
                (self.me, self._process.host, self._process.number, self._process.start, _count(connection)),
            )

    def leave(self) -> None:
        """Be none of them any more; waiting jobs are for whoever comes next."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM servers WHERE id = ?", (self.me,))
        self._database.close()

    def stamp(self) -> int:
        """Another number whenever another process has written."""
        return self._database.stamp()

    def job(self, job_id: str) -> Entry | None:
        with self._database.reading() as connection:
            return _first(connection, "id = ?", (job_id,))

    def page(self, scene: str, most: int, after: str) -> list[Entry]:
        """The latest first, of a scene or ('') of all, following ``after``."""
        with self._database.reading() as connection:
            return _select(
                connection,
                "(? = '' OR scene = ?) AND (? = '' OR seq < (SELECT seq FROM jobs WHERE id = ?))"
                " ORDER BY seq DESC LIMIT ?",
                (scene, scene, after, after, most),
            )

    def changed(self, since: int) -> list[Entry]:
        """What has changed after the count ``since``, in that order."""
        with self._database.reading() as connection:
            return _select(connection, "change > ? ORDER BY change", (since,))

    def last_change(self) -> int:
        with self._database.reading() as connection:
            return connection.execute("SELECT value FROM counter").fetchone()[0]

    def mine(self, states: Sequence[State]) -> list[Entry]:
        """This engine's jobs in those states, in the order of their turns."""
        with self._database.reading() as connection:
            marks = ", ".join("?" * len(states))
            return _select(connection, f"server = ? AND state IN ({marks}) ORDER BY turn", (self.me, *states))

    def open_with(self, out: str) -> Entry | None:
        """The job that has not ended and will make that take folder."""
        with self._database.reading() as connection:
            return _first(connection, "state IN ('exporting', 'queued', 'running') AND out = ?", (out,))

    def add(self, order: Order) -> Entry:
        """A new job of this engine, or the one that has the id already, whatever it is."""
        with self._database.writing() as connection:
            known = _first(connection, "id = ?", (order.id,))
            if known is not None:
                return known
            job = Job(order, "exporting" if order.exporting else "queued", created=now())
            turn = _count(connection)
            entry = Entry(job, turn, self.me, change=turn)
            row = {"id": order.id, "scene": order.origin.scene, "out": order.out}
            row |= {"ordered": json.dumps(encode(order)), **_columns(entry)}
            names = ", ".join(row)
            connection.execute(f"INSERT INTO jobs ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
            return entry

    def change(self, job_id: str, change: Callable[[Entry], Entry]) -> Entry | None:
        """Replace a job by what ``change`` makes of it, in one transaction; None where there is no such job.

        Nothing is written where ``change`` returns what it got.
        """
        with self._database.writing() as connection:
            entry = _first(connection, "id = ?", (job_id,))
            return entry and _write(connection, entry, change(entry))

    def requeue(self, job_id: str, change: Callable[[Entry], Entry]) -> Entry | None:
        """As ``change``, and the job goes to the end of the queue."""
        with self._database.writing() as connection:
            entry = _first(connection, "id = ?", (job_id,))
            return entry and _write(connection, entry, replace(change(entry), turn=_count(connection)))

    def forget(self, job_id: str) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def claim(self, worker: Process, impatient: bool) -> Entry | Wait:
        """The next job of this engine, now running, or why there is none.

        One job runs on a machine at a time. Among engines with waiting jobs the one that was served longest ago is
        next; ``impatient`` passes over one that does not come although it could.
        """
        with self._database.reading() as connection:
            found = self._next(connection, impatient)
            if isinstance(found, str):
                return found
        with self._database.writing() as connection:
            waiting = self._next(connection, impatient)
            if isinstance(waiting, str):
                return waiting
            job = replace(waiting.job, state="running", started=now())
            connection.execute("UPDATE servers SET served = ? WHERE id = ?", (_count(connection), self.me))
            return _write(connection, waiting, replace(waiting, job=job, worker=worker, stop=False))

    def _next(self, connection: sqlite3.Connection, impatient: bool) -> Entry | Wait:
        waiting = _first(connection, "state = 'queued' AND server = ? ORDER BY turn LIMIT 1", (self.me,))
        if waiting is None:
            return "nothing"
        if _running_here(connection, self._process.host):
            return "machine"
        if not impatient and _next_engine(connection) != self.me:
            return "turn"
        return waiting

    def engines(self) -> dict[str, Process]:
        """All that are enrolled, dead ones too, by id."""
        with self._database.reading() as connection:
            return _engines(connection)

    def orphans(self) -> list[Entry]:
        """Open jobs of engines that are proven dead or are not enrolled any more, in the order of their turns."""
        with self._database.reading() as connection:
            living = [name for name, process in _engines(connection).items() if process.alive is not False]
            marks = ", ".join("?" * len(living))
            return _select(
                connection,
                f"state IN ('exporting', 'queued', 'running') AND server NOT IN ({marks}) ORDER BY turn",
                tuple(living),
            )

    def strangers(self) -> list[Entry]:
        """Running jobs of engines on another machine, of which nothing can be known here."""
        with self._database.reading() as connection:
            elsewhere = [name for name, process in _engines(connection).items() if process.alive is None]
            marks = ", ".join("?" * len(elsewhere))
            return _select(connection, f"state = 'running' AND server IN ({marks})", tuple(elsewhere))

    def bury(self) -> None:
        """Strike out engines that are proven dead and have no open jobs left."""
        dead = [name for name, process in self.engines().items() if process.alive is False]
        if not dead:
            return
        with self._database.writing() as connection:
            connection.executemany(
                "DELETE FROM servers WHERE id = ? AND NOT EXISTS (SELECT 1 FROM jobs WHERE server = ?"
                " AND state IN ('exporting', 'queued', 'running'))",
                [(name, name) for name in dead],
            )

    def stage_seconds(self, backend: str) -> dict[str, float]:
        """How long the stages of that backend's last job took, in their order."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT name, seconds FROM stages WHERE backend = ? ORDER BY place", (backend,))
            return dict(rows.fetchall())

    def keep_stage_seconds(self, backend: str, seconds: dict[str, float]) -> None:
        rows = [(backend, place, name, value) for place, (name, value) in enumerate(seconds.items())]
        with self._database.writing() as connection:
            connection.execute("DELETE FROM stages WHERE backend = ?", (backend,))
            connection.executemany("INSERT INTO stages VALUES (?, ?, ?, ?)", rows)


_FIELDS = "ordered, told, turn, server, background, stop, worker, change"


def _count(connection: sqlite3.Connection) -> int:
    connection.execute("UPDATE counter SET value = value + 1")
    return connection.execute("SELECT value FROM counter").fetchone()[0]


def _columns(entry: Entry) -> dict[str, object]:
    told = encode(entry.job)
    del told["order"]
    return {
        "told": json.dumps(told),
        "state": entry.job.state,
        "turn": entry.turn,
        "server": entry.server,
        "background": entry.background,
        "stop": entry.stop,
        "worker": json.dumps(encode(entry.worker)),
        "change": entry.change,
    }


def _write(connection: sqlite3.Connection, old: Entry, new: Entry) -> Entry:
    if new == old:
        return old
    new = replace(new, change=_count(connection))
    columns = _columns(new)
    settings = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(f"UPDATE jobs SET {settings} WHERE id = ?", (*columns.values(), new.id))
    return new


def _select(connection: sqlite3.Connection, where: str, values: tuple[object, ...]) -> list[Entry]:
    rows = connection.execute(f"SELECT {_FIELDS} FROM jobs WHERE {where}", values).fetchall()
    return [_entry(row) for row in rows]


def _first(connection: sqlite3.Connection, where: str, values: tuple[object, ...]) -> Entry | None:
    found = _select(connection, where, values)
    return found[0] if found else None


def _entry(row: tuple) -> Entry:
    ordered, told, turn, server, background, stop, worker, change = row
    job = decode(Job, json.loads(told) | {"order": json.loads(ordered)})
    maker = json.loads(worker)
    return Entry(job, turn, server, bool(background), bool(stop), maker and decode(Process, maker), change)


def _engines(connection: sqlite3.Connection) -> dict[str, Process]:
    rows = connection.execute("SELECT id, host, number, start FROM servers ORDER BY served").fetchall()
    return {name: Process(host, number, start) for name, host, number, start in rows}


def _running_here(connection: sqlite3.Connection, host: str) -> bool:
    """Also what a dead engine ran: its worker may still be at it until its job was looked after."""
    rows = connection.execute(
        "SELECT 1 FROM jobs LEFT JOIN servers ON servers.id = jobs.server"
        " WHERE state = 'running' AND coalesce(host, ?) = ? LIMIT 1",
        (host, host),
    )
    return rows.fetchone() is not None


def _next_engine(connection: sqlite3.Connection) -> str | None:
    """The living engine with waiting jobs that was served longest ago."""
    rows = connection.execute("SELECT DISTINCT server FROM jobs WHERE state = 'queued'").fetchall()
    waiting = {server for (server,) in rows}
    for name, process in _engines(connection).items():
        if name in waiting and process.alive is not False:
            return name
    return None
