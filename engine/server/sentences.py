"""What went wrong on a disk, in words."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

FULL = 4 * 1024**2
"""Bytes; a disk with less is full for our ends."""


def standing(path: Path) -> Path:
    """``path``, or the nearest folder above it that is there."""
    return next((folder for folder in (path, *path.parents) if folder.exists()), Path(path.anchor or "."))


def free_bytes(path: Path) -> int:
    """Free on the disk that holds ``path``, which need not be there."""
    return shutil.disk_usage(standing(path)).free


def disk_sentence(error: OSError, near: Path) -> tuple[str, str]:
    """The file or folder it is about, and a sentence; ``near`` stands in where the error names none."""
    path = Path(error.filename) if isinstance(error.filename, str) and error.filename else near
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or free_bytes(near) < FULL:
        return str(near), f"The disk that holds {near} is full; free some room, then press Retry."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return str(path), f"{path} may not be written; choose another folder or change its rights, then press Retry."
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE):
        return str(path), f"{path} is not there any more; bring it back or choose another folder, then press Retry."
    if error.errno == errno.EIO:
        return str(path), f"The disk that holds {path} answers with errors; check it before it loses more."
    return str(path), f"{path}: {error.strerror or error}."
