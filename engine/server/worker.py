"""The process that holds the models: ``python -m engine.server.worker HOME``, started and watched over by the engine.

It speaks JSON lines with the engine: told to ``make``, ``verify`` or ``cancel``, it tells ``warm``, ``beat``, ``at``,
``preview`` and ``end``. When the engine is gone it gives up its job: nobody would know of the take.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import platform
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from sora_addon.contract import ContractError, decode
from sora_addon.contract.messages import Order

from .sentences import disk_sentence

BEAT = 0.5
"""Seconds between two signs of life."""
OFTEN = 0.1
"""Seconds between two words on progress within a stage."""
GRACE = 1.5
"""Seconds that the job may take to notice that the engine is gone."""


class Worker:
    """One, for the life of the process."""

    def __init__(self, home: Path, source: IO[bytes], sink: IO[bytes]) -> None:
        self._home = home
        self._source = source
        self._sink = sink
        self._lock = threading.Lock()
        self._tasks: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._stop = ""
        """Id of the job that was cancelled."""
        self._alone = False
        """The engine is gone."""
        self._job = ""
        self._stage = ""
        self._told = 0.0

    def run(self) -> None:
        """Work until the engine is gone."""
        sys.excepthook = self._unforeseen
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()
        # The heavy imports, once; every job after that starts at once.
        from . import making

        self._say(warm=True)
        while (task := self._tasks.get()) is not None:
            order = decode(Order, task["order"])
            self._job, self._stage, self._told = order.id, "", 0.0
            with self._log_of(task):
                if "make" in task:
                    work = partial(making.make, order, self._progress, self._preview(task["name"]))
                else:
                    work = partial(making.look_over, order)
                end = self._attempt(order, work)
                print(f"{_stamp()} {end['state']} {end.get('problem', '')}", file=sys.stderr, flush=True)
            self._job = ""
            self._say(end=order.id, **end)

    def _attempt(self, order: Order, work: Callable[[], str]) -> dict[str, Any]:
        from ..backends.protocol import Cancelled

        try:
            return {"state": "done", "take": work()}
        except Cancelled:
            return {"state": "cancelled"}
        except ContractError as error:
            traceback.print_exc()
            return {"state": "failed", "problem": f"{error}", "field": error.field}
        except OSError as error:
            traceback.print_exc()
            field, sentence = disk_sentence(error, Path(order.out).parent)
            return {"state": "failed", "problem": sentence, "field": field, "unread": True}
        except MemoryError:
            traceback.print_exc()
            sentence = "Memory ran out; close other programs or make the shot smaller, then press Retry."
            return {"state": "failed", "problem": sentence, "field": "memory", "unread": True}

    def _progress(self, stage: str, step: int, total: int) -> None:
        from ..backends.protocol import Cancelled

        if self._alone or self._stop == self._job:
            raise Cancelled
        at = time.monotonic()
        if stage != self._stage or step >= total or at - self._told > OFTEN:
            if stage != self._stage:
                print(f"{_stamp()} {stage}", file=sys.stderr, flush=True)
            self._stage, self._told = stage, at
            self._say(at=self._job, stage=stage, step=step, total=total)

    def _preview(self, name: str) -> Any:
        from .preview import Preview

        return Preview(self._home / "previews", name, lambda path: self._say(preview=self._job, path=str(path)))

    def _listen(self) -> None:
        for line in self._source:
            message = json.loads(line)
            if "cancel" in message:
                self._stop = message["cancel"]
            else:
                # An order of before: the same job may be asked for again.
                self._stop = ""
                self._tasks.put(message)
        self._alone = True
        self._tasks.put(None)
        time.sleep(GRACE)
        os._exit(1)

    def _beat(self) -> None:
        while not self._alone:
            self._say(beat=True)
            time.sleep(BEAT)

    def _say(self, **message: Any) -> None:
        with self._lock, contextlib.suppress(OSError):  # an engine that is gone shows at the other pipe
            self._sink.write(json.dumps(message).encode() + b"\n")
            self._sink.flush()

    @contextmanager
    def _log_of(self, task: dict[str, Any]) -> Iterator[None]:
        """All that is said on standard error, by libraries in C too, goes to the job's own file."""
        kept = os.dup(2)
        try:
            with contextlib.suppress(OSError), open(task["log"], "ab") as log:
                os.dup2(log.fileno(), 2)
            print(f"{_stamp()} {platform.platform()}, Python {platform.python_version()}", file=sys.stderr)
            print(f"{_stamp()} {json.dumps(task['order'])}", file=sys.stderr, flush=True)
            try:
                yield
            except BaseException:  # a stop too must leave nothing half done; it is raised again
                traceback.print_exc()
                raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)

    def _unforeseen(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """An error of the engine's own: the job is told of, and the process ends, for who knows what else is broken."""
        if not self._job:
            traceback.print_exception(kind, error, trace)
        where = f" at '{self._stage}'" if self._stage else ""
        sentence = f"The engine failed{where}: {kind.__name__}: {str(error)[:500]}. The job's log tells more."
        if self._job:
            self._say(end=self._job, state="failed", problem=sentence, field="")
        else:
            self._say(broken=sentence)


def _stamp() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


def main() -> None:
    """Keep the pipes for the engine alone: what a library prints goes to standard error."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Worker(Path(sys.argv[1]), source, sink).run()


if __name__ == "__main__":
    main()
