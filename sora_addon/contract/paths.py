"""Paths inside a folder that came from a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

from .errors import ContractError


@dataclass(frozen=True)
class InsideFolder:
    """Text that is a relative POSIX path and never leaves its folder."""

    def problem(self, value: str) -> str | None:
        if not value or value != value.strip():
            return "is not a path"
        if "\\" in value or ":" in value or value.startswith(("/", "~")) or len(value) > 512:
            return f"{value[:60]!r} is not a relative path with forward slashes"
        if any(part in ("..", ".") for part in PurePosixPath(value).parts) or any(ord(c) < 32 for c in value):
            return f"{value[:60]!r} leaves its folder"
        return None


RelativePath = Annotated[str, InsideFolder()]


def inside(folder: Path, path: str, field: str) -> Path:
    """The existing file ``path`` below ``folder``. Raises ContractError where it is missing or a link leads elsewhere."""
    problem = InsideFolder().problem(path)
    if problem:
        raise ContractError(field, problem)
    whole = folder / path
    try:
        real = whole.resolve()
    except (OSError, RuntimeError):  # a link to itself: an OSError from Python 3.13 on
        raise ContractError(field, f"{path!r} is a link that leads nowhere") from None
    if not real.is_relative_to(folder.resolve()):
        raise ContractError(field, f"{path!r} is a link that leaves its folder")
    if not real.is_file():
        raise ContractError(field, f"the file {path!r} is missing", "export the shot again")
    return whole
