"""Frames on disk between the backend and what reads them again: constant memory for any length."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Shot


def spool(frames: Iterable[NDArray[np.uint8]], count: int, height: int, width: int, path: Path) -> NDArray[np.uint8]:
    """(count, height, width, 3) uint8 memory map of ``frames`` at ``path``.

    Raises OSError where the disk has no room, ContractError where a backend gives another count or size than it was asked for.
    """
    if hasattr(os, "posix_fallocate"):
        # A memory map that meets a full disk ends the process; an allocation that does raises OSError.
        with path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, count * height * width * 3)
    store = np.memmap(path, np.uint8, "r+" if path.exists() else "w+", shape=(count, height, width, 3))
    given = 0
    for frame in frames:
        if given == count or frame.shape != (height, width, 3) or frame.dtype != np.uint8:
            raise ContractError(
                "frames",
                f"number {given} is {frame.dtype} {frame.shape}, {count} of uint8 {(height, width, 3)} were asked",
            )
        store[given] = frame
        given += 1
    if given != count:
        raise ContractError("frames", f"the backend gave {given}, {count} were asked")
    return store


def frames_digest(frames: NDArray[np.uint8]) -> str:
    """SHA-256 over the frames in order, as ``contract.Hashes`` defines."""
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(np.ascontiguousarray(frame).tobytes())
    return digest.hexdigest()


def samples_digest(samples: NDArray[np.float32]) -> str:
    """SHA-256 over the samples, as ``contract.Hashes`` defines."""
    return hashlib.sha256(np.ascontiguousarray(samples, "<f4").tobytes()).hexdigest()


def room_needed(shot: Shot, pictures: int = 1) -> int:
    """Bytes of disk that making a take of ``shot`` needs at most: the spools, the clip, the sound and its stems.

    ``pictures``: how many backends of a chain make one.
    """
    frame = shot.size.width * shot.size.height * 3
    return (pictures + 1) * shot.time.frames * frame + shot.time.samples * 2 * 4 * 8 + 16 * 1024**2
