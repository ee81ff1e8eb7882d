"""MADE-UP: a server that speaks /v1/videos as vLLM-Omni and SGLang Diffusion do, with a real clip at the end of a job.

Its faults are told to it one by one: each request takes the next fault of its kind, and is answered well when there is none.
"""

from __future__ import annotations

import json
import ssl
import tempfile
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from engine.backends.remoting.wire import Pace
from engine.media.clip import write_clip
from sora_addon.contract import Size, samples_of

QUICK = Pace(connect=60.0, read=60.0, poll=0.01, first=0.01, longest=0.02, patience=1.5)
"""At which trouble is over soon."""

Fault = Callable[["_Handler"], None]
"""Answers, or does not."""


@dataclass
class Job:
    """What was asked, and how far it is."""

    fields: dict[str, str]
    files: dict[str, tuple[str, bytes]]
    looks: int = 0
    deleted: bool = False


@dataclass
class MadeServer:
    """Jobs by id. ``steps`` looks are answered with 'in_progress' before a job is completed."""

    steps: int = 2
    token: str = ""
    error: str = ""
    """A job fails with it."""
    served: tuple[str, ...] = ("Lightricks/LTX-2",)
    loud: float = 0.25
    """Of the sound in the clip; 0: the clip has none that is heard."""
    jobs: dict[str, Job] = field(default_factory=dict)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    """By kind of request: create, status, content, delete, models."""
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, path and headers of every request."""
    change: Callable[[bytes], bytes] = lambda clip: clip
    """Done to every clip before it is handed out."""
    frames_made: Callable[[int], int] = lambda asked: asked
    size_made: Callable[[int, int], tuple[int, int]] = lambda width, height: (width, height)
    progress: Callable[[Job], int] = lambda job: min(99, 40 * job.looks)

    def __post_init__(self) -> None:
        made = self

        class Handler(_Handler):
            server_made = made

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.scheme, self.host = "http", "127.0.0.1"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self._server.server_address[1]}"

    def speak_tls(self, certificate: Path, key: Path, host: str = "localhost") -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.scheme, self.host = "https", host

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def requests(self, method: str) -> list[str]:
        return [path for one, path, _ in self.seen if one == method]

    def clip(self, job: Job) -> bytes:
        width, height = self.size_made(int(job.fields["width"]), int(job.fields["height"]))
        count, rate = self.frames_made(int(job.fields["num_frames"])), Fraction(int(job.fields["fps"]))
        frames = (picture(k, width, height) for k in range(count))
        samples = np.full((samples_of(count, rate), 2), self.loud, np.float32)
        with tempfile.TemporaryDirectory() as folder:
            write_clip(Path(folder) / "made.mp4", frames, samples, rate, Size(width, height), 4)
            return (Path(folder) / "made.mp4").read_bytes()


def picture(frame: int, width: int, height: int) -> np.ndarray:
    """Frame number k is a grey of 10 + 8k, and a ramp from left to right."""
    ramp = np.linspace(0, 60, width)[None, :, None]
    return np.broadcast_to(np.clip(10 + 8 * frame + ramp, 0, 255), (height, width, 3)).astype(np.uint8)


# Faults.


def status(code: int, message: str = "it went wrong", **headers: str) -> Fault:
    """Answered with that status, as FastAPI words it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.answer(code, {"detail": message}, **named)


def page(handler: _Handler) -> None:
    """A web page, as a portal or a proxy gives one."""
    handler.answer_bytes(200, b"<html>Please log in</html>", "text/html; charset=utf-8")


def without_id(handler: _Handler) -> None:
    handler.answer(200, {"status": "queued"})


def hang_up(handler: _Handler) -> None:
    """The connection closes without a word."""
    handler.close_connection = True
    handler.connection.close()


