"""Decisions, each chained to the one before by its hash, so that none can be taken out or changed unseen.

SQLite, because several engines may write at once. Whoever can write the file can write a whole new chain: the last hash, noted
elsewhere, is what proves a log (``engine trust log``). Words stand here only where the studio asks for it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..home import trust_home

FILE = "audit.db"
START = "0" * 64


@dataclass(frozen=True)
class Decision:
    """``decision`` is 'allowed' or 'refused'; ``words_sha256`` lets whoever has the words find them again."""

    shot: str
    stage: str
    decision: str
    rule: str = ""
    field: str = ""
    level: str = ""
    words_sha256: str = ""
    words: str = ""


def note(decision: Decision) -> str:
    """Append a decision; the hash of the chain now. Raises OSError where it cannot be written."""
    try:
        with closing(_open()) as log, log:
            log.execute("BEGIN IMMEDIATE")
            row = log.execute("SELECT hash FROM decisions ORDER BY number DESC LIMIT 1").fetchone()
            before = row[0] if row else START
            line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **vars(decision)}, sort_keys=True)
            after = _hash(before, line)
            log.execute("INSERT INTO decisions (line, hash) VALUES (?, ?)", (line, after))
            return after
    except sqlite3.Error as error:
        raise OSError(f"the audit log {trust_home() / FILE} cannot be written ({error})") from error


def decisions() -> list[dict[str, Any]]:
    """All of them, the oldest first. Raises OSError."""
    return [json.loads(line) for line, _ in _rows()]


def broken_at() -> int | None:
    """The first decision that does not follow from those before it, counted from 1; None where the chain holds."""
    before = START
    for number, (line, stated) in enumerate(_rows(), 1):
        before = _hash(before, line)
        if stated != before:
            return number
    return None


def hashes() -> list[str]:
    """What the chain stated after each decision, the oldest first. Raises OSError."""
    return [stated for _, stated in _rows()]


def _hash(before: str, line: str) -> str:
    return hashlib.sha256(f"{before}\n{line}".encode()).hexdigest()


def _rows() -> list[tuple[str, str]]:
    try:
        with closing(_open()) as log:
            return log.execute("SELECT line, hash FROM decisions ORDER BY number").fetchall()
    except sqlite3.Error as error:
        raise OSError(f"the audit log {trust_home() / FILE} cannot be read ({error})") from error


def _open() -> sqlite3.Connection:
    path = trust_home() / FILE
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    log = sqlite3.connect(path, timeout=30.0)
    log.execute(
        "CREATE TABLE IF NOT EXISTS decisions (number INTEGER PRIMARY KEY, line TEXT NOT NULL, hash TEXT NOT NULL)"
    )
    return log
