"""Jobs of engines that are proven dead: finished ones are looked over, broken ones offered for retry, waiting ones taken."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from .bench import Bench
from .ledger import Ledger
from .leftovers import sweep
from .processes import end_group, host
from .store import Entry, now

LOG = logging.getLogger(__name__)

NO_SHOT = "Blender ended while it wrote the shot, so there is nothing to make a take from; press Generate again."
ENGINE_DIED = "The engine was ended while it made this take; press Retry."


def recover(ledger: Ledger, bench: Bench, adopt: bool) -> None:
    """Look after dead engines' jobs; with ``adopt``, those that wait become this engine's. Raises StoreFault."""
    for entry in ledger.store.orphans():
        if entry.job.state == "exporting":
            interrupt_export(ledger, entry)
        elif entry.job.state == "queued":
            if adopt:
                _take_over(ledger, entry)
        elif entry.worker is not None and entry.worker.alive:
            # It would write on beside us; its end is seen at the next look.
            end_group(entry.worker)
        elif bench.idle:
            taken = _take_over(ledger, entry)
            if taken is not None:
                LOG.info("job %s was left by a dead engine", entry.id)
                fate = ("cancelled", "") if entry.stop else ("interrupted", ENGINE_DIED)
                bench.settle(taken, *fate)  # type: ignore[arg-type]
    for entry in ledger.store.strangers():
        sentence = (
            f"An engine on another machine was making this take, not on {host()}, and it is not known what became of "
            "it; look there, or press Retry."
        )
        _end(ledger, entry, "unknown", sentence)
    ledger.store.bury()


def interrupt_export(ledger: Ledger, entry: Entry) -> None:
    """Nobody writes that shot any more. Raises StoreFault."""
    _end(ledger, entry, "interrupted", NO_SHOT)
    sweep(Path(entry.job.order.shot))


def _take_over(ledger: Ledger, entry: Entry) -> Entry | None:
    """The job as this engine's, with its dead worker still named; None where another engine was faster."""

    def mine(found: Entry) -> Entry:
        same = found.server == entry.server and found.job.state == entry.job.state
        return replace(found, server=ledger.me) if same else found

    taken = ledger.store.change(entry.id, mine)
    return taken if taken is not None and taken.server == ledger.me else None


def _end(ledger: Ledger, entry: Entry, state: str, problem: str) -> None:
    def ended(found: Entry) -> Entry:
        same = found.server == entry.server and found.job.state == entry.job.state
        return found.told(state=state, problem=problem, ended=now()) if same else found

    ledger.store.change(entry.id, ended)
