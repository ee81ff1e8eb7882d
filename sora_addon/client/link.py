"""One running engine: its process, and the threads that speak with it. No bpy here.

A writer, so that a full pipe never holds up Blender; a reader; and a watch, which sends signs of life and notices when
none come back. All that is heard goes to one callable, from these threads.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from ..contract import ContractError
from ..contract.messages import HEARTBEAT, LONGEST_MESSAGE, PROTOCOL, SILENCE, Beat, Greeting, Welcome
from .engine import NoEngine
from .wire import Answer, Refusal, Told, call_line, read_line

PATIENCE = 60.0
"""Seconds that an engine may take for its first answer: a cold disk and a virus scanner are slow."""
UNHEARD = "The engine ended before it answered."
LAST_WORDS = 1500
"""Bytes of its standard error that are shown when it dies."""


@dataclass(frozen=True)
class Launch:
    """How an engine is started."""

    command: list[str]
    environment: dict[str, str]


@dataclass(frozen=True)
class Lost:
    """The engine is no more, and nobody asked it to go; the sentence says so."""

    sentence: str


Event = Answer | Refusal | Told | Lost


class Link:
    """Call it from one thread; nothing here waits for the engine."""

    def __init__(self, launch: Callable[[], Launch], software: str, tell: Callable[[Event], None]) -> None:
        """``launch`` is called in the background and may raise NoEngine."""
        self._launch = launch
        self._tell = tell
        self._outbox: queue.SimpleQueue[tuple[int, str, Any] | None] = queue.SimpleQueue()
        self._calls: dict[int, tuple[str, Any]] = {}
        self._lock = threading.Lock()
        self._numbers = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._said: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  closed when the reader ends
        self._heard = time.monotonic()
        self._welcomed = False
        self._leaving = False
        self._why = ""
        self._hung_up = threading.Event()
        self.ended = threading.Event()
        """Set once the engine is gone and all is told."""
        self.call("hello", Greeting(PROTOCOL, software))
        threading.Thread(target=self._run, name="sora engine", daemon=True).start()

    def call(self, method: str, params: Any) -> int:
        """Send a call as soon as the engine listens; its number. The answer or a refusal is told for certain."""
        with self._lock:
            self._numbers += 1
            number = self._numbers
            gone = self.ended.is_set()
            if not gone:
                self._calls[number] = (method, params)
        if gone:
            self._tell(Refusal(number, method, params, UNHEARD, unheard=True))
        else:
            self._outbox.put((number, method, params))
        return number

    def leave(self) -> None:
        """Hang up after what was said: the engine goes when it sees the end of its input, or finishes its job first."""
        self._leaving = True
        self._outbox.put(None)

    def flushed(self, seconds: float) -> bool:
        """Wait until ``leave`` is through, ``seconds`` at most. For Blender's own end: it blocks."""
        return self._hung_up.wait(seconds)

    def kill(self, why: str) -> None:
        """End the process at once; ``why`` is the sentence that is told."""
        self._why = self._why or why
        if self._process is not None and self._process.poll() is None:
            self._process.kill()

    @property
    def process(self) -> int | None:
        """Its number, once it runs."""
        return self._process.pid if self._process is not None else None

    def _run(self) -> None:
        try:
            launch = self._launch()
            self._process = subprocess.Popen(
                launch.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env=launch.environment,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                # Its own session: a Ctrl-C in the terminal that Blender runs in is not meant for a job under way.
                start_new_session=sys.platform != "win32",
            )
        except NoEngine as error:
            self._end(str(error))
            return
        except OSError as error:
            self._end(f"The engine cannot be started ({error}); repair it in the preferences of the add-on.")
            return
        self._heard = time.monotonic()
        for work in (self._write, self._watch):
            threading.Thread(target=work, name=f"sora engine {work.__name__}", daemon=True).start()
        self._read()

    def _write(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # a dead engine shows at the reader
            while (item := self._outbox.get()) is not None:
                number, method, params = item
                try:
                    line = call_line(number, method, params)
                except ContractError as error:
                    with self._lock:
                        self._calls.pop(number, None)
                    self._tell(Refusal(number, method, params, str(error), error.field))
                    continue
                self._process.stdin.write(line)
                self._process.stdin.flush()
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._hung_up.set()

    def _watch(self) -> None:
        assert self._process is not None
        number, due = 0, time.monotonic() + HEARTBEAT
        while not self.ended.wait(HEARTBEAT) and not self._leaving:
            now = time.monotonic()
            if now - due > SILENCE / 2:  # it was this process that slept: the machine, or Blender holding Python
                self._heard = min(now, self._heard + now - due)
            due = now + HEARTBEAT
            number += 1
            self.call("heartbeat", Beat(number))
            if now - self._heard > (SILENCE if self._welcomed else PATIENCE):
                self.kill(f"The engine has said nothing for {now - self._heard:.0f} s and was ended.")
                return

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            while line := self._process.stdout.readline(LONGEST_MESSAGE + 1):
                self._heard = time.monotonic()
                self._take(line)
        except ContractError as error:
            self.kill(f"The engine said what nobody understands ({error}) and was ended; repair it in the preferences.")
        code = self._process.wait()
        self._end(self._why or self._farewell(code))

    def _take(self, line: bytes) -> None:
        event = read_line(line, self._calls)
        if isinstance(event, Answer | Refusal):
            with self._lock:
                self._calls.pop(event.number, None)
            if event.method == "heartbeat":
                return
        if isinstance(event, Told) and event.method == "heartbeat":
            return
        if isinstance(event, Refusal) and event.method == "hello":
            self.kill(event.text)
            return
        if isinstance(event, Answer) and isinstance(event.value, Welcome):
            if event.value.protocol != PROTOCOL:
                self.kill(
                    f"The engine speaks protocol {event.value.protocol} and this add-on {PROTOCOL}; "
                    "install the engine again in the preferences of the add-on."
                )
                return
            self._welcomed = True
        self._tell(event)

    def _farewell(self, code: int) -> str:
        how = f"ended with code {code}" if code >= 0 else f"was ended by signal {-code}"
        self._said.seek(0, 2)
        self._said.seek(max(0, self._said.tell() - LAST_WORDS))
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return f"The engine {how}" + (f": {lines[-1][:300].rstrip('.')}." if lines else ".")

    def _end(self, sentence: str) -> None:
        """Tell what is left to tell, each call's fate included."""
        with self._lock:
            calls, self._calls = self._calls, {}
            self.ended.set()
        self._outbox.put(None)
        self._said.close()
        if self._leaving:
            return
        for number, (method, params) in calls.items():
            if method not in ("hello", "heartbeat"):
                self._tell(Refusal(number, method, params, UNHEARD, unheard=True))
        self._tell(Lost(sentence))
