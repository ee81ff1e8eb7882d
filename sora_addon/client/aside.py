"""Small works of the engine beside its jobs: a process each, waited for in a thread. No bpy here."""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .engine import NoEngine, engine_environment, engine_python

Outcome = tuple[Callable[[Any], None], Any]


class Aside:
    """Work in threads; what it came to is handed to a callable by whoever takes the outcomes."""

    def __init__(self) -> None:
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._running = 0

    @property
    def busy(self) -> bool:
        return self._running > 0

    def do(self, work: Callable[[], Any], end: Callable[[Any], None]) -> None:
        """Run ``work`` in a thread; ``end`` gets its value, in the thread that calls ``take``."""
        self._running += 1

        def run() -> None:
            self._outcomes.put((end, work()))

        threading.Thread(target=run, name="sora aside", daemon=True).start()

    def take(self) -> bool:
        """Hand over the oldest outcome; whether there was one."""
        try:
            end, value = self._outcomes.get_nowait()
        except queue.Empty:
            return False
        self._running -= 1
        end(value)
        return True


def run_module(module: str, arguments: Sequence[str | Path]) -> str:
    """Run ``python -m module`` in the engine's Python and wait; empty, or why it failed."""
    try:
        done = subprocess.run(
            [str(engine_python()), "-m", module, *map(str, arguments)],
            env=engine_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (NoEngine, OSError) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else f"The engine ended with code {done.returncode}."
