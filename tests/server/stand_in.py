"""Blender's end of the pipes: starts a real engine as a subprocess and speaks with it. A stand-in for Blender alone.

python tests/server/stand_in.py HOME SHOT OUT ID    starts an engine, orders a take, says what it hears, until killed
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[2]
HANGS = 120.0
"""Seconds without what is waited for: a guard against a hang, no measure of speed."""
SCENE = str(uuid.uuid4())


class Refusal(Exception):
    """An error that the engine answered."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.code: int = error["code"]
        self.field: str = error["data"]["field"]
        self.mend: str = error["data"]["mend"]
        super().__init__(error["message"])


class StandIn:
    """One Blender with its engine."""

    def __init__(self, home: Path, environment: dict[str, str] | None = None, greet: bool = True) -> None:
        self.home = home
        self.engine = subprocess.Popen(
            [sys.executable, "-m", "engine", "serve", "--home", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **(environment or {})},
            start_new_session=True,
        )
        self.heard: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.jobs: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        """Every ``job`` that was told, in order."""
        self.worker: dict[str, Any] = {}
        self.workers: list[dict[str, Any]] = []
        self.beats = 0
        self._number = 0
        self._beating = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()
        if greet:
            self.welcome = self.call("hello", protocol=2, software="stand-in")

    def __enter__(self) -> StandIn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()
        self.engine.wait(HANGS)

    def send(self, line: bytes) -> None:
        assert self.engine.stdin is not None
        with self._lock, contextlib.suppress(OSError, ValueError):
            self.engine.stdin.write(line + b"\n")
            self.engine.stdin.flush()

    def begin(self, method: str, **params: Any) -> int:
        """Send a call and do not wait; its number."""
        self._number += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}).encode())
        return self._number

    def call(self, method: str, **params: Any) -> Any:
        """The result. Raises Refusal."""
        number = self.begin(method, **params)
        while True:
            message = self.next()
            if "method" not in message and message["id"] == number:
                if "error" in message:
                    raise Refusal(message["error"])
                return message["result"]

    def next(self) -> dict[str, Any]:
        """The next message but heartbeats. Raises EOFError where the engine is gone."""
        while True:
            message = self.heard.get(timeout=HANGS)
            if message is None:
                self.heard.put(None)
                raise EOFError("the engine is gone")
            if message.get("method") == "job":
                self.jobs[message["params"]["order"]["id"]] = message["params"]
                self.told.append(message["params"])
            elif message.get("method") == "worker":
                self.worker = message["params"]
                self.workers.append(message["params"])
            elif "order" in (message.get("result") or {}):
                self.jobs[message["result"]["order"]["id"]] = message["result"]
            if message.get("method") == "heartbeat":
                self.beats += 1
                continue
            return message

    def until(self, what: Callable[[], Any]) -> None:
        """Listen until it is so."""
        end = time.monotonic() + HANGS
        while not what():
            if time.monotonic() > end:
                raise TimeoutError(f"last told: {self.told[-1:]}, {self.worker}")
            self.next()

    def until_ended(self, job: str) -> dict[str, Any]:
        """The job, once it has an end."""
        self.until(lambda: self.state(job) in ("done", "failed", "cancelled", "interrupted", "unknown"))
        return self.jobs[job]

    def state(self, job: str) -> str:
        return self.jobs.get(job, {}).get("state", "")

    def submit(self, shot: Path, out: Path, **more: Any) -> str:
        """Order a take; its id."""
        job = more.pop("id", None) or str(uuid.uuid4())
        order = order_of(shot, out, job) | more
        self.call("submit", **order)
        return job

    def hang_up(self) -> None:
        """Close the pipe, as a Blender that dies does."""
        self._beating.set()
        assert self.engine.stdin is not None
        with self._lock, contextlib.suppress(OSError):
            self.engine.stdin.close()

    def kill_worker(self) -> None:
        os.kill(self.worker["process"], signal.SIGKILL)

    def _read(self) -> None:
        assert self.engine.stdout is not None
        for line in self.engine.stdout:
            self.heard.put(json.loads(line))
        self.heard.put(None)

    def _beat(self) -> None:
        while not self._beating.wait(0.5):
            self.send(b'{"jsonrpc": "2.0", "method": "heartbeat", "params": {"number": 1}}')


def order_of(shot: Path, out: Path, job: str) -> dict[str, Any]:
    """Parameters of ``submit``."""
    return {
        "id": job,
        "shot": str(shot),
        "out": str(out),
        "backend": "sketch",
        "origin": {"scene": SCENE, "name": out.name},
    }


def leftovers(folder: Path) -> list[str]:
    """What no process may leave behind."""
    found = [path for path in folder.rglob("*") if ".partial" in path.name or ".scratch." in path.name]
    return sorted(str(path.relative_to(folder)) for path in found)


def main() -> None:
    home, shot, out, job = sys.argv[1:]
    blender = StandIn(Path(home))
    blender.submit(Path(shot), Path(out), id=job)
    print(json.dumps({"engine": blender.engine.pid}), flush=True)
    while True:
        message = blender.next()
        if message.get("method") == "worker":
            print(json.dumps({"worker": message["params"]["process"]}), flush=True)
        elif message.get("method") == "job":
            told = message["params"]
            print(json.dumps({"state": told["state"], "stage": told["stage"]}), flush=True)


if __name__ == "__main__":
    main()
