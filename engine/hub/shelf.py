"""The folder of models: what stands there whole, what is half fetched, and folders elsewhere that are used instead.

HOME/wan_vace/                    a model, whole; sora-model.json in it is its record
HOME/wan_vace.partial/            one on its way
HOME/wan_vace.folder.json         a folder elsewhere that is used in its place; never changed, never removed
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from sora_addon.contract import ContractError, decode, encode, parse
from sora_addon.contract.codec import Bound, Length
from sora_addon.contract.paths import RelativePath

from ..backends.diffusing.folder import SAFE, check_safe, check_weights, look_over
from .catalogue import Model

RECORD = "sora-model.json"
PARTIAL, ELSEWHERE = ".partial", ".folder.json"
LARGEST = 16 << 20


@dataclass(frozen=True)
class Kept:
    """A file of a model: ``sha256`` as it was checked when it came."""

    path: RelativePath
    size: Annotated[int, Bound(low=0)]
    sha256: Annotated[str, Length(64, 64)]


@dataclass(frozen=True)
class Record:
    """What a model's folder is: where it came from, at which commit, and every file."""

    format: Literal["sora-model"]
    version: int
    name: str
    repo: str
    revision: Annotated[str, Length(1, 64)]
    """The commit; another fetch of the same model with it gives the same files."""
    got: str
    """UTC, ISO 8601."""
    files: list[Kept]


@dataclass(frozen=True)
class Elsewhere:
    """A folder that is used in a model's place."""

    folder: Annotated[str, Length(1, 4096)]


@dataclass(frozen=True)
class Standing:
    """How a model stands here."""

    state: Literal["absent", "partial", "whole", "used", "broken"]
    """``used``: a folder elsewhere is."""
    folder: str = ""
    bytes: int = 0
    """On disk."""
    revision: str = ""
    problem: str = ""
    """What is wrong with it, and what to do."""


def standing(home: Path, model: Model) -> Standing:
    """How a model stands in ``home``, without reading its weights."""
    elsewhere = home / f"{model.name}{ELSEWHERE}"
    if elsewhere.is_file():
        folder = Path(decode(Elsewhere, _json(elsewhere)).folder)
        return _used(folder, model)
    folder = home / model.name
    if folder.is_dir():
        try:
            look_at(folder, model)
            found = read_record(folder) if (folder / RECORD).is_file() else None
        except ContractError as error:
            return Standing("broken", str(folder), size_of(folder), problem=str(error))
        return Standing("whole", str(folder), size_of(folder), found.revision if found else "")
    partial = home / f"{model.name}{PARTIAL}"
    if partial.is_dir():
        return Standing("partial", str(partial), size_of(partial))
    return Standing("absent", str(folder))


def _used(folder: Path, model: Model) -> Standing:
    try:
        look_at(folder, model)
    except ContractError as error:
        return Standing("broken", str(folder), problem=str(error))
    return Standing("used", str(folder), size_of(folder))


def look_at(folder: Path, model: Model) -> None:
    """Raises ContractError naming what is missing, cut off, or not to be opened: a pickle by its name."""
    if model.kinds:
        look_over(folder, model.kinds)
        return
    if not folder.is_dir():
        raise ContractError(str(folder), "is not a folder", f"choose the folder that holds the {SAFE}")
    check_safe(folder)
    weights = sorted(folder.glob(f"*{SAFE}"))
    if not weights:
        raise ContractError(str(folder), f"holds no {SAFE}", "choose another folder")
    for path in weights:
        check_weights(path)


def use(home: Path, model: Model, folder: Path) -> Standing:
    """Use a folder that is there already. Raises ContractError naming what is wrong with it, a pickle by its name."""
    if not folder.is_absolute():
        raise ContractError("folder", f"{str(folder)[:200]!r} is not an absolute path", "choose it anew")
    look_at(folder, model)
    home.mkdir(parents=True, exist_ok=True)
    _write(home / f"{model.name}{ELSEWHERE}", encode(Elsewhere(str(folder))))
    return _used(folder, model)


def remove(home: Path, model: Model) -> Standing:
    """Take a model away: a folder elsewhere is only not used any more, what was fetched is deleted. Raises OSError."""
    elsewhere = home / f"{model.name}{ELSEWHERE}"
    if elsewhere.is_file():
        elsewhere.unlink()
        return standing(home, model)
    folder = home / model.name
    if folder.is_dir() and not (folder / RECORD).is_file():
        raise ContractError(str(folder), "was not fetched by this add-on", "remove it by hand, if you are sure of it")
    for path in (folder, home / f"{model.name}{PARTIAL}"):
        if path.is_dir():
            shutil.rmtree(path)
    return standing(home, model)


def read_record(folder: Path) -> Record:
    """What a fetched folder says of itself. Raises ContractError."""
    return decode(Record, _json(folder / RECORD))


def write_record(folder: Path, record: Record) -> None:
    """Beside and renamed."""
    _write(folder / RECORD, encode(record))


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _json(path: Path) -> object:
    if path.stat().st_size > LARGEST:
        raise ContractError(path.name, f"has more than {LARGEST} bytes")
    return parse(path.read_bytes(), path.name)


def _write(path: Path, value: object) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(partial, path)
