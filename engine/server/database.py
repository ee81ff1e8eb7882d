"""The file that the list of jobs lies in: SQLite with a write-ahead log, and what is wrong with it in sentences."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .sentences import FULL, free_bytes

VERSION = 1
PATIENCE = 0.5
"""Seconds that another program may hold the file before a call is refused."""

TABLES = """
CREATE TABLE counter (value INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
CREATE TABLE servers (
    id TEXT PRIMARY KEY, host TEXT NOT NULL, number INTEGER NOT NULL, start TEXT NOT NULL, served INTEGER NOT NULL);
CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, scene TEXT NOT NULL, out TEXT NOT NULL,
    ordered TEXT NOT NULL, told TEXT NOT NULL, state TEXT NOT NULL, turn INTEGER NOT NULL, server TEXT NOT NULL,
    background INTEGER NOT NULL, stop INTEGER NOT NULL, worker TEXT NOT NULL, change INTEGER NOT NULL);
CREATE INDEX by_state ON jobs (state, turn);
CREATE INDEX by_change ON jobs (change);
CREATE TABLE stages (
    backend TEXT NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (backend, name));
"""
ROWS = (
    ("servers", ("id", "host", "number", "start", "served")),
    (
        "jobs",
        ("id", "scene", "out", "ordered", "told", "state", "turn", "server", "background", "stop", "worker", "change"),
    ),
    ("stages", ("backend", "place", "name", "seconds")),
)


class StoreFault(Exception):
    """The list of jobs cannot be read or written now. ``field`` is its file; nothing of what was asked was done."""

    def __init__(self, field: str, problem: str, mend: str) -> None:
        self.field = field
        self.problem = problem
        self.mend = mend
        super().__init__(f"{problem}; {mend}")


class Database:
    """One connection, for one thread."""

    def __init__(self, path: Path) -> None:
        """Raises StoreFault. The folder is made where it is missing."""
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._known: tuple[int, int] | None = None
        self._connect()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is on the disk when the block ends, or not at all. Raises StoreFault."""
        with self._told():
            connection = self._current()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:  # a stop too must leave nothing half done; it is raised again
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read from. Raises StoreFault."""
        with self._told():
            yield self._current()

    def stamp(self) -> int:
        """Another number whenever another process has written. Raises StoreFault."""
        with self.reading() as connection:
            return connection.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _current(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connect()
        elif self._identity() != self._known:
            self._rescue()
        assert self._connection is not None
        return self._connection

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _connect(self) -> None:
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
            try:
                self._check_version(connection)  # before anything is written
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                self._make_tables(connection)
            except BaseException:  # a stop too must leave nothing half done; it is raised again
                connection.close()
                raise
            self._connection = connection
            self._known = self._identity()

    def _check_version(self, connection: sqlite3.Connection) -> int:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found > VERSION:
            raise StoreFault(
                str(self.path), f"The list of jobs {self.path} was made by a newer engine", "update this engine"
            )
        return found

    def _make_tables(self, connection: sqlite3.Connection) -> None:
        if self._check_version(connection) == VERSION:
            return
        connection.execute("BEGIN IMMEDIATE")
        if self._check_version(connection) == 0:  # else another process was faster
            for statement in TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")

    def _rescue(self) -> None:
        """The file was removed or replaced under us; the connection still holds all of it: what is missing is put back."""
        old, self._connection = self._connection, None
        assert old is not None
        try:
            kept = {table: old.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall() for table, names in ROWS}
            self._connect()
            new = self._connection
            assert new is not None
            new.execute("BEGIN IMMEDIATE")
            for table, names in ROWS:
                marks = ", ".join("?" * len(names))
                new.executemany(f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})", kept[table])
            new.execute("UPDATE counter SET value = max(value, (SELECT coalesce(max(change), 0) FROM jobs))")
            new.execute("COMMIT")
        except BaseException:  # a stop too must leave nothing half done; it is raised again
            if self._connection is not None:
                self._connection.close()
            self._connection = old
            raise
        old.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self._fault(error) from error

    def _fault(self, error: sqlite3.Error | OSError) -> StoreFault:
        name = getattr(error, "sqlite_errorname", "") or ""
        path = self.path
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return StoreFault(str(path), f"The list of jobs {path} is held by another program", "try again in a moment")
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return StoreFault(
                str(path),
                f"The list of jobs {path} is damaged and cannot be read",
                "move the file away and start Blender again; takes are not touched by that",
            )
        if name.startswith("SQLITE_FULL") or free_bytes(path) < FULL:
            return StoreFault(
                str(path), f"The disk that holds the list of jobs {path} is full", "free some room and try again"
            )
        return StoreFault(
            str(path),
            f"The list of jobs {path} cannot be used ({error})",
            "look whether its folder is there and may be written",
        )
