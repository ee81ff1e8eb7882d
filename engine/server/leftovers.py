"""What dead processes leave beside a folder that they were making, and how it goes away."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
from pathlib import Path

from .processes import process

LOG = logging.getLogger(__name__)


def sweep(target: Path, dead: int | None = None) -> None:
    """Remove ``NAME.PROCESS.partial`` and ``NAME.PROCESS.scratch.*`` beside ``target`` of processes that are gone.

    ``dead`` is the number of one that is known to be, although another may have it by now. What cannot be removed is
    left and logged.
    """
    pattern = re.compile(re.escape(target.name) + r"\.(\d{1,10})\.(?:partial|scratch\..*)")
    with contextlib.suppress(OSError):
        for path in list(target.parent.iterdir()):
            match = pattern.fullmatch(path.name)
            if match is not None and (int(match[1]) == dead or not process(int(match[1])).start):
                _remove(path)


def put_aside(folder: Path) -> Path:
    """Give a damaged folder another name; that name. Raises OSError."""
    for number in range(1, 10_000):
        aside = folder.with_name(f"{folder.name}.damaged-{number}")
        if not os.path.lexists(aside):
            os.rename(folder, aside)
            return aside
    raise FileExistsError(f"{folder} was put aside too often")


def forget_files(home: Path, job: str) -> None:
    """Remove a job's logs and previews."""
    for folder in (home / "logs", home / "previews"):
        with contextlib.suppress(OSError):
            for path in list(folder.iterdir()):
                if path.name.startswith(job):
                    path.unlink(missing_ok=True)


def sweep_previews(home: Path) -> None:
    """Remove previews that dead processes did not finish."""
    with contextlib.suppress(OSError):
        for path in list((home / "previews").glob("*.partial")):
            number = path.name.split(".")[-2]
            if number.isdigit() and not process(int(number)).start:
                path.unlink(missing_ok=True)


def _remove(path: Path) -> None:
    try:
        shutil.rmtree(path)
    except OSError as error:
        LOG.warning("%s could not be removed: %s", path, error)
