"""What there is to install: the engine's code of this version, and the locks of its parts."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>.*?))?\s*\\$")
_HASH = re.compile(r"^\s+--hash=sha256:(?P<sha256>[0-9a-f]{64})(?: \\)?$")


class CannotInstall(RuntimeError):
    """The engine cannot be installed, checked or removed; the sentence says why and what helps."""


@dataclass(frozen=True)
class Wheel:
    """A file of the package index."""

    name: str
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True)
class Locked:
    """A package of a lock, for the machines that ``marker`` (PEP 508) is true of."""

    name: str
    version: str
    marker: str
    wheels: tuple[Wheel, ...]


@dataclass(frozen=True)
class Edition:
    """A version of the engine. ``code`` is the folder that holds ``engine``; ``locks`` are files by part."""

    version: str
    code: Path
    locks: dict[str, Path]

    @cached_property
    def parts(self) -> dict[str, tuple[Locked, ...]]:
        """The packages of every part. Raises CannotInstall where a lock cannot be read."""
        return {part: read_lock(path) for part, path in self.locks.items()}

    @cached_property
    def _digests(self) -> dict[str, bytes]:
        return {part: hashlib.sha256(_bytes(path)).digest() for part, path in self.locks.items()}

    def digest(self, parts: Iterable[str]) -> str:
        """SHA-256 over the version and the locks of ``parts``; hexadecimal. Raises CannotInstall."""
        whole = hashlib.sha256(self.version.encode())
        for part in sorted(parts):
            if part not in self.locks:
                raise CannotInstall(f"The engine has no part {part}; it has {', '.join(self.locks)}.")
            whole.update(self._digests[part])
        return whole.hexdigest()


@cache
def this_edition() -> Edition:
    """The one beside this add-on. Raises CannotInstall where the add-on's folder is not whole."""
    code = Path(__file__).resolve().parents[2]
    manifest = tomllib.loads(_bytes(code / "blender_manifest.toml").decode("utf-8"))
    locks = {part: code / "engine" / "requirements" / f"{part}.lock" for part in ("core", "model")}
    return Edition(manifest["version"], code, locks)


def read_lock(path: Path) -> tuple[Locked, ...]:
    """The packages of a file that ``python -m engine.requirements`` wrote. Raises CannotInstall."""
    packages: list[Locked] = []
    files: list[tuple[str, int]] = []
    hashes: list[str] = []
    pin: re.Match[str] | None = None
    for number, line in enumerate([*_bytes(path).decode("utf-8").splitlines(), "#: end 0"], start=1):
        if found := _HASH.match(line):
            hashes.append(found["sha256"])
            continue
        if pin is not None:
            if not hashes or len(files) != len(hashes):
                raise CannotInstall(f"{path} names {len(files)} wheels for the {len(hashes)} hashes of {pin['name']}.")
            wheels = tuple(Wheel(*file, sha256) for file, sha256 in zip(files, hashes, strict=True))
            packages.append(Locked(pin["name"], pin["version"], pin["marker"] or "", wheels))
            pin, files, hashes = None, [], []
        if line.startswith("#: "):
            name, _, size = line[3:].rpartition(" ")
            files.append((name, int(size)))
        elif line.startswith("#") or not line.strip():
            continue
        elif (pin := _PIN.match(line)) is None:
            raise CannotInstall(f"{path} cannot be read in line {number}; install the add-on again.")
    return tuple(packages)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotInstall(f"{path} cannot be read ({error.strerror}); install the add-on again.") from error
