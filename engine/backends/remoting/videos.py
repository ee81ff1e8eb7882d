"""An OpenAI-style asynchronous /v1/videos, as vLLM-Omni and SGLang Diffusion serve it, with all that goes wrong on the way.

Sources: docs/serving/videos_api.md and entrypoints/openai/protocol/videos.py of vllm-project/vllm-omni, and
docs/diffusion/api/openai_api.md and entrypoints/openai/video_api.py of sgl-project/sglang: POST (multipart) gives a
record with an ``id``; GET {id} its ``status`` and ``progress``; GET {id}/content the MP4; DELETE {id} stops and removes it.

What can be asked again is asked again, with growing pauses; handing a job over is not, once it may have arrived. Every
wait heeds a cancel, for each request runs in a thread of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sora_addon.contract import ContractError

from .address import Server
from .wire import Again, Gone, Pace, Wire

T = TypeVar("T")

WAITING = ("queued", "in_progress", "cancelling")
OFTEN = 0.1
"""Seconds between two looks whether the job was cancelled."""
FAREWELL = 0.7
"""Seconds that a server may take to hear of a cancel."""
LONGEST_ID = 200


@dataclass(frozen=True)
class Video:
    """A job on the server."""

    id: str
    status: str
    progress: int
    """Percent, as far as the server tells."""
    error: str
    """Why it failed, in the server's words."""


class Videos:
    """A server's videos. ``heed`` is called often while it waits, and ends the wait by what it raises."""

    def __init__(self, server: Server, heed: Callable[[], None], pace: Pace | None = None) -> None:
        self._url = server.url
        self._heed = heed
        self._pace = pace or Pace()
        self._wire = Wire(server, self._pace)

    def create(self, fields: dict[str, str], files: dict[str, tuple[str, Path, str]]) -> Video:
        """Hand a job over. ``files``: by field, the name, the file and its media type.

        Raises ContractError with what the server says, or that it cannot be known whether the job arrived.
        """
        given_up = threading.Event()

        def send() -> Video:
            video = self._video(self._wire.post("/v1/videos", fields, files))
            if given_up.is_set():  # nobody else knows of it
                self._wire.delete(_path(video.id), FAREWELL)
            return video

        arrived = False
        try:
            video = self._patiently(send)
            arrived = True
            return video
        finally:
            if not arrived:
                given_up.set()

    def video(self, identity: str) -> Video:
        """How far a job is. Raises Gone, ContractError."""
        return self._patiently(lambda: self._video(self._wire.get(_path(identity))))

    def wait(self, identity: str, told: Callable[[Video], None]) -> None:
        """Until the job is completed; ``told`` hears of every look. Raises ContractError where it ends otherwise."""
        while True:
            try:
                found = self.video(identity)
            except Gone:
                raise self._vanished() from None
            told(found)
            if found.status == "completed":
                return
            if found.status == "failed":
                said = found.error or "it does not say why"
                raise ContractError("remote", f"{self._url} failed: {said}", "see its log, then press Retry")
            if found.status not in WAITING:
                raise ContractError("remote", f"the job was {found.status[:40]} on {self._url}", "press Retry")
            self._pause(self._pace.poll)

    def fetch(self, identity: str, path: Path, told: Callable[[int, int], None]) -> None:
        """The clip of a completed job into ``path``, whole or not at all. Raises ContractError.

        ``told`` hears of bytes so far and in all, in another thread.
        """
        try:
            self._patiently(lambda: self._wire.download(f"{_path(identity)}/content", path, told))
        except Gone:
            raise self._vanished() from None

    def stop(self, identity: str) -> None:
        """Let the server stop and forget a job, soon or not at all: nobody waits for a cancel."""
        thread = threading.Thread(target=self._wire.delete, args=(_path(identity), FAREWELL), daemon=True)
        thread.start()
        thread.join(FAREWELL)

    def models(self) -> list[str]:
        """Names of what the server serves, as far as it tells. Raises ContractError."""
        try:
            answer = self._patiently(lambda: self._wire.get("/v1/models"))
        except Gone:
            return []
        data = answer.get("data")
        found = data if isinstance(data, list) else []
        return [str(one["id"])[:LONGEST_ID] for one in found if isinstance(one, dict) and "id" in one]

    def _video(self, answer: dict[str, Any]) -> Video:
        identity, status = answer.get("id"), answer.get("status")
        if not isinstance(identity, str) or not 0 < len(identity) <= LONGEST_ID or not isinstance(status, str):
            raise self._wire.strange("JSON")
        progress, error = answer.get("progress"), answer.get("error")
        said = error.get("message") if isinstance(error, dict) else error
        percent = min(max(progress, 0), 100) if isinstance(progress, int) else 0
        return Video(identity, status, percent, str(said)[:500] if said else "")

    def _patiently(self, act: Callable[[], T]) -> T:
        """Do it until it is done, or until trouble has lasted too long."""
        began, pause = time.monotonic(), self._pace.first
        while True:
            try:
                return self._aside(act)
            except Again as trouble:
                wait = pause if trouble.after is None else trouble.after
                if time.monotonic() + wait - began > self._pace.patience:
                    raise ContractError("remote", f"{trouble}", "see that it is well, then press Retry") from trouble
                self._pause(wait)
                pause = min(2 * pause, self._pace.longest)

    def _aside(self, act: Callable[[], T]) -> T:
        """Do it in a thread and heed a cancel meanwhile; what is cancelled is left to end by itself."""
        done: list[T] = []
        failed: list[Exception] = []

        def run() -> None:
            try:
                done.append(act())
            except (Again, Gone, ContractError, OSError) as error:
                failed.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(OFTEN)
            self._heed()
        if failed:
            raise failed[0]
        if not done:
            raise RuntimeError("a request ended without an answer; its own error stands above")
        return done[0]

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._heed()
            time.sleep(min(OFTEN, left))
        self._heed()

    def _vanished(self) -> ContractError:
        return ContractError(
            "remote", f"{self._url} does not know the job any more; perhaps it was started anew", "press Retry"
        )


def _path(identity: str) -> str:
    return f"/v1/videos/{quote(identity, safe='')}"
