"""A copy of the scene as it stands in the artist's Blender, unsaved changes included, for another Blender to open.

It lies beside the original, so that every relative path holds, and under a name that tells whose it is: one that its
owner could not remove (a crash, a power cut) is recognised and removed by the next.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import bpy

from . import snapshot_caches

_NAME = re.compile(r"^\.(?P<stem>.+)\.sora-(?P<host>[0-9a-f]{8})-(?P<process>\d+)-[0-9a-f]{8}\.blend$")


class SnapshotFailed(RuntimeError):
    """No snapshot could be written; the sentence says why and what helps."""


@dataclass(frozen=True)
class Snapshot:
    """A saved copy. ``original`` is the artist's file, None for a scene that was never saved."""

    path: Path
    original: Path | None
    notes: tuple[str, ...] = ()

    @property
    def beside(self) -> bool:
        """Whether paths relative to the original hold for the copy."""
        return self.original is not None and self.path.parent == self.original.parent

    def remove(self) -> None:
        """Take the copy and its caches away; whatever is gone already does not matter."""
        remove_files(self.path)


def take_snapshot() -> Snapshot:
    """Save the open scene as a copy. The artist's file, its name, its undo and its 'unsaved' star stay as they are.

    Raises SnapshotFailed where neither the scene's folder nor the temporary one takes it.
    """
    original = Path(bpy.data.filepath) if bpy.data.filepath else None
    spare = Path(tempfile.gettempdir())
    if original is None:
        remove_stale(spare)
        note = "The scene was never saved: it is copied to the temporary folder, and relative paths do not hold there."
        return _save(spare / _name("untitled"), None, (note,))
    remove_stale(original.parent)
    try:
        return _save(original.parent / _name(original.stem), original, ())
    except SnapshotFailed as refused:
        remove_stale(spare)
        note = f"{refused} It is copied to {spare} instead."
        return _save(spare / _name(original.stem), original, (note,))


def _save(path: Path, original: Path | None, notes: tuple[str, ...]) -> Snapshot:
    snapshot = Snapshot(path, original, notes)
    try:
        # Paths are only rewritten where the copy lies elsewhere; compression costs more seconds than the disk it saves.
        bpy.ops.wm.save_as_mainfile(
            filepath=str(path), copy=True, compress=False, relative_remap=not snapshot.beside, check_existing=False
        )
        if not path.is_file():
            raise SnapshotFailed(f"Blender did not write a copy of the scene to {path.parent}.")
        if original is not None:
            snapshot_caches.lend(bpy.data.objects, bpy.data.scenes, original, path)
    except RuntimeError as error:
        snapshot.remove()
        reason = str(error).strip().removeprefix("Error: ").splitlines()[0]
        raise SnapshotFailed(f"No copy of the scene can be written to {path.parent} ({reason}).") from error
    except OSError as error:
        snapshot.remove()
        raise SnapshotFailed(f"The caches cannot be lent to a copy in {path.parent} ({error.strerror}).") from error
    return snapshot


def remove_files(path: Path) -> None:
    """Remove a snapshot, what Blender keeps as its earlier version, and its caches."""
    for file in (path, path.with_name(path.name + "1")):
        with contextlib.suppress(FileNotFoundError):
            file.unlink()
    snapshot_caches.take_back(path)


def stale(folder: Path) -> list[Path]:
    """Snapshots in ``folder``, or of which the caches are left, whose Blender ran on this machine and runs no more."""
    blends = set(folder.glob(".*.sora-*.blend"))
    blends |= {snapshot_caches.owner(place) for place in folder.glob("blendcache_.*.sora-*")}
    return sorted(path for path in blends if _left_behind(path.name))


def remove_stale(folder: Path) -> None:
    """Remove what an earlier Blender left behind when it was killed."""
    for path in stale(folder):
        remove_files(path)


def _left_behind(name: str) -> bool:
    found = _NAME.match(name)
    return found is not None and found["host"] == _host() and not _runs(int(found["process"]))


def _name(stem: str) -> str:
    return f".{stem}.sora-{_host()}-{os.getpid()}-{uuid.uuid4().hex[:8]}.blend"


def _host() -> str:
    """Scenes lie on shared disks: another machine's process numbers say nothing here."""
    return f"{crc32(socket.gethostname().encode()):08x}"


def _runs(process: int) -> bool:
    if sys.platform == "win32":
        return _runs_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _runs_on_windows(process: int) -> bool:
    """On Windows ``os.kill`` with signal 0 would end the process."""
    import ctypes

    query_limited_information, still_active = 0x1000, 259
    kernel: Any = ctypes.windll.kernel32  # type: ignore[attr-defined]
    handle = kernel.OpenProcess(query_limited_information, False, process)
    if not handle:
        return False
    code = ctypes.c_ulong()
    known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return bool(known) and code.value == still_active


def space_needed() -> int:
    """Bytes that a snapshot may take: the file's own size with room for what is not saved yet."""
    path = Path(bpy.data.filepath) if bpy.data.filepath else None
    saved = path.stat().st_size if path and path.is_file() else 0
    # A compressed file grows some threefold when it is written plainly.
    return 3 * saved + snapshot_caches.bytes_copied(bpy.data.objects, bpy.data.scenes, path) + 16 * 2**20


def free_space(folder: Path) -> int:
    """Bytes free where ``folder`` lies or will lie."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
