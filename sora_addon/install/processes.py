"""Runs a command for as long as it takes: what it says goes to the log, a cancel ends it with all that it started."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HIDDEN = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""So that Windows opens no console."""
POLL = 0.2
"""Seconds between two looks at the cancel and at how far the files are."""
GRACE = 1.0
"""Seconds that a command may take to end by itself when it is cancelled."""


class Stopped(Exception):
    """The artist cancelled."""


class Log:
    """Lines with the time before them, added to a file that can be read at any moment."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.replace(path, path.with_suffix(".old.log"))
        self._file = path.open("w", encoding="utf-8")

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, line: str) -> None:
        """A line; what is empty is left out."""
        if line.strip():
            self._file.write(f"{time.strftime('%H:%M:%S')} {line.rstrip()}\n")
            self._file.flush()


def clean_environment(**more: str) -> dict[str, str]:
    """This process's variables without those that would send another Python to the wrong place."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("PYTHON") and name.upper() not in ("VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    }
    # Without the safe path, ``-m engine`` would take an ``engine`` from whatever folder Blender was started in.
    return kept | {"PYTHONUTF8": "1", "PYTHONSAFEPATH": "1"} | more


@dataclass(frozen=True)
class Runner:
    """Runs one command after the other; each says what it says into the log."""

    log: Log
    cancel: threading.Event
    held: int | None = None
    """A file that every command keeps open: what holds the folder is held until the last of them ends, even when this
    process is killed."""

    def run(
        self,
        command: Sequence[str],
        environment: dict[str, str],
        look: Callable[[], None] = lambda: None,
        said: str | None = None,
    ) -> tuple[int, list[str]]:
        """Exit code and lines of a command; ``look`` is called some times a second. Raises Stopped, OSError.

        ``said`` is written to its standard input.
        """
        self.log.add("$ " + " ".join(command))
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if said is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            **own_group(self.held),
        )
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(process, said, lines), daemon=True).start()
        kept: list[str] = []
        try:
            while True:
                if self.cancel.is_set():
                    raise Stopped
                try:
                    line = lines.get(timeout=POLL)
                except queue.Empty:
                    look()
                    continue
                if line is None:
                    return process.wait(), kept
                self.log.add(line)
                kept.append(line)
        finally:
            end_group(process)


def own_group(held: int | None = None) -> dict[str, Any]:
    """How to start a process so that ``end_group`` reaches all that it starts in turn; it keeps ``held`` open."""
    if sys.platform == "win32":
        return {"creationflags": HIDDEN | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True, "pass_fds": () if held is None else (held,)}


def end_group(process: subprocess.Popen[Any]) -> None:
    """End a process of ``own_group`` with its children; nothing where it has ended."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False, creationflags=HIDDEN
        )
    else:
        _signal(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _read(process: subprocess.Popen[bytes], said: str | None, lines: queue.SimpleQueue[str | None]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError), process.stdin:
            process.stdin.write((said or "").encode("utf-8"))
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            lines.put(line.decode("utf-8", "replace").rstrip())
    lines.put(None)
