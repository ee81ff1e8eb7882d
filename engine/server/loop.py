"""The engine's one thread of thought: calls of Blender, words of the worker, changes of the list, and time."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sora_addon.contract.messages import REFUSED, SILENCE, Farewell, Job

from .bench import Bench
from .calls import CALLS, Desk, retry_settled
from .ledger import Ledger
from .leftovers import sweep_previews
from .processes import leave_session, process, this_process
from .recovery import interrupt_export, recover
from .store import Entry, StoreFault, now
from .supervisor import Supervisor
from .wire import BadCall, Outbox, Refused, answer, read_call, refusal, refused

LOG = logging.getLogger(__name__)

TICK = 0.1
LOOK_AROUND = 1.0
"""Seconds between two looks at which engines live."""
TURN = 2.0
"""Seconds that another engine may leave its turn unused."""
LAST_TRIES = 30.0
"""Seconds that an engine without a Blender waits for a list that cannot be written; the next engine finds out by itself."""
LINES = 64
"""Lines of Blender that wait to be read."""
CLOSED = "Blender was closed before it was this job's turn; press Retry."
CLOSED_AT_WORK = "Blender was closed while this take was made; press Retry."


@dataclass(frozen=True)
class Line:
    """A line of Blender; None where it was too long."""

    text: bytes | None


@dataclass(frozen=True)
class EndOfInput:
    """Blender has closed its end, or died."""


@dataclass(frozen=True)
class Stop:
    """The system asks the engine to end."""


@dataclass(frozen=True)
class Heard:
    """A word of a worker."""

    worker: Supervisor
    message: dict[str, Any]


class Loop:
    """``run`` it once; the other threads only put into it."""

    def __init__(self, home: Path, outbox: Outbox) -> None:
        self._inbox: queue.SimpleQueue[Line | EndOfInput | Stop | Heard] = queue.SimpleQueue()
        self._room = threading.Semaphore(LINES)
        self._outbox = outbox
        me = str(uuid.uuid4())
        self._ledger = Ledger(home, me, this_process(), self._tell_change)
        self._bench = Bench(
            home,
            self._ledger,
            tell_job=lambda job: self._tell("job", job),
            tell_worker=lambda worker: self._tell("worker", worker),
            hear=lambda worker, message: self._inbox.put(Heard(worker, message)),
        )
        self._desk = Desk(home, self._ledger, self._bench)
        self._parent = process(os.getppid())
        self._heard = self._asked = self._looked = self._ticked = time.monotonic()
        self._alone_since: float | None = None
        """When Blender went."""
        self._finishing = False
        """Blender's open jobs are made although it is gone."""
        self._turn_since: float | None = None
        """Since when another engine could take its turn."""

    def line(self, text: bytes | None) -> None:
        """A line of Blender; waits while too many wait."""
        self._room.acquire()
        self._inbox.put(Line(text))

    def end_of_input(self) -> None:
        self._inbox.put(EndOfInput())

    def stop(self) -> None:
        """May be called by a signal's handler."""
        self._inbox.put(Stop())

    def run(self) -> int:
        """Until Blender is gone and what it left is done; the exit code."""
        while not self._over():
            with contextlib.suppress(queue.Empty):
                self._meet(self._inbox.get(timeout=TICK))
            if time.monotonic() - self._ticked >= TICK:
                self._ticked = time.monotonic()
                self._tick()
        LOG.info("ends")
        self._bench.close()
        self._ledger.leave()
        self._outbox.close(1.0)
        return 0

    def _meet(self, event: Line | EndOfInput | Stop | Heard) -> None:
        if isinstance(event, Heard):
            self._bench.heard(event.worker, event.message)
        elif isinstance(event, Line):
            self._room.release()
            self._heard = time.monotonic()
            self._call(event.text)
        elif isinstance(event, Stop):
            self._leave(Farewell(finish=False))
        else:
            self._lose_blender()
        self._news()

    def _call(self, text: bytes | None) -> None:
        try:
            call = read_call(text)
        except BadCall as bad:
            self._outbox.answer(bad.answer)
            return
        try:
            if not self._desk.greeted and call.method not in ("hello", "heartbeat"):
                raise Refused("method", "The engine has not been greeted.", "Say hello first.")
            result = CALLS[call.method](self._desk, call.params)
        except Refused as why:
            self._outbox.answer(refused(call.id, why))
            return
        except StoreFault as fault:
            self._outbox.answer(refusal(call.id, REFUSED, f"{fault.problem}.", fault.field, fault.mend))
            return
        if call.id is not None:
            self._outbox.answer(answer(call.id, result))
        if call.method == "hello":
            LOG.info("greeted by %s", call.params.software)
            self._bench.start()
            self._looked = float("-inf")
        if self._desk.farewell is not None:
            self._leave(self._desk.farewell)

    def _tick(self) -> None:
        self._outbox.alive()
        self._ledger.flush()
        self._bench.tick()
        if self._alone_since is None and time.monotonic() - max(self._heard, self._asked) > SILENCE:
            self._asked = time.monotonic()
            if self._parent.alive is False:  # its end of the pipe is held open by another of its children
                self._lose_blender()
        if self._desk.greeted and self._ledger.reachable:
            try:
                self._look_around()
                retry_settled(self._desk)
                self._next_job()
            except StoreFault as fault:
                self._ledger.note(fault)
        self._news()

    def _news(self) -> None:
        """Tell Blender what has changed in the list; another engine's Blender may have cancelled the job at hand."""
        for entry in self._ledger.news():
            if entry.stop and self._bench.task is not None and entry.id == self._bench.task.entry.id:
                self._bench.stop("cancelled")

    def _look_around(self) -> None:
        if time.monotonic() - self._looked < LOOK_AROUND:
            return
        if self._looked == float("-inf"):
            sweep_previews(self._desk.home)
        self._looked = time.monotonic()
        recover(self._ledger, self._bench, adopt=self._alone_since is None)
        self._ledger.look_around()

    def _next_job(self) -> None:
        if self._alone_since is not None and not self._finishing:
            return
        if self._bench.broken:
            self._fail_waiting(self._bench.broken)
            return
        self._bench.start()
        worker = self._bench.ready
        if worker is None:
            return
        impatient = self._turn_since is not None and time.monotonic() - self._turn_since > TURN
        found = self._ledger.store.claim(worker, impatient)
        if isinstance(found, Entry):
            self._news()  # the end of the job before it is told first
            self._bench.take(found)
        self._turn_since = (self._turn_since or time.monotonic()) if found == "turn" else None

    def _fail_waiting(self, problem: str) -> None:
        for entry in self._ledger.store.mine(("queued",)):
            self._ledger.keep(
                entry.id,
                lambda found: (
                    found.told(state="failed", problem=problem, field="worker", ended=now())
                    if found.job.state == "queued"
                    else found
                ),
            )

    def _leave(self, farewell: Farewell) -> None:
        """Blender says farewell, or the system does."""
        if self._finishing or self._alone_since is not None:
            return
        self._alone_since = time.monotonic()
        self._finishing = True
        leave_session()
        LOG.info("farewell: %s", "finishes" if farewell.finish else "stops")
        try:
            for entry in self._ledger.store.mine(("exporting", "queued", "running")):
                if entry.job.state == "exporting":
                    interrupt_export(self._ledger, entry)
                elif farewell.finish:
                    self._ledger.keep(entry.id, lambda found: replace(found, background=True))
                elif not entry.background:
                    self._interrupt(entry)
        except StoreFault as fault:
            # Whoever comes next finds them open and their engine dead.
            self._ledger.note(fault)
            if not farewell.finish:
                self._bench.stop("interrupted", CLOSED_AT_WORK)

    def _interrupt(self, entry: Entry) -> None:
        if self._bench.task is not None and self._bench.task.entry.id == entry.id:
            self._bench.stop("interrupted", CLOSED_AT_WORK)
            return
        self._ledger.keep(
            entry.id,
            lambda found: (
                found.told(state="interrupted", problem=CLOSED, ended=now()) if found.job.state == "queued" else found
            ),
        )

    def _lose_blender(self) -> None:
        """Without a farewell: the job at hand is finished, what waits is left to the next engine."""
        if self._alone_since is not None:
            return
        self._alone_since = time.monotonic()
        leave_session()
        LOG.warning("Blender is gone")
        try:
            for entry in self._ledger.store.mine(("exporting",)):
                interrupt_export(self._ledger, entry)
        except StoreFault as fault:
            self._ledger.note(fault)

    def _over(self) -> bool:
        if self._alone_since is None or not self._bench.idle:
            return False
        try:
            waits = self._finishing and bool(self._ledger.store.mine(("queued", "running")))
        except StoreFault:
            waits = True
        if not waits and self._ledger.settled:
            return True
        unwritable = not self._ledger.settled or self._ledger.fault
        return bool(unwritable) and time.monotonic() - self._alone_since > LAST_TRIES

    def _tell_change(self, job: Job) -> None:
        """A job that has changed in the list; of the one at hand the bench tells more, and sooner."""
        task = self._bench.task
        if job.state != "running" or task is None or task.entry.id != job.order.id:
            self._tell("job", job)

    def _tell(self, method: str, params: Any) -> None:
        if self._desk.greeted:
            self._outbox.tell(method, params)
