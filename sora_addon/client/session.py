"""The engine as the add-on uses it: started when first needed, started again after it died. No bpy here."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..contract.messages import Abandon, BackendInfo, Farewell, JobId, Order, Query, Welcome, Worker
from .link import Event, Launch, Link, Lost
from .wire import Answer, Told


class Session:
    """Every call returns at once; what becomes of it comes out of ``drain``. Use it from one thread."""

    def __init__(self, launch: Callable[[], Launch], software: str) -> None:
        self._launch = launch
        self._software = software
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._link: Link | None = None
        self.welcome: Welcome | None = None
        """Of the engine that answered last; kept when it dies, so that its backends can still be shown."""
        self.worker: Worker | None = None

    @property
    def runs(self) -> bool:
        """Whether an engine is there or on its way."""
        return self._link is not None and not self._link.ended.is_set()

    def backend(self, name: str) -> BackendInfo | None:
        """What the engine said of a backend; None where it does not know it, or has not answered yet."""
        known = self.welcome.backends if self.welcome is not None else []
        return next((backend for backend in known if backend.name == name), None)

    @property
    def process(self) -> int | None:
        """Number of the engine's process, once it runs."""
        return self._link.process if self._link is not None else None

    def start(self) -> None:
        """Start the engine in the background, if none runs."""
        if not self.runs:
            self._link = Link(self._launch, self._software, self._events.put)

    def submit(self, order: Order) -> int:
        return self._call("submit", order)

    def ready(self, job: str) -> int:
        return self._call("ready", JobId(job))

    def abandon(self, job: str, problem: str = "") -> int:
        return self._call("abandon", Abandon(job, problem[:4000]))

    def cancel(self, job: str) -> int:
        return self._call("cancel", JobId(job))

    def retry(self, job: str) -> int:
        return self._call("retry", JobId(job))

    def forget(self, job: str) -> int:
        return self._call("forget", JobId(job))

    def status(self, job: str) -> int:
        return self._call("status", JobId(job))

    def list(self, scene: str = "", most: int = 200) -> int:
        return self._call("list", Query(scene, most))

    def drain(self, seconds: float) -> Iterator[Event]:
        """What was heard since, oldest first, until ``seconds`` are spent; the rest waits for the next call."""
        end = time.perf_counter() + seconds
        while True:
            try:
                event = self._events.get_nowait()
            except queue.Empty:
                return
            self._note(event)
            yield event
            if time.perf_counter() > end:
                return

    def close(self, finish: bool, seconds: float = 1.0) -> None:
        """Say farewell: with ``finish`` the engine makes this Blender's open jobs on its own. Waits ``seconds`` at most."""
        link, self._link = self._link, None
        if link is None or link.ended.is_set():
            return
        link.call("shutdown", Farewell(finish))
        link.leave()
        link.flushed(seconds)

    def _call(self, method: str, params: Any) -> int:
        self.start()
        assert self._link is not None
        return self._link.call(method, params)

    def _note(self, event: Event) -> None:
        if isinstance(event, Answer) and isinstance(event.value, Welcome):
            self.welcome = event.value
        elif isinstance(event, Told) and isinstance(event.value, Worker):
            self.worker = event.value
        elif isinstance(event, Lost):
            self.worker = None
