"""One installer at a time in a folder, over all Blenders; the system forgets it when its process has died, and on Linux
and macOS also all that it had started."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .edition import CannotInstall

FILE = "installing.lock"


class Busy(CannotInstall):
    """Another Blender is at work in the same folder."""


@contextmanager
def owned(root: Path) -> Iterator[int]:
    """Hold the folder, which is made where it is missing; the file that holds it. Raises Busy, CannotInstall."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        file = os.open(root / FILE, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CannotInstall(
            f"The folder {root} cannot be written to ({error.strerror}); choose another in the preferences."
        ) from error
    try:
        if not _take(file):
            raise Busy(f"Another Blender is installing in {root}; wait for it, or cancel it there.")
        yield file
    finally:
        os.close(file)


def is_owned(root: Path) -> bool:
    """Whether somebody, this process too, holds the folder."""
    try:
        file = os.open(root / FILE, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _take(file)
    finally:
        os.close(file)


def _take(file: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
