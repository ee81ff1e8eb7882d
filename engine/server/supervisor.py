"""The worker process as the engine holds it: started, spoken with, and ended with all that it started."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .processes import Process, kill_group, own_session, process

GONE = "gone"
"""The message that is told when the worker's pipe has closed."""


class Supervisor:
    """One worker. What it says comes to ``tell`` from a thread, as (this supervisor, message); last comes ``GONE``."""

    def __init__(self, home: Path, tell: Callable[[Supervisor, dict[str, Any]], None]) -> None:
        """Starts the process and returns at once. Raises OSError where it cannot be started."""
        self._tell = tell
        self.warm = False
        self.quiet = 0
        """Rounds of the engine's loop since it was heard; a machine that slept has made none."""
        with _log(home) as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine.server.worker", str(home)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                **own_session(),  # type: ignore[arg-type]
            )
        self.identity: Process = process(self._process.pid)
        threading.Thread(target=self._read, name="worker", daemon=True).start()

    def say(self, message: dict[str, Any]) -> None:
        """Send a message; a worker that is dead shows by ``GONE``."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self._process.returncode is None:
            kill_group(self._process.pid)

    def stop(self, seconds: float) -> None:
        """Let it end, and kill it where it has not after ``seconds``."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()

    def fate(self) -> str:
        """How it ended, as the end of a sentence; call it after ``GONE``."""
        code = self._process.wait()
        if code >= 0:
            return f"ended by itself (code {code})"
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        why = {
            "SIGKILL": " (perhaps because memory ran out)",
            "SIGBUS": " (perhaps because the disk is full)",
        }.get(name, "")
        return f"was ended by {name}{why}"

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                message = json.loads(line)
            except ValueError:  # a line that was cut off by its death
                continue
            self._tell(self, message)
        # The pipe is closed; its children may live on and hold files of the job.
        self.kill()
        self._process.wait()
        self._tell(self, {GONE: True})


def _log(home: Path) -> Any:
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        return (home / "logs" / "engine.log").open("ab")
    except OSError:  # a log is no reason not to work
        return contextlib.nullcontext(subprocess.DEVNULL)
