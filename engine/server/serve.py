"""``python -m engine serve``: the pipes, the log and the signals; then the loop."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from .loop import Loop
from .wire import Outbox, lines

LARGEST_LOG = 1 << 20


def serve(home: Path) -> int:
    """Serve the Blender at the other end of stdio until it is done; the exit code."""
    home = home.absolute()
    faulthandler.enable()
    source, sink = _own_the_pipes()
    _log_to(home)
    outbox = Outbox(sink)
    loop = Loop(home, outbox)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: loop.stop())
    threading.Thread(target=_read, args=(source, outbox, loop), name="reader", daemon=True).start()
    return loop.run()


def _own_the_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output belong to the protocol alone; what a library prints goes to standard error."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return source, sink


def _log_to(home: Path) -> None:
    path = home / "logs" / "engine.log"
    handler: logging.Handler = logging.NullHandler()
    with contextlib.suppress(OSError):  # a log is no reason not to work
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.stat().st_size > LARGEST_LOG:
            with contextlib.suppress(PermissionError):  # Windows, where another engine has it open
                os.replace(path, path.with_suffix(".log.old"))
        handler = logging.FileHandler(path, encoding="utf-8")
    logging.raiseExceptions = False
    logging.basicConfig(
        handlers=[handler], level=logging.INFO, format=f"%(asctime)s {os.getpid()} %(levelname)s %(message)s"
    )
    sys.stdout = sys.stderr


def _read(source: BinaryIO, outbox: Outbox, loop: Loop) -> None:
    with contextlib.suppress(OSError):
        for line in lines(source):
            loop.line(line)
            outbox.wait_for_room()
    loop.end_of_input()
