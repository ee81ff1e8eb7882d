"""Whole shots on their way to an engine, and past one that dies over them. No bpy here."""

from __future__ import annotations

from .board import Board, Row
from .link import Event
from .session import Session
from .wire import Answer, Refusal


class Handover:
    """A shot that is whole goes to the engine of its job; where that one dies first, to the next one, once."""

    def __init__(self, session: Session, board: Board) -> None:
        self._session = session
        self._board = board
        self._orphans: set[str] = set()
        """Jobs whose engine died while their shot was written."""
        self._handed: set[str] = set()
        """Jobs whose shot is whole and which no engine has taken yet."""
        self._resent: set[str] = set()
        """Jobs that were asked for again, of the engine after the one that died; once each, lest they end every engine."""

    def written(self, row: Row) -> None:
        """The shot of ``row`` is whole."""
        if row.id in self._orphans:
            self._resend(row)
        else:
            self._give(row)

    def lost(self, sentence: str) -> None:
        """The engine died: what it was making has no end, what it had not taken goes to the next one."""
        self._orphans |= {row.id for row in self._board.open() if row.exports}
        whole = [row for row in self._board.open() if row.id in self._handed - self._resent]
        self._board.lost(sentence, spared={row.id for row in whole})
        for row in whole:
            self._resend(row)

    def heard(self, row: Row, event: Event) -> None:
        """The engine has said how ``row`` is."""
        if row.job.state != "exporting":
            self._handed.discard(row.id)
        if not isinstance(event, Answer) or event.method != "submit" or row.id not in self._resent:
            return
        if row.job.state == "exporting":
            self._give(row)
        elif row.job.state in ("interrupted", "unknown"):
            self._session.retry(row.id)

    def refused(self, row: Row, refusal: Refusal) -> bool:
        """Whether the engine, which knows the job no more or has given it up, is asked for it anew."""
        if refusal.method != "ready" or refusal.field != "job":
            return False
        if row.id in self._resent:
            self._session.retry(row.id)
        else:
            self._resend(row)
        return True

    def _give(self, row: Row) -> None:
        self._handed.add(row.id)
        self._session.ready(row.id)

    def _resend(self, row: Row) -> None:
        """The same order again; what the engine has heard of it shows in its answer."""
        self._resent.add(row.id)
        self._session.submit(row.job.order)
