"""Does an environment run the engine? It is started as Blender starts it, and must answer ``hello``."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from ..contract.messages import PROTOCOL
from .edition import CannotInstall, Edition
from .processes import Runner, clean_environment

PATIENCE = 120.0
"""Seconds for a start from a cold disk to the end."""


def hello(python: Path, edition: Edition, runner: Runner) -> str:
    """Why the engine does not answer in this environment; empty where it does. Raises Stopped."""
    said = [
        {"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {"protocol": PROTOCOL, "software": "Install Engine"}},
        {"jsonrpc": "2.0", "id": 2, "method": "shutdown", "params": {"finish": False}},
    ]
    started = time.monotonic()

    def look() -> None:
        if time.monotonic() - started > PATIENCE:
            raise CannotInstall(f"it said nothing in {PATIENCE:.0f} s")

    try:
        with tempfile.TemporaryDirectory(prefix="sora-hello-", ignore_cleanup_errors=True) as home:
            code, lines = runner.run(
                [str(python), "-m", "engine", "serve", "--home", home],
                clean_environment(PYTHONPATH=str(edition.code), PYTHONDONTWRITEBYTECODE="1"),
                look,
                "".join(json.dumps(message) + "\n" for message in said),
            )
    except (OSError, CannotInstall) as error:
        return f"The engine does not answer: {error}."
    if any(_is_answer(line) for line in lines):
        return ""
    last = next((line for line in reversed(lines) if line.strip()), f"exit code {code}")
    return f"The engine does not answer: {last[:300]}"


def doctor(python: Path, edition: Edition, home: Path, runner: Runner) -> int:
    """Let ``engine doctor`` write into the log what it finds on this machine; its exit code. Raises Stopped, OSError."""
    environment = clean_environment(PYTHONPATH=str(edition.code), PYTHONDONTWRITEBYTECODE="1")
    return runner.run([str(python), "-m", "engine", "doctor", "--home", str(home)], environment)[0]


def _is_answer(line: str) -> bool:
    try:
        message = json.loads(line)
    except ValueError:
        return False
    return isinstance(message, dict) and message.get("id") == 1 and "result" in message
