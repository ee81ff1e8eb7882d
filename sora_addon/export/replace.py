"""Folders that take the place of earlier ones, which stay until the new ones are whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..contract import ContractError, whole_folder


def check_replaceable(target: Path, document: str) -> None:
    """Refuse to replace what is not a result of ours. Raises ContractError."""
    if target.exists() and not (target / document).is_file():
        raise ContractError(str(target), f"holds no {document} and is not replaced", "choose another folder")


@contextmanager
def replacing_folder(target: Path, overwrite: bool, document: str) -> Iterator[Path]:
    """As ``whole_folder``; with ``overwrite`` an earlier folder that holds ``document`` is replaced at the end."""
    if not (overwrite and target.exists()):
        with whole_folder(target) as folder:
            yield folder
        return
    check_replaceable(target, document)
    fresh = fresh_name(target)
    with whole_folder(fresh) as folder:
        yield folder
    put_in_place(fresh, target)


def fresh_name(target: Path) -> Path:
    """Where the new folder lies until it takes the old one's place."""
    return target.with_name(f"{target.name}.{os.getpid()}.new")


def put_in_place(fresh: Path, target: Path) -> None:
    """Let ``fresh`` take the name ``target``, whose earlier folder goes once that is done."""
    aside = target.with_name(f"{target.name}.{os.getpid()}.old")
    os.replace(target, aside)
    os.replace(fresh, target)
    shutil.rmtree(aside)


def remove_partial(target: Path, process: int) -> None:
    """Remove what ``process`` had written of ``target`` when it was killed; one that ends by itself has done so."""
    for name in (target.name, f"{target.name}.{process}.new"):
        shutil.rmtree(target.with_name(f"{name}.{process}.partial"), ignore_errors=True)
