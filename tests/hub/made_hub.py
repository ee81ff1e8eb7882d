"""MADE-UP: a hub that speaks as much of the model hub's HTTP as its own client asks for, and has its faults.

GET  /api/models/REPO[/revision/REV]?blobs=true   the commit and the files, with sizes and checksums
HEAD /REPO/resolve/COMMIT/FILE                    commit, checksum and size of a file, perhaps elsewhere
GET  the same                                     its bytes, from any of them on
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
REPO = "Wan-AI/Wan2.1-VACE-1.3B-diffusers"
SMALL = 4096
"""Bytes; larger files are kept apart, by their SHA-256."""


@dataclass
class MadeHub:
    """One repository, out of a folder."""

    folder: Path
    repo: str
    commit: str = "a" * 40
    gated_for: str = ""
    """The token that opens it; '' where anybody may have it."""
    breaks_after: int = 0
    """Bytes after which the first answer with a large file breaks off."""
    spoils: str = ""
    """A file that is given with a byte changed."""
    fails: int = 0
    """Requests that are answered with 500 before it is well again."""
    storage: str = ""
    """Address of another hub that gives the bytes of large files."""
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    holds: str = ""
    """A file in whose middle ``moment`` is waited for."""
    moment: threading.Event | None = None

    def __post_init__(self) -> None:
        made = self

        class Handler(_Handler):
            hub = made

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }

    def given(self) -> int:
        """How many times bytes of a file were given."""
        return sum(1 for method, path, _ in self.seen if method == "GET" and "/resolve/" in path)

    def listing(self) -> dict[str, Any]:
        siblings = []
        for name, data in self.files().items():
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            large = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
            siblings.append(
                {"rfilename": name, "size": len(data), "blobId": blob} | ({"lfs": large} if len(data) > SMALL else {})
            )
        return {
            "_id": "0",
            "id": self.repo,
            "modelId": self.repo,
            "sha": self.commit,
            "private": False,
            "gated": bool(self.gated_for),
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "tags": [],
            "siblings": siblings,
            "createdAt": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-01T00:00:00.000Z",
        }


def environment(hub: MadeHub) -> dict[str, str]:
    """Of a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    return kept | {"HF_ENDPOINT": hub.url, "PYTHONPATH": str(ROOT), "HF_HUB_DISABLE_XET": "1"}


class _Handler(BaseHTTPRequestHandler):
    hub: MadeHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._meet()

    def do_GET(self) -> None:
        self._meet()

    def _meet(self) -> None:
        hub = self.hub
        path = unquote(urlsplit(self.path).path)
        hub.seen.append((self.command, path, {name.lower(): value for name, value in self.headers.items()}))
        if hub.fails:
            hub.fails -= 1
            self._answer(500, b"{}")
        elif path.startswith("/storage/"):
            self._bytes(path.removeprefix("/storage/"))
        elif hub.gated_for and self.headers.get("Authorization") != f"Bearer {hub.gated_for}":
            self._answer(403, b'{"error":"gated"}', X_Error_Code="GatedRepo", X_Error_Message="Access is restricted")
        elif path.startswith("/api/models/"):
            self._list(path.removeprefix("/api/models/"))
        elif path.startswith(f"/{hub.repo}/resolve/"):
            commit, _, name = path.removeprefix(f"/{hub.repo}/resolve/").partition("/")
            self._file(commit, name)
        else:
            self._answer(404, b"{}", X_Error_Code="RepoNotFound")

    def _list(self, asked: str) -> None:
        repo, _, revision = asked.partition("/revision/")
        if repo != self.hub.repo:
            self._answer(404, b"{}", X_Error_Code="RepoNotFound")
        elif revision not in ("", "main", self.hub.commit):
            self._answer(404, b"{}", X_Error_Code="RevisionNotFound")
        else:
            self._answer(200, json.dumps(self.hub.listing()).encode())

    def _file(self, commit: str, name: str) -> None:
        data = self.hub.files().get(name)
        if data is None or commit != self.hub.commit:
            self._answer(404, b"{}", X_Error_Code="EntryNotFound")
            return
        large = len(data) > SMALL
        tag = hashlib.sha256(data).hexdigest() if large else hashlib.sha1(data, usedforsecurity=False).hexdigest()
        about = {"X_Repo_Commit": self.hub.commit, "ETag": f'"{tag}"', "X_Linked_Size": str(len(data))}
        about["X_Linked_Etag"] = f'"{tag}"'
        if large and self.hub.storage:
            self._answer(302, b"", Location=f"{self.hub.storage}/storage/{name}", **about)
        elif self.command == "HEAD":
            self.send_response(200)
            for key, value in about.items():
                self.send_header(key.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
        else:
            self._bytes(name)

    def _bytes(self, name: str) -> None:
        hub = self.hub
        data = hub.files()[name]
        if hub.spoils == name:
            data = bytes([data[0] ^ 1]) + data[1:]
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        rest = data[start:]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(rest)))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if len(data) <= SMALL:
            self.wfile.write(rest)
            return
        if hub.breaks_after:
            self.wfile.write(rest[: hub.breaks_after])
            hub.breaks_after = 0
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return
        half = len(rest) // 2
        self.wfile.write(rest[:half])
        self.wfile.flush()
        if hub.holds == name and hub.moment is not None:
            hub.moment.wait(60)
        self.wfile.write(rest[half:])

    def _answer(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Said nowhere."""
