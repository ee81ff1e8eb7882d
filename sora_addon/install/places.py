"""What is installed in a folder, as its files say it. Quick: nothing is started here.

ROOT/engine-0.1.0-py311-0123456789ab/       an environment: packages only, never our code
ROOT/engine-0.1.0-py311-0123456789ab.json   its record; an environment without one does not count
ROOT/wheels/                                what was downloaded, until the environment is whole
ROOT/install.log
"""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Literal, get_args

from .edition import CannotInstall, Edition, this_edition
from .owner import is_owned

Stage = Literal["making", "downloading", "installing", "checking", "whole", "broken", "removing"]
PREFIX = "engine-"
FORMAT = 1


@dataclass(frozen=True)
class Record:
    """How far an environment is. Written before each stage begins, so that what died in it is known."""

    name: str
    edition: str
    digest: str
    parts: list[str]
    machine: str
    python: str
    """The Python that it was made from."""
    python_version: str
    stage: Stage
    packages: list[list[str]] = field(default_factory=list)
    """Name, version and wheel of each package."""
    problem: str = ""
    """Why it stopped or is broken; a sentence."""
    format: int = FORMAT


@dataclass(frozen=True)
class State:
    """What an artist is told of a folder.

    ``kind``: ``absent``; ``working`` (this or another Blender installs); ``stopped`` (cancelled, failed or died half-way:
    it can be resumed); ``whole``; ``broken`` (it can be repaired); ``older`` (only another version's is there).
    """

    kind: Literal["absent", "working", "stopped", "whole", "broken", "older"]
    record: Record | None = None
    older: tuple[str, ...] = ()
    """Environments of other versions or other locks that are still there."""


def machine() -> str:
    """'linux-x86_64': environments on a shared disk are told apart by it."""
    return f"{sys.platform}-{platform.machine().lower()}"


def python_in(environment: Path) -> Path:
    """The Python inside an environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def write_record(root: Path, record: Record) -> Record:
    """Write a record beside its place and rename it. Raises OSError."""
    target = root / f"{record.name}.json"
    partial = root / f"{record.name}.{os.getpid()}.partial"
    try:
        with partial.open("w", encoding="utf-8") as file:
            json.dump(asdict(record), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return record


def records(root: Path) -> list[Record]:
    """Every record of this kind of machine in a folder; what cannot be read is an environment that is broken."""
    found = [read_record(path) for path in sorted(root.glob(f"{PREFIX}*.json"))] if root.is_dir() else []
    return [record for record in found if record.machine == machine()]


def read_record(path: Path) -> Record:
    """The record in a file; a torn one is told as broken, by its name."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        known = {item.name for item in fields(Record)}
        record = Record(**{name: value for name, value in data.items() if name in known})
        if record.stage in get_args(Stage) and record.name == path.stem:
            return record
        problem = f"{path.name} does not say how far the install is."
    except (OSError, ValueError, TypeError, AttributeError) as error:
        problem = f"{path.name} cannot be read ({error})."
    return Record(path.stem, "", "", [], machine(), "", "", "broken", problem=problem)


def state(root: Path, edition: Edition | None = None) -> State:
    """What is installed in ``root`` for ``edition``, by default this add-on's. Raises CannotInstall."""
    edition = edition or this_edition()
    mine = [record for record in records(root) if _is_of(record, edition)]
    older = tuple(record.name for record in records(root) if record not in mine)
    torn = [record for record in records(root) if not record.edition and edition.version in record.name]
    best = min(mine or torn, key=_order, default=None)
    if is_owned(root):
        return State("working", best, older)
    if best is None:
        return State("older" if older else "absent", None, older)
    if best.stage == "whole":
        if python_in(root / best.name).is_file():
            return State("whole", best, older)
        return State("broken", replace(best, problem=f"The engine's Python is gone from {root / best.name}."), older)
    return State("broken" if best.stage in ("broken", "removing") else "stopped", best, older)


def installed_engine(root: Path, edition: Edition | None = None) -> Path | None:
    """The Python of a whole environment for this version in ``root``; None where there is none."""
    try:
        edition = edition or this_edition()
        for record in sorted(records(root), key=_order):
            python = python_in(root / record.name)
            if record.stage == "whole" and _is_of(record, edition) and python.is_file():
                return python
    except CannotInstall:
        return None
    return None


_chosen: list[Path] = []


def choose_root(root: Path | None) -> None:
    """Say where this process looks for the engine; Blender's side does when the add-on starts."""
    _chosen[:] = [] if root is None else [root]


def chosen_engine() -> Path | None:
    """``installed_engine`` of the folder that was chosen."""
    return installed_engine(_chosen[0]) if _chosen else None


def _is_of(record: Record, edition: Edition) -> bool:
    known = record.edition == edition.version and bool(record.parts) and set(record.parts) <= set(edition.locks)
    return known and record.digest == edition.digest(record.parts)


def _order(record: Record) -> tuple[bool, int, str]:
    """Whole ones first, then those with more parts."""
    return record.stage != "whole", -len(record.parts), record.name
