"""The header of a WAV file, checked against the bytes that are there.

Layout: Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0, 1991, and its WAVEFORMATEX
revisions. Python's ``wave`` refuses float samples, which takes may have, and trusts the header's length.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from .errors import SequencerError


@dataclass(frozen=True)
class WavInfo:
    """What a WAV file holds. ``samples`` counts them on one channel."""

    rate: int
    channels: int
    samples: int


def read_wav(path: Path) -> WavInfo:
    """The header of ``path``. Raises SequencerError where it is no WAV file or ends before its samples do."""
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
            raise SequencerError(f"{path.name} is not a WAV file; make the take again")
        layout: tuple[int, int, int] | None = None
        while len(chunk := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", chunk)
            if name == b"fmt ":
                fields = file.read(size)
                if len(fields) < 16:
                    break
                _, channels, rate, _, block, _ = struct.unpack("<HHIIHH", fields[:16])
                layout = (rate, channels, block)
            elif name == b"data":
                if layout is None or not layout[2]:
                    break
                rate, channels, block = layout
                there = path.stat().st_size - file.tell()
                if there < size:
                    raise SequencerError(f"{path.name} ends {size - there} bytes early; make the take again")
                return WavInfo(rate=rate, channels=channels, samples=size // block)
            else:
                file.seek(size, 1)
            if size % 2:
                file.seek(1, 1)
    raise SequencerError(f"{path.name} has no samples that can be read; make the take again")
