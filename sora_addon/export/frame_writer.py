"""Frames to disk while the next are drawn: zlib and the disk leave Python's lock alone, so threads suffice."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import numpy as np

from ..contract import Pass, pass_file
from .exr import write_exr
from .gbuffer import Arrays

TYPES = {"float": np.float32, "half": np.float16, "uint": np.uint32}
WRITERS = 2
WAITING = 4
"""Frames that may wait: more would fill the memory where the disk is slow."""


class FrameWriter:
    """Writes the passes of frames below ``folder``. Leaving the ``with`` block waits for all, or drops what waits."""

    def __init__(self, folder: Path, layers: tuple[Pass, ...]) -> None:
        self._folder = folder
        self._layers = layers
        self._threads = ThreadPoolExecutor(WRITERS, thread_name_prefix="sora writes")
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> FrameWriter:
        (self._folder / pass_file(0)).parent.mkdir(exist_ok=True)
        return self

    def write(self, frame: int, arrays: Arrays) -> None:
        """Take a frame's passes; waits while too many are waiting. Raises OSError where an earlier one failed."""
        while len(self._waiting) >= WAITING:
            self._waiting.popleft().result()
        path = self._folder / pass_file(frame)
        self._waiting.append(self._threads.submit(self._write, path, arrays))

    def _write(self, path: Path, arrays: Arrays) -> None:
        typed = {
            channel: np.asarray(arrays[channel], TYPES[layer.type])
            for layer in self._layers
            for channel in layer.channels
        }
        write_exr(path, typed)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=kind is not None)
        if kind is None:
            for written in self._waiting:
                written.result()
