"""The picture of a job under way: a small PNG, written beside and renamed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDEST = 320
"""Pixels."""
OFTEN = 0.5
"""Seconds between two pictures."""
KEPT = 2
"""The last, and the one before: Blender may be reading it."""


class Preview:
    """Called with every frame; shows some."""

    def __init__(self, folder: Path, name: str, tell: Callable[[Path], None]) -> None:
        self._folder = folder
        self._name = name
        self._tell = tell
        self._due = time.monotonic()
        self._count = 0
        self._written: list[Path] = []

    def __call__(self, number: int, frame: NDArray[np.uint8]) -> None:
        """Frame ``number``, (H, W, 3) uint8 sRGB. Backends of a chain number theirs anew: pictures are told by their count."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + OFTEN
        try:
            self._tell(self._write(frame))
        except OSError as error:  # a clip is worth more than its preview
            print(f"no preview: {error}", file=sys.stderr, flush=True)

    def _write(self, frame: NDArray[np.uint8]) -> Path:
        height, width = frame.shape[:2]
        scale = min(1.0, WIDEST / max(width, height))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        _, png = cv2.imencode(".png", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._name}-{self._count:06d}.png"
        self._count += 1
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        partial.write_bytes(png.tobytes())
        os.replace(partial, path)
        self._written.append(path)
        for old in self._written[:-KEPT]:
            old.unlink(missing_ok=True)
        del self._written[:-KEPT]
        return path
