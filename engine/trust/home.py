"""Where trust keeps what outlives a job: the local authority, the library of takes, the audit log, the settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

VARIABLE = "SORA_TRUST_HOME"
"""Names another folder: for tests, and for studios whose machines share one."""


def trust_home() -> Path:
    """The folder, made with owner-only permissions where it is missing. Raises OSError."""
    named = os.environ.get(VARIABLE)
    folder = Path(named) if named else _data() / "sora-blender" / "trust"
    own_folder(folder)
    return folder


def own_folder(folder: Path) -> None:
    """Make a folder that its owner alone may enter. On Windows the user's profile is that already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_own(path: Path, data: bytes) -> None:
    """Write a file that its owner alone may read, beside and renamed; there is no moment at which others could."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def append_own(path: Path, line: bytes) -> None:
    """Append a line to a file that its owner alone may read: one write, so that processes do not mix theirs."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)


def _data() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
