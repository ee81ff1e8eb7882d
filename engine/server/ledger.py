"""The list of jobs as the loop uses it: changes that must not be lost are kept until they are on the disk, and all are told."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sora_addon.contract.messages import Job

from .processes import Process
from .store import Entry, Store, StoreFault

LOG = logging.getLogger(__name__)
REST = 1.0
"""Seconds that a list out of reach is left alone: every try of a locked one costs time, and calls must be answered."""
Change = Callable[[Entry], Entry]


class Ledger:
    """A store that may be out of reach for a while."""

    def __init__(self, home: Path, me: str, process: Process, tell: Callable[[Job], None]) -> None:
        self.me = me
        self._home = home
        self._process = process
        self._tell = tell
        self._store: Store | None = None
        self._late: deque[tuple[str, Change]] = deque()
        self._seen = 0
        self._stamp = -1
        self._living: set[str] = {me}
        self._try_at = float("-inf")
        self.fault = ""
        """Why the list was out of reach when it was last needed; '' where it was not."""

    @property
    def store(self) -> Store:
        """Raises StoreFault."""
        if self._store is None:
            self._store = Store(self._home, self.me, self._process)
            self._seen = self._store.last_change()
            self.look_around()
        return self._store

    @property
    def reachable(self) -> bool:
        """Whether it is worth a try."""
        return time.monotonic() >= self._try_at

    @property
    def settled(self) -> bool:
        """Nothing waits to be written."""
        return not self._late

    def view(self, entry: Entry) -> Job:
        """As this engine's Blender is told of it."""
        own = entry.server == self.me or entry.background or self.abandoned(entry)
        return replace(entry.job, own=own)

    def abandoned(self, entry: Entry) -> bool:
        """Whether the engine that has the job is dead, as far as was seen at the last look around."""
        return entry.server not in self._living

    def keep(self, job_id: str, change: Change) -> None:
        """Change a job now, or as soon as the store can be written again."""
        self._late.append((job_id, change))
        self.flush()

    def flush(self) -> None:
        """Try again what could not be written."""
        if not self.reachable:
            return
        try:
            while self._late:
                job_id, change = self._late[0]
                self.store.change(job_id, change)
                self._late.popleft()
        except StoreFault as fault:
            self.note(fault)

    def mention(self, job_id: str, change: Change) -> None:
        """Change a job if it can be done now: what is only good to know."""
        if self._late or not self.reachable:
            return
        try:
            self.store.change(job_id, change)
        except StoreFault as fault:
            self.note(fault)

    def news(self) -> list[Entry]:
        """Tell Blender of every job that has changed since the last call, by whomever; those jobs."""
        if not self.reachable:
            return []
        try:
            stamp, last = self.store.stamp(), self.store.last_change()
            if last == self._seen and stamp == self._stamp:
                return []
            entries = self.store.changed(self._seen)
        except StoreFault as fault:
            self.note(fault)
            return []
        self._stamp, self.fault = stamp, ""
        for entry in entries:
            self._seen = max(self._seen, entry.change)
            self._tell(self.view(entry))
        return entries

    def look_around(self) -> None:
        """Learn which engines live. Raises StoreFault."""
        found = self.store.engines()
        self._living = {name for name, process in found.items() if process.alive is not False}
        if self.me not in found:  # the list was removed and made anew
            self.store.enrol()

    def leave(self) -> None:
        """No longer one of the engines."""
        try:
            self.store.leave()
        except StoreFault as fault:
            self.note(fault)

    def note(self, fault: StoreFault) -> None:
        """The list is out of reach: leave it alone for a moment."""
        self._try_at = time.monotonic() + REST
        if str(fault) != self.fault:  # said once, not ten times a second
            self.fault = str(fault)
            LOG.warning("%s", fault)
