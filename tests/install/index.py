"""A package index on this machine, for pip: it counts what is asked for, and can stop in the middle of a file."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote


class Index:
    """Serves the wheels of a folder. A wheel of ``held`` is sent half, until ``gate`` is set."""

    def __init__(self, wheels: Path) -> None:
        self.wheels = wheels
        self.asked: list[str] = []
        self.held: str = ""
        self.reached = threading.Event()
        """Set when the held wheel is half sent."""
        self.gate = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.variables = {
            "PIP_INDEX_URL": f"http://127.0.0.1:{self._server.server_port}/simple/",
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
        }

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = unquote(self.path)
                if path.startswith("/simple/"):
                    module = path.removeprefix("/simple/").strip("/").replace("-", "_")
                    links = [
                        f'<a href="/files/{p.name}">{p.name}</a>' for p in sorted(index.wheels.glob(f"{module}-*"))
                    ]
                    self._begin("text/html", "\n".join(links).encode())
                    return
                name = path.rpartition("/")[2]
                index.asked.append(name)
                data = (index.wheels / name).read_bytes()
                if index.held and name.startswith(index.held):
                    self._begin("application/octet-stream", data, half=True)
                else:
                    self._begin("application/octet-stream", data)

            def _begin(self, kind: str, data: bytes, half: bool = False) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                try:
                    if half:
                        self.wfile.write(data[: len(data) // 2])
                        self.wfile.flush()
                        index.reached.set()
                        index.gate.wait()
                        data = data[len(data) // 2 :]
                    self.wfile.write(data)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler
