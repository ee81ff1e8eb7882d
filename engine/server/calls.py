"""What Blender's calls do. Each takes the desk and the parameters, and gives the result or raises Refused or StoreFault."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sora_addon.contract import ContractError, encode
from sora_addon.contract.messages import (
    ENDED,
    LONGEST_MESSAGE,
    PROTOCOL,
    Abandon,
    Beat,
    Farewell,
    Greeting,
    Job,
    JobId,
    Jobs,
    Nothing,
    Order,
    Query,
    Welcome,
)

from .bench import Bench
from .ledger import Ledger
from .leftovers import forget_files
from .machine import welcome
from .orders import check_order, check_shot
from .store import Entry, now
from .wire import Refused

LOG = logging.getLogger(__name__)

ROOM = LONGEST_MESSAGE - 4096
"""Bytes of jobs that one message holds."""


@dataclass
class Desk:
    """What the calls work on."""

    home: Path
    ledger: Ledger
    bench: Bench
    greeted: bool = False
    farewell: Farewell | None = None
    again: set[str] = field(default_factory=set)
    """Jobs of a dead engine that Blender wants tried again as soon as it is known what became of them."""


def hello(desk: Desk, greeting: Greeting) -> Welcome:
    if greeting.protocol != PROTOCOL:
        raise Refused(
            "protocol",
            f"The add-on speaks protocol {greeting.protocol} and this engine {PROTOCOL}.",
            "Install the engine again in the preferences.",
        )
    desk.greeted = True
    return welcome(desk.home)


def submit(desk: Desk, order: Order) -> Job:
    known = desk.ledger.store.job(order.id)
    if known is None:
        try:
            check_order(order)
        except ContractError as error:
            raise Refused(error.field, f"{error.field}: {error.problem}", error.mend) from error
        rival = desk.ledger.store.open_with(order.out)
        if rival is not None:
            raise Refused("out", f"The job {rival.id} will make {order.out}.", "Choose another folder.")
        known = desk.ledger.store.add(order)
        desk.bench.encourage()
    if known.job.order != order:
        raise Refused("id", f"Another order has the id {order.id} already.", "Choose a fresh one for every order.")
    return desk.ledger.view(known)


def ready(desk: Desk, which: JobId) -> Job:
    entry = _found(desk, which.job)
    if entry.job.state in ("queued", "running"):  # said twice
        return desk.ledger.view(entry)
    if entry.job.state != "exporting":
        raise Refused("job", f"The job does not wait for a shot any more: it is {entry.job.state}.")
    try:
        check_shot(entry.job.order)
    except ContractError as error:
        raise Refused(error.field, f"{error.field}: {error.problem}", error.mend) from error
    return _changed(desk, which.job, ("exporting",), lambda found: found.told(state="queued"))


def abandon(desk: Desk, which: Abandon) -> Job:
    if _found(desk, which.job).job.state != "exporting":
        raise Refused("job", "The job does not wait for a shot any more.")
    state = "failed" if which.problem else "cancelled"
    return _changed(
        desk, which.job, ("exporting",), lambda found: found.told(state=state, problem=which.problem, ended=now())
    )


def cancel(desk: Desk, which: JobId) -> Job:
    desk.again.discard(which.job)
    task = desk.bench.task
    if task is not None and task.entry.id == which.job:  # whatever becomes of the list
        desk.bench.stop("cancelled")
        return desk.ledger.view(task.entry)
    entry = _found(desk, which.job)
    if entry.job.state in ENDED:
        return desk.ledger.view(entry)

    def stopped(found: Entry) -> Entry:
        if found.job.state == "running":
            return replace(found, stop=True)
        return found.told(state="cancelled", ended=now())

    return _changed(desk, which.job, ("exporting", "queued", "running"), stopped)


def retry(desk: Desk, which: JobId) -> Job:
    entry = _found(desk, which.job)
    job = entry.job
    if job.state not in ENDED and desk.ledger.abandoned(entry):
        desk.again.add(which.job)
        return desk.ledger.view(entry)
    if job.state not in ENDED or job.state == "done":
        raise Refused("job", f"The job is {job.state}, there is nothing to try again.")
    try:
        check_shot(job.order)
    except ContractError as error:
        raise Refused(error.field, f"The shot is not there: {error.problem}.", "Press Generate again.") from error
    if job.state in ("failed", "cancelled") and os.path.lexists(job.order.out):
        raise Refused("out", f"{job.order.out} exists already.", "Move it away, or press Generate again.")

    def again(found: Entry) -> Entry:
        if found.job.state != job.state:  # another engine was faster
            return found
        fresh = Job(found.job.order, "queued", attempt=min(found.job.attempt + 1, 10_000), created=found.job.created)
        return replace(found, job=fresh, server=desk.ledger.me, background=False, stop=False, worker=None)

    desk.bench.encourage()
    changed = desk.ledger.store.requeue(which.job, again)
    return desk.ledger.view(_there(changed))


def retry_settled(desk: Desk) -> None:
    """Try again what Blender wanted tried again and what has an end by now. Raises StoreFault."""
    for job_id in list(desk.again):
        entry = desk.ledger.store.job(job_id)
        if entry is not None and entry.job.state in ("exporting", "running"):
            continue
        desk.again.discard(job_id)
        if entry is not None and entry.job.state not in ("queued", "done"):
            try:
                retry(desk, JobId(job_id))
            except Refused as why:  # it keeps its end, and pressing Retry tells
                LOG.warning("job %s is not tried again: %s", job_id, why.problem)


def forget(desk: Desk, which: JobId) -> Nothing:
    entry = _found(desk, which.job)
    if entry.job.state not in ENDED:
        raise Refused("job", f"The job is {entry.job.state}.", "Cancel it first.")
    desk.ledger.store.forget(which.job)
    forget_files(desk.home, which.job)
    return Nothing()


def status(desk: Desk, which: JobId) -> Job:
    task = desk.bench.task
    if task is not None and task.entry.id == which.job:
        return desk.ledger.view(task.entry)
    return desk.ledger.view(_found(desk, which.job))


def list_jobs(desk: Desk, query: Query) -> Jobs:
    page: list[Job] = []
    room = ROOM
    entries = desk.ledger.store.page(query.scene, query.most + 1, query.after)
    for entry in entries[: query.most]:
        job = desk.ledger.view(entry)
        room -= len(json.dumps(encode(job))) + 2
        if room < 0 and page:
            break
        page.append(job)
    return Jobs(page, more=len(page) < len(entries))


def shutdown(desk: Desk, farewell: Farewell) -> Nothing:
    desk.farewell = desk.farewell or farewell
    return Nothing()


def heartbeat(desk: Desk, beat: Beat) -> Beat:
    return beat


CALLS: dict[str, Callable[[Desk, Any], Any]] = {
    "hello": hello,
    "submit": submit,
    "ready": ready,
    "abandon": abandon,
    "cancel": cancel,
    "retry": retry,
    "forget": forget,
    "status": status,
    "list": list_jobs,
    "shutdown": shutdown,
    "heartbeat": heartbeat,
}


def _found(desk: Desk, job_id: str) -> Entry:
    return _there(desk.ledger.store.job(job_id))


def _there(entry: Entry | None) -> Entry:
    if entry is None:
        raise Refused("job", "There is no job of that id.", "List the jobs again.")
    return entry


def _changed(desk: Desk, job_id: str, states: tuple[str, ...], change: Callable[[Entry], Entry]) -> Job:
    """Change a job that is still in one of ``states``; else leave it as it is by now."""
    entry = desk.ledger.store.change(job_id, lambda found: change(found) if found.job.state in states else found)
    return desk.ledger.view(_there(entry))
