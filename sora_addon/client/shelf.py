"""What take folders hold, read by a thread and kept: drawing asks for it and never waits. No bpy here."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..contract import ContractError, Measure, Take, read_report, read_take


@dataclass(frozen=True)
class Facts:
    """A take as it lies on disk. ``problem`` says why it cannot be read, and then the rest is missing."""

    take: Take | None = None
    measures: tuple[Measure, ...] = ()
    problem: str = ""


class Shelf:
    """Facts by folder. ``news`` is called from the thread whenever some were read."""

    def __init__(self, news: Callable[[], None]) -> None:
        self._news = news
        self._facts: dict[str, Facts | None] = {}
        self._wanted: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None

    def facts(self, folder: str) -> Facts | None:
        """What is known of the take in ``folder``; None while it is being read."""
        if folder not in self._facts:
            self._facts[folder] = None
            self._wanted.put(folder)
            if self._reader is None:
                self._reader = threading.Thread(target=self._read, name="sora takes", daemon=True)
                self._reader.start()
        return self._facts[folder]

    def forget(self, folder: str) -> None:
        """Read ``folder`` again when it is asked for next."""
        self._facts.pop(folder, None)

    def _read(self) -> None:
        while True:
            folder = self._wanted.get()
            self._facts[folder] = read_facts(Path(folder))
            self._news()


def read_facts(folder: Path) -> Facts:
    """Read a take folder here and now."""
    try:
        take = read_take(folder)
        return Facts(take, tuple(read_report(folder, take).measures))
    except (ContractError, OSError) as error:
        return Facts(problem=str(error))
