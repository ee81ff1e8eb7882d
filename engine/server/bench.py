"""The worker and the one job on it: given, followed, cancelled, and settled when either of them ends badly."""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sora_addon.contract import encode
from sora_addon.contract.messages import Job, State, Worker

from .ledger import Ledger
from .leftovers import put_aside, sweep
from .processes import Process
from .share import Progress
from .store import Entry, StoreFault, now
from .supervisor import GONE, Supervisor

LOG = logging.getLogger(__name__)

PATIENCE = 1.2
"""Seconds that a worker may take to give up a job before its group is ended; a cancel must be done within 2."""
SILENT_ROUNDS = 600
"""Of the loop, some 60 s: a worker that says nothing for so long hangs."""
MOST_FAILED_STARTS = 3
OFTEN = 0.5
"""Seconds between two times that progress is written to the list; Blender is told at once."""


@dataclass
class Task:
    """What the worker is at."""

    entry: Entry
    progress: Progress
    looks: bool = False
    """It looks over a take that stands there, and makes none."""
    fate: State | None = None
    """What the job becomes when the worker gives up: it was told to."""
    problem: str = ""
    deadline: float = float("inf")
    written: float = float("-inf")


class Bench:
    """Used by the loop's thread alone."""

    def __init__(
        self,
        home: Path,
        ledger: Ledger,
        tell_job: Callable[[Job], None],
        tell_worker: Callable[[Worker], None],
        hear: Callable[[Supervisor, dict[str, Any]], None],
    ) -> None:
        """``hear`` is called by the threads of workers; what it gets is handed to ``heard``."""
        self._home = home
        self._ledger = ledger
        self._tell_job = tell_job
        self._tell = tell_worker
        self._hear = hear
        self.task: Task | None = None
        self._worker: Supervisor | None = None
        self._failed_starts = 0
        self._why_not = ""
        self._to_look_at: deque[Entry] = deque()

    @property
    def idle(self) -> bool:
        """Nothing is made and nothing waits to be looked over."""
        return self.task is None and not self._to_look_at

    @property
    def ready(self) -> Process | None:
        """The worker that can take a job."""
        return self._worker.identity if self._worker is not None and self._worker.warm and self.idle else None

    @property
    def broken(self) -> str:
        """Why no worker comes up; '' as long as there is hope."""
        return self._why_not if self._failed_starts >= MOST_FAILED_STARTS else ""

    def encourage(self) -> None:
        """Try again to start a worker: something is to be made."""
        self._failed_starts = 0

    def start(self) -> None:
        """Start a worker where none is."""
        if self._worker is not None or self.broken:
            return
        try:
            self._worker = Supervisor(self._home, self._hear)
        except OSError as error:
            self._failed_starts = MOST_FAILED_STARTS
            self._why_not = f"The worker cannot be started ({error}); press Repair in the preferences."
            self._tell(Worker("dead", 0, self._why_not))
            return
        self._tell(Worker("starting", self._worker.identity.number))

    def take(self, entry: Entry) -> None:
        """Make the job that was claimed; what stands in its place after an earlier attempt is looked over first."""
        looks = entry.job.attempt > 1 and os.path.lexists(entry.job.order.out)
        self._give(entry, looks)

    def look_over(self, entry: Entry) -> None:
        """Find out whether the take of a job whose maker died stands whole."""
        self._to_look_at.append(entry)
        self._look_at_next()

    def stop(self, fate: State, problem: str = "") -> None:
        """Let the job at hand go: it becomes ``fate`` within 2 s."""
        if self.task is None or self.task.fate is not None or self._worker is None:
            return
        self.task.fate, self.task.problem = fate, problem
        if self.task.looks:  # short, and what it finds out is worth knowing
            return
        self.task.deadline = time.monotonic() + PATIENCE
        self._worker.say({"cancel": self.task.entry.id})

    def tick(self) -> None:
        """End a worker that does not answer."""
        if self._worker is None:
            return
        self._worker.quiet += 1
        if self.task is not None and time.monotonic() > self.task.deadline:
            self.task.deadline = float("inf")
            self._worker.kill()
        elif self._worker.quiet == SILENT_ROUNDS:
            LOG.error("the worker says nothing and is ended")
            self._worker.kill()

    def close(self) -> None:
        """End the worker."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop(1.0 if worker.warm else 0.0)

    def heard(self, worker: Supervisor, message: dict[str, Any]) -> None:
        """A message of a worker."""
        if worker is not self._worker:
            return
        worker.quiet = 0
        if GONE in message:
            self._gone(worker)
        elif "warm" in message:
            worker.warm = True
            self._failed_starts = 0
            self._tell(Worker("warm", worker.identity.number))
            self._look_at_next()
        elif "broken" in message:
            self._failed_starts, self._why_not = MOST_FAILED_STARTS, f"{message['broken']} Press Repair."
        elif self.task is not None:
            self._follow(self.task, message)

    def _give(self, entry: Entry, looks: bool) -> None:
        assert self._worker is not None
        order, attempt = entry.job.order, entry.job.attempt
        self.task = Task(entry, Progress(self._seconds(order.makers), time.monotonic()), looks)
        log = self._home / "logs" / f"{order.id}-{attempt}.log"
        if looks:
            self._show(self.task, stage="verify")
        self._show(self.task, log=str(log))
        kind = "verify" if looks else "make"
        self._worker.say({kind: True, "order": encode(order), "log": str(log), "name": f"{order.id}-{attempt}"})
        self._tell(Worker("busy", self._worker.identity.number))

    def _seconds(self, backend: str) -> dict[str, float]:
        try:
            return self._ledger.store.stage_seconds(backend)
        except StoreFault:
            return {}

    def _follow(self, task: Task, message: dict[str, Any]) -> None:
        if message.get("at") == task.entry.id:
            progress = task.progress
            before = progress.stage
            progress.note(message["stage"], message["step"], message["total"], time.monotonic())
            self._show(
                task,
                stage=progress.stage[:60],
                step=progress.step,
                total=progress.total,
                share=progress.share,
                seconds_left=progress.seconds_left,
                write=before != progress.stage,
            )
        elif message.get("preview") == task.entry.id:
            self._show(task, preview=message["path"])
        elif message.get("end") == task.entry.id:
            self.task = None
            assert self._worker is not None
            if message["state"] == "failed" and message["field"] == "memory":
                self._renew(self._worker)
            else:
                self._tell(Worker("warm", self._worker.identity.number))
            self._looked_over(task, message) if task.looks else self._ended(task, message)
            self._look_at_next()

    def _renew(self, worker: Supervisor) -> None:
        """A worker that found too little memory ends: only so is all of what it held given back to the machine."""
        self._worker = None
        worker.kill()
        LOG.info("the worker found too little memory and is ended; another is started")
        self._tell(Worker("dead", worker.identity.number))
        self.start()

    def _show(self, task: Task, write: bool = False, **changes: Any) -> None:
        """Tell Blender of progress at once, the list now and then."""
        task.entry = task.entry.told(**changes)
        if write or time.monotonic() - task.written > OFTEN:
            task.written = time.monotonic()
            job = task.entry.job
            self._change(task.entry, lambda entry: replace(entry, job=job), late=False)
        self._tell_job(self._ledger.view(task.entry))

    def _ended(self, task: Task, message: dict[str, Any]) -> None:
        state: State = message["state"]
        if state == "done":
            self._done(task.entry, message["take"])
            try:
                self._ledger.store.keep_stage_seconds(
                    task.entry.job.order.makers, task.progress.seconds(time.monotonic())
                )
            except StoreFault as fault:
                self._ledger.note(fault)
            return
        sweep(Path(task.entry.job.order.out))
        if state == "cancelled":
            self._end(task.entry, task.fate or "cancelled", task.problem)
        else:
            self._end(task.entry, state, message["problem"], message["field"])

    def _looked_over(self, task: Task, message: dict[str, Any]) -> None:
        entry, out = task.entry, Path(task.entry.job.order.out)
        again = entry.job.attempt > 1 and entry.worker is not None
        if message["state"] == "done" and message["take"]:
            self._done(entry, message["take"])
        elif message["state"] == "done":
            self._end(entry, "failed", f"{out} holds the take of another shot; move it away, then press Retry.", "out")
        elif not os.path.lexists(out):
            self.settle(entry, "interrupted", f"The take was gone from {out} before it was looked over; press Retry.")
        elif message.get("unread"):
            sentence = f"It is not known whether the take in {out} is whole: {message['problem']}"
            self._end(entry, "unknown", sentence, message["field"])
        else:
            try:
                aside = put_aside(out)
            except OSError as error:
                self._end(entry, "unknown", f"{out} holds a damaged take that cannot be moved away ({error}).", "out")
                return
            LOG.warning("%s was damaged (%s) and is %s now", out, message["problem"], aside)
            if again:
                self._end(entry, task.fate, task.problem) if task.fate else self._give(entry, looks=False)
                return
            self._end(
                entry,
                "interrupted",
                f"The machine stopped while the take was written, and it is damaged ({message['problem']}); "
                f"it was put aside as {aside.name}. Press Retry.",
                message["field"],
            )

    def _gone(self, worker: Supervisor) -> None:
        fate = worker.fate()
        task, self.task, self._worker = self.task, None, None
        if not worker.warm:
            self._failed_starts += 1
            self._why_not = self._why_not or f"The worker {fate} while it started; see engine.log in {self._home}/logs."
        problem = self._why_not if self.broken else ""
        if task is not None:
            problem = f"The worker {fate}."
            if task.looks:
                out = task.entry.job.order.out
                sentence = (
                    f"It is not known whether the take in {out} is whole: the worker {fate} over it; press Retry."
                )
                self._end(task.entry, "unknown", sentence, "out")
            else:
                sentence = f"The worker {fate} while it made this take; press Retry."
                self.settle(task.entry, task.fate or "interrupted", task.problem or ("" if task.fate else sentence))
        LOG.warning("the worker %s", fate)
        self._tell(Worker("dead", worker.identity.number, problem))
        self.start()

    def settle(self, entry: Entry, fate: State, problem: str) -> None:
        """A job whose maker is dead: what it left goes away; a take that stands there is looked over before more is said."""
        out = Path(entry.job.order.out)
        sweep(out, entry.worker.number if entry.worker is not None else None)
        if os.path.lexists(out):
            self._change(entry, lambda found: replace(found.told(stage="verify"), worker=None))
            self.look_over(replace(entry, worker=None))
        elif fate == "interrupted" and not out.parent.is_dir() and entry.job.stage not in ("", "admit"):
            sentence = (
                f"{out.parent} is not there any more, so it is not known whether the take was finished; "
                "bring it back, then press Retry."
            )
            self._end(entry, "unknown", sentence, "out")
        else:
            self._end(entry, fate, problem)

    def _look_at_next(self) -> None:
        if self._to_look_at and self.task is None and self._worker is not None and self._worker.warm:
            self._give(self._to_look_at.popleft(), looks=True)

    def _done(self, entry: Entry, take: str) -> None:
        self._end(entry, "done", take=take, share=1.0, seconds_left=0.0)

    def _end(self, entry: Entry, state: State, problem: str = "", field: str = "", **more: Any) -> None:
        told = {"state": state, "problem": problem[:4000], "field": field[:400], "ended": now(), "seconds_left": None}
        job = replace(entry.job, **(told | more))
        LOG.info("job %s: %s %s", entry.id, state, problem)
        self._change(entry, lambda found: replace(found, job=job, worker=None, stop=False))

    def _change(self, entry: Entry, change: Callable[[Entry], Entry], late: bool = True) -> None:
        """Only of a job that is still this engine's and has no end; one that others hold for unknown is still ours."""

        def guarded(found: Entry) -> Entry:
            ours = found.server == self._ledger.me and found.job.state in ("running", "unknown")
            return change(found) if ours else found

        (self._ledger.keep if late else self._ledger.mention)(entry.id, guarded)
