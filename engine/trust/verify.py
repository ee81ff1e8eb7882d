"""``engine verify``: what a clip is, from which takes, and whether it is intact; for people, or as the reader's report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sora_addon.contract import TAKE_FILE, ContractError, read_take

from .credentials.container import FORMATS
from .credentials.read import Verdict, read_file
from .credentials.sign import LISTING
from .library import Known, find, mark_of
from .settings import Settings


@dataclass(frozen=True)
class Finding:
    """A verdict, and what the mark and the library add to it."""

    verdict: Verdict
    mark: str = ""
    """What the invisible mark carries, where it was looked for and found; hexadecimal."""
    known: tuple[Known, ...] = ()

    @property
    def state(self) -> str:
        """``stripped`` where the credentials are gone and the mark is there; else the verdict's."""
        return "stripped" if self.verdict.state == "unsigned" and self.mark else self.verdict.state

    @property
    def codes(self) -> tuple[str, ...]:
        return ("manifest.stripped",) if self.state == "stripped" else self.verdict.codes


def verify(paths: Iterable[Path], settings: Settings, look_for_mark: bool = True) -> list[Finding]:
    """A finding for every file; a take's folder stands for all that is signed in it. Raises ContractError, OSError."""
    return [_finding(path, settings, look_for_mark) for path in files_of(paths)]


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files that are looked at. Raises ContractError for what is not there."""
    found: list[Path] = []
    for path in paths:
        if (path / TAKE_FILE).is_file():
            take = read_take(path)
            found += [path / name for name in (take.files.clip, take.files.sound, *take.files.stems.values())]
            if take.files.frames is not None:
                found.append(path / take.files.frames / LISTING)
        elif path.is_dir() and (any(path.glob("*.exr")) or (path / LISTING).is_file()):
            found.append(path / LISTING)
        elif path.is_dir():
            inside = sorted(item for item in path.iterdir() if item.suffix.lower() in FORMATS and item.is_file())
            if not inside:
                raise ContractError(
                    str(path), "holds nothing that can be signed", "give a take, or mp4, wav or png files"
                )
            found += inside
        elif path.is_file() or path.name == LISTING:
            found.append(path)
        else:
            raise ContractError(str(path), "is not there", "give a file or a take's folder")
    return found


def as_json(finding: Finding) -> dict[str, Any]:
    """The reader's report with what is added to it, in plain values."""
    verdict = finding.verdict
    return {
        "file": verdict.file,
        "state": finding.state,
        "codes": list(finding.codes),
        "trust": verdict.trust,
        "signer": verdict.signer,
        "take": verdict.facts,
        "ingredients": list(verdict.ingredients),
        "mark": finding.mark,
        "library": [
            {"take": known.take, "folder": str(known.folder), "made": known.made, "there": known.there}
            for known in finding.known
        ],
        "report": verdict.report,
    }


def _finding(path: Path, settings: Settings, look_for_mark: bool) -> Finding:
    verdict = read_file(path, settings)
    if verdict.state == "unsigned" and look_for_mark:
        from .mark.read import read_mark

        mark = read_mark(path) or ""
        return Finding(verdict, mark, tuple(find(mark)) if mark else ())
    identity = verdict.facts.get("take", "")
    known = tuple(find(identity)) if isinstance(identity, str) and identity else ()
    return Finding(verdict, mark_of(identity) if identity and verdict.intact else "", known)
