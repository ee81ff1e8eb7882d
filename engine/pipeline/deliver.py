"""The one way out of the engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sora_addon.contract import TAKE_FILE, ContractError, read_take, whole_folder


@contextmanager
def deliver(out: Path) -> Iterator[Path]:
    """A folder to fill; when the block ends well it is looked over and appears as ``out``, else nothing is left.

    Raises ContractError where ``out`` exists, or the folder is not exactly what its take.json says.
    """
    with whole_folder(out) as folder:
        yield folder
        take = read_take(folder)
        named = {TAKE_FILE, take.files.clip, take.files.sound, take.files.report, *take.files.stems.values()}
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        if take.files.frames is not None:
            found = {name for name in found if not name.startswith(f"{take.files.frames}/")}
        strangers = sorted(found - named)
        if strangers:
            raise ContractError(strangers[0], "is no file of the take", "report this as a fault of the engine")
        # A folder that has its name and not its bytes is what a power cut would leave.
        for path in folder.rglob("*"):
            if path.is_file():
                with path.open("r+b") as file:
                    os.fsync(file.fileno())
