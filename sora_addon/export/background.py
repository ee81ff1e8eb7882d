"""An export in another Blender, on a snapshot: started here, listened to without waiting, cancelled, cleared away."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

import bpy

from .. import stalls
from ..contract import encode
from . import preflight, snapshot
from .options import ExportOptions
from .progress import Message, message_in
from .replace import remove_partial
from .snapshot_match import fingerprint
from .trust import trusted

WORKER = Path(__file__).with_name("worker.py")
GRACE = 5.0
"""Seconds that a cancelled worker has to clean up behind itself before it is ended."""


class BackgroundExport:
    """A worker that runs. Call ``poll`` as often as you like: it never waits."""

    def __init__(self, process: subprocess.Popen[bytes], request: bytes, copy: snapshot.Snapshot, target: Path) -> None:
        self._process = process
        self._copy = copy
        self._target = target
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._said: deque[str] = deque(maxlen=20)
        self._ended_by: float | None = None
        self._hung_up = threading.Event()
        self.result: Message | None = None
        """The last message, once there is one: done, failed or cancelled."""
        threading.Thread(target=self._listen, name="sora listens", daemon=True).start()
        threading.Thread(target=self._speak, args=(request,), name="sora speaks", daemon=True).start()
        atexit.register(self.close)

    def poll(self) -> list[Message]:
        """What the worker has said since the last call; the last message is done, failed or cancelled."""
        messages: list[Message] = []
        while self.result is None:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                break
            messages += self._take(line)
        if self._ended_by is not None and self.result is None and time.monotonic() > self._ended_by:
            self._process.kill()
        return messages

    def wait(self) -> list[Message]:
        """All messages up to the last. For tests and the command line: it blocks."""
        messages: list[Message] = []
        while self.result is None:
            messages += self._take(self._lines.get())
        return messages

    def cancel(self) -> None:
        """Ask the worker to stop and to leave nothing behind. ``poll`` goes on until it says so."""
        if self._ended_by is None and self.result is None:
            self._ended_by = time.monotonic() + GRACE
            self._hung_up.set()

    def close(self) -> None:
        """End the worker at once and clear everything away; for Blender's own end."""
        if self._process.poll() is None:
            self._process.kill()
        self._clear()

    def _take(self, line: str | None) -> list[Message]:
        if line is None:
            return [self._finish(None)]
        message = message_in(line)
        if message is None:
            if line.strip():
                self._said.append(line.rstrip())
            return []
        return [self._finish(message)] if message.last else [message]

    def _finish(self, message: Message | None) -> Message:
        self._hung_up.set()
        code = self._process.wait()
        if message is None and self._ended_by is not None:
            message = Message("cancelled", "The export was cancelled; nothing was kept.")
        elif message is None:
            said = list(self._said)
            message = Message(
                "failed", f"The background Blender ended with code {code} before the shot was whole.", details=said
            )
        self.result = message
        self._clear()
        return message

    def _clear(self) -> None:
        self._copy.remove()
        if self._process.poll() is not None:
            remove_partial(self._target, self._process.pid)
        atexit.unregister(self.close)

    def _speak(self, request: bytes) -> None:
        """Send the request, and hang up when told: the worker takes the end of its input for the wish to cancel."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # a worker that ended early tells so by its end
            self._process.stdin.write(request)
            self._process.stdin.flush()
        self._hung_up.wait()
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.decode("utf-8", "replace"))
        self._lines.put(None)


def export_in_background(
    context: Any, target: Path, options: ExportOptions, overwrite: bool = False
) -> tuple[BackgroundExport, list[str]]:
    """Start exporting the open scene to the folder ``target``; also the warnings that came up.

    The artist's Blender only writes the snapshot and marks where things stand; all else happens in the other one.
    Raises ``preflight.Refused`` before any work where the scene cannot be exported, and ``snapshot.SnapshotFailed``.
    """
    scene = bpy.data.scenes[options.scene]
    view_layer = scene.view_layers[options.view_layer]
    target = target.absolute()
    plan = preflight.Plan(scene, view_layer, options, target, overwrite=overwrite)
    warnings = preflight.insist(plan)
    marks = fingerprint(scene, view_layer)
    with stalls.held(stalls.SNAPSHOT):
        copy = snapshot.take_snapshot()
    request = {
        "snapshot": str(copy.path),
        "original": str(copy.original) if copy.original else None,
        "target": str(target),
        "overwrite": overwrite,
        "options": encode(options),
        "fingerprint": encode(marks),
        "trust": trusted(view_layer),
    }
    try:
        process = start_worker(request["trust"])
    except OSError as error:
        copy.remove()
        raise snapshot.SnapshotFailed(f"No background Blender can be started ({error}).") from error
    running = BackgroundExport(process, json.dumps(request).encode() + b"\n", copy, target)
    return running, [*copy.notes, *warnings]


def start_worker(trust: bool) -> subprocess.Popen[bytes]:
    """A Blender with factory settings, offline, that runs ``worker.py``; where bpy is a wheel, its Python."""
    return subprocess.Popen(
        worker_command(trust),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )


def worker_command(trust: bool) -> list[str]:
    """The command line of the worker."""
    if not bpy.app.binary_path:
        return [sys.executable, str(WORKER)]
    return [
        bpy.app.binary_path,
        "--background",
        "--factory-startup",
        "--offline-mode",
        "--enable-autoexec" if trust else "--disable-autoexec",
        "--python-exit-code",
        "70",
        "--python",
        str(WORKER),
    ]
