"""The takes that this machine has delivered, so that a mark or a parent's id leads back to its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sora_addon.contract import TAKE_FILE, ContractError, read_take

from .home import append_own, trust_home

FILE = "library.jsonl"
MARK_DIGITS = 12
"""Hexadecimal digits of a take's id that its mark carries: 48 bits, all of them random in a UUID of version 4."""


@dataclass(frozen=True)
class Known:
    """A take and where it was delivered to. ``there``: its take.json still stands there and is of that take."""

    take: str
    folder: Path
    made: str
    there: bool


def mark_of(take: str) -> str:
    """What the mark of a take carries, hexadecimal."""
    return take.replace("-", "")[:MARK_DIGITS].lower()


def remember(take: str, folder: Path, made: str) -> None:
    """Note a delivered take. Raises OSError."""
    line = {"take": take, "folder": str(folder.resolve()), "made": made}
    append_own(trust_home() / FILE, json.dumps(line).encode() + b"\n")


def find(mark_or_id: str) -> list[Known]:
    """Takes of that id, or whose mark that is; those noted last come first, and each place once."""
    wanted = mark_or_id.replace("-", "").lower()
    try:
        lines = (trust_home() / FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    found: dict[tuple[str, str], Known] = {}
    for line in reversed(lines):
        try:
            row = json.loads(line)
            take, folder, made = row["take"], Path(row["folder"]), row["made"]
        except (ValueError, KeyError, TypeError):  # a line that a power cut tore
            continue
        if take.replace("-", "").startswith(wanted) and (take, str(folder)) not in found:
            found[take, str(folder)] = Known(take, folder, made, _stands(folder, take))
    return list(found.values())


def _stands(folder: Path, take: str) -> bool:
    if not (folder / TAKE_FILE).is_file():
        return False
    try:
        return read_take(folder).id == take
    except (ContractError, OSError):
        return False