def half(handler: _Handler) -> None:
    """The clip breaks off half way, though its length was told."""
    clip = handler.server_made.clip(next(iter(handler.server_made.jobs.values())))
    handler.send_response(200)
    handler.send_header("Content-Type", "video/mp4")
    handler.send_header("Content-Length", str(len(clip)))
    handler.end_headers()
    handler.wfile.write(clip[: len(clip) // 2])
    handler.wfile.flush()
    handler.close_connection = True
    handler.connection.close()


def elsewhere(url: str) -> Fault:
    """Sent to another server for the clip."""
    return lambda handler: handler.answer(302, {}, Location=url)


class _Handler(BaseHTTPRequestHandler):
    server_made: MadeServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.removesuffix("/content")
        if self.path == "/v1/models":
            self._meet("models", lambda: self.answer(200, {"data": [{"id": name} for name in self.server_made.served]}))
        elif self.path.endswith("/content"):
            self._meet("content", lambda: self._content(path.rpartition("/")[2]))
        else:
            self._meet("status", lambda: self._status(path.rpartition("/")[2]))

    def do_POST(self) -> None:
        self._body = self.rfile.read(int(self.headers["Content-Length"]))
        self._meet("create", self._create)

    def do_DELETE(self) -> None:
        self._meet("delete", lambda: self._delete(self.path.rpartition("/")[2]))

    def _meet(self, kind: str, well: Callable[[], None]) -> None:
        made = self.server_made
        made.seen.append((self.command, self.path, dict(self.headers)))
        if made.token and self.headers.get("Authorization") != f"Bearer {made.token}":
            self.answer(401, {"error": {"message": "Invalid API key", "code": 401}})
        elif made.faults[kind]:
            made.faults[kind].popleft()(self)
        else:
            well()

    def _create(self) -> None:
        kind = self.headers["Content-Type"]
        assert kind.startswith("multipart/form-data"), kind
        whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + self._body)
        job = Job({}, {})
        for part in whole.iter_parts():
            name, data = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
            assert isinstance(data, bytes)
            if part.get_filename() is None:
                job.fields[str(name)] = data.decode()
            else:
                job.files[str(name)] = (part.get_content_type(), data)
        if not job.fields.get("prompt"):
            self.answer(422, {"detail": [{"loc": ["body", "prompt"], "msg": "Field required"}]})
            return
        identity = f"video_gen_{len(self.server_made.jobs)}"
        self.server_made.jobs[identity] = job
        self.answer(200, self._record(identity, "queued"))

    def _record(self, identity: str, state: str, **more: Any) -> dict[str, Any]:
        return {
            "id": identity,
            "object": "video",
            "status": state,
            "model": "made",
            "progress": 0,
            "error": None,
        } | more

    def _status(self, identity: str) -> None:
        made = self.server_made
        job = made.jobs.get(identity)
        if job is None or job.deleted:
            self.answer(404, {"detail": "Video not found"})
            return
        job.looks += 1
        if made.error:
            self.answer(200, self._record(identity, "failed", error={"code": 500, "message": made.error}))
        elif job.looks <= made.steps:
            self.answer(200, self._record(identity, "in_progress", progress=made.progress(job)))
        else:
            self.answer(200, self._record(identity, "completed", progress=100))

    def _content(self, identity: str) -> None:
        job = self.server_made.jobs.get(identity)
        if job is None or job.deleted:
            self.answer(404, {"detail": "Video not found"})
            return
        self.answer_bytes(200, self.server_made.change(self.server_made.clip(job)), "video/mp4")

    def _delete(self, identity: str) -> None:
        job = self.server_made.jobs.get(identity)
        if job is not None:
            job.deleted = True
        self.answer(200 if job else 404, {"id": identity, "deleted": job is not None, "object": "video.deleted"})

    def answer(self, code: int, value: Any, **headers: str) -> None:
        self.answer_bytes(code, json.dumps(value).encode(), "application/json", **headers)

    def answer_bytes(self, code: int, data: bytes, kind: str, **headers: str) -> None:
        self.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Said nowhere."""


def decoded(data: bytes) -> np.ndarray:
    """(H, W, 3) RGB of a PNG."""
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
