"""Shot and take folders on disk: whole or absent, never half.

A writer fills ``NAME.partial`` beside the final place and renames it when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from .codec import LARGEST_DOCUMENT, decode, encode, parse
from .errors import ContractError
from .passes import pass_file
from .paths import inside
from .shot import OLDEST_SHOT, SHOT_FORMAT, SHOT_VERSION, Shot
from .take import OLDEST_TAKE, REPORT_FORMAT, TAKE_FORMAT, TAKE_VERSION, Report, Take

SHOT_FILE = "shot.json"
TAKE_FILE = "take.json"

T = TypeVar("T", Shot, Take, Report)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A fresh folder to fill; it takes the name ``target`` when the block ends well, and is gone when it does not.

    Raises ContractError where ``target`` exists already.
    """
    if target.exists():
        raise ContractError(str(target), "exists already", "choose another folder or remove it")
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial.mkdir()
    try:
        yield partial
        os.replace(partial, target)
    except BaseException:  # a stop too must leave nothing half done; it is raised again
        shutil.rmtree(partial, ignore_errors=True)
        raise


def write_document(path: Path, value: Any) -> None:
    """Write a dataclass of the contract as JSON, beside and renamed, after checking that it reads back."""
    data = encode(value)
    decode(type(value), data)
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False, indent=1, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def read_shot(folder: Path, passes: bool = True) -> Shot:
    """The shot in ``folder``; with ``passes``, the EXR of every frame must be there. Raises ContractError."""
    shot = _read(folder, SHOT_FILE, Shot, SHOT_FORMAT, SHOT_VERSION, OLDEST_SHOT)
    if passes:
        for frame in range(shot.time.first, shot.time.last + 1):
            inside(folder, pass_file(frame), "passes")
    for i, reference in enumerate(shot.references):
        inside(folder, reference.path, f"references[{i}].path")
        if reference.consent is not None:
            inside(folder, reference.consent, f"references[{i}].consent")
    return shot


def read_take(folder: Path) -> Take:
    """The take in ``folder``; every file that it names must be there. Raises ContractError."""
    take = _read(folder, TAKE_FILE, Take, TAKE_FORMAT, TAKE_VERSION, OLDEST_TAKE)
    for name in ("clip", "sound", "report"):
        inside(folder, getattr(take.files, name), f"files.{name}")
    for name, path in take.files.stems.items():
        inside(folder, path, f"files.stems.{name}")
    return take


def read_report(folder: Path, take: Take) -> Report:
    """The report of ``take``, which lies in ``folder``. Raises ContractError."""
    return _read(folder, take.files.report, Report, REPORT_FORMAT, TAKE_VERSION, OLDEST_TAKE)


def shot_digest(folder: Path, shot: Shot) -> str:
    """SHA-256 over shot.json and, in order, every frame's passes; hexadecimal."""
    digest = hashlib.sha256((folder / SHOT_FILE).read_bytes())
    for frame in range(shot.time.first, shot.time.last + 1):
        path = folder / pass_file(frame)
        if path.is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _read(folder: Path, name: str, cls: type[T], format_name: str, version: int, oldest: int | None = None) -> T:
    if not folder.is_dir():
        raise ContractError(str(folder), "is not a folder")
    path = inside(folder, name, name)
    if path.stat().st_size > LARGEST_DOCUMENT:
        raise ContractError(name, f"has more than the {LARGEST_DOCUMENT} bytes that are read")
    data = parse(path.read_bytes(), name)
    if not isinstance(data, dict):
        raise ContractError(name, "does not hold a JSON object")
    if data.get("format") != format_name:
        raise ContractError("format", f"is not {format_name!r}", f"give a folder that holds a {name}")
    found = data.get("version")
    if isinstance(found, bool) or not isinstance(found, int):
        raise ContractError("version", "is missing or not a whole number")
    if found > version:
        raise ContractError("version", f"is {found}, this engine reads {version}", "update the engine")
    if found < (version if oldest is None else oldest):
        raise ContractError("version", f"is {found}, this engine reads {version}", "export the shot again")
    return decode(cls, data)
