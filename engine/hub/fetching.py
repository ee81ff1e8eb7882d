"""A model from the hub, by its own client: file by file, each checked, gone on with where it stopped, whole at the end."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from huggingface_hub import get_hf_file_metadata, hf_hub_url
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import build_hf_headers, disable_progress_bars

from sora_addon.contract import ContractError
from sora_addon.contract.paths import inside

from .asking import Listed, Plan, hub_token, named_faults
from .catalogue import Model
from .shelf import PARTIAL, Kept, Record, Standing, look_at, read_record, standing, write_record

Told = Callable[[str, int, int], None]
"""stage (fetch, check), bytes done, bytes in all; may raise to end the work."""

Came = Callable[[str, int], None]
"""stage, and bytes of the file at hand."""

ROOM = 1 << 30
"""Bytes that stay free on the disk."""
UNDER_WAY = ".part"
BLOCK = 1 << 20


def fetch(home: Path, plan: Plan, told: Told) -> Standing:
    """Fetch what is planned into ``home``; what was fetched before and is whole is not fetched again.

    What stops it, a cancel included, leaves what has come for the next try. Raises ContractError, and what ``told`` raises.
    """
    model = plan.model
    target, partial = home / model.name, home / f"{model.name}{PARTIAL}"
    if target.exists():
        raise ContractError(str(target), "exists already", "remove it first, to fetch it again")
    partial.mkdir(parents=True, exist_ok=True)
    _drop_strangers(partial, plan)
    missing = sum(file.size - _have(partial, file) for file in plan.files)
    free = shutil.disk_usage(home).free
    if free < missing + ROOM:
        raise ContractError(
            str(home),
            f"has {free / 1e9:.1f} GB free, {(missing + ROOM) / 1e9:.1f} GB are needed",
            "make room, or choose a folder on another disk",
        )
    disable_progress_bars()
    kept: list[Kept] = []
    done = 0
    for file in plan.files:

        def came(stage: str, bytes_: int, before: int = done) -> None:
            told(stage, before + bytes_, plan.bytes)

        kept.append(Kept(file.path, file.size, _bring(plan, file, partial / file.path, came)))
        done += file.size
    look_at(partial, model)
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    write_record(partial, Record("sora-model", 1, model.name, model.repo, plan.revision, stamp, kept))
    os.replace(partial, target)
    return standing(home, model)


def verify(home: Path, model: Model, told: Told) -> Standing:
    """Read every file of a model that was fetched, against the checksums that it came with. Raises ContractError."""
    folder = home / model.name
    record = read_record(folder)
    total = sum(file.size for file in record.files)
    done = 0
    for file in record.files:
        path = inside(folder, file.path, file.path)
        if path.stat().st_size != file.size:
            raise ContractError(
                str(path),
                f"has {path.stat().st_size} bytes, {file.size} belong there",
                "remove the model, get it again",
            )

        def look(read: int, before: int = done) -> None:
            told("check", before + read, total)

        if _sha256(path, look) != file.sha256:
            raise ContractError(str(path), "is not the file that came", "remove the model, and get it again")
        done += file.size
    look_at(folder, model)
    return standing(home, model)


def _bring(plan: Plan, file: Listed, path: Path, came: Came) -> str:
    """See to it that the file is there as the hub has listed it; its SHA-256. Raises ContractError where it will not be."""
    if path.is_file():
        digest = _right(file, path, came)
        if digest:
            return digest
        path.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    resumed = True
    while resumed:  # what an earlier try left may be of another commit
        resumed = _fetch_file(plan, file, path, came)
        digest = _right(file, path, came)
        if digest:
            return digest
        path.unlink()
    raise ContractError("hub", f"gave another {file.path} than it has listed, so it was refused", "try again")


def _fetch_file(plan: Plan, file: Listed, path: Path, came: Came) -> bool:
    """Whether it went on, at the byte, where an earlier try had stopped."""
    under_way = path.with_name(path.name + UNDER_WAY)
    with named_faults(plan.model):
        token = hub_token()
        url = hf_hub_url(plan.model.repo, file.path, revision=plan.revision)
        headers = build_hf_headers(token=token)
        found = get_hf_file_metadata(url, token=token)
        if found.commit_hash not in (None, plan.revision):
            raise ContractError("hub", f"gives {file.path} of another commit", "try again")
        if urlsplit(found.location).netloc != urlsplit(url).netloc:
            headers.pop("authorization", None)  # storage of others is not told who asks
        under_way.touch()
        with under_way.open("r+b") as store:
            resumed = store.seek(0, os.SEEK_END)
            if resumed >= file.size:
                store.truncate(0)
                resumed = store.seek(0)
            counted = _Counted(store, resumed, lambda at: came("fetch", at))
            http_get(found.location, counted, resume_size=resumed, headers=headers, expected_size=file.size)  # type: ignore[arg-type]
    os.replace(under_way, path)
    return resumed > 0


class _Counted:
    """A file that tells how much of it is written; as much of a file as the hub's client uses."""

    def __init__(self, store: BinaryIO, start: int, came: Callable[[int], None]) -> None:
        self._store = store
        self._at = start
        self._came = came

    def write(self, data: bytes) -> int:
        written = self._store.write(data)
        self._at += written
        self._came(self._at)
        return written

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = self._store.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        return self._store.tell()

    def truncate(self, size: int | None = None) -> int:
        return self._store.truncate(size)

    def flush(self) -> None:
        self._store.flush()


def _right(file: Listed, path: Path, came: Came) -> str:
    """The SHA-256 of a file that is the one that the hub has listed; '' of another."""
    if path.stat().st_size != file.size:
        return ""
    sha256 = _sha256(path, lambda read: came("check", read))
    right = sha256 == file.sha256 if file.sha256 else _git_sha1(path) == file.git
    return sha256 if right else ""


def _sha256(path: Path, look: Callable[[int], None]) -> str:
    digest, read = hashlib.sha256(), 0
    with path.open("rb") as opened:
        while block := opened.read(BLOCK):
            digest.update(block)
            read += len(block)
            look(read)
    return digest.hexdigest()


def _git_sha1(path: Path) -> str:
    """As git names a blob."""
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _have(partial: Path, file: Listed) -> int:
    """Bytes of it that are here."""
    path = partial / file.path
    for place in (path, path.with_name(path.name + UNDER_WAY)):
        if place.is_file():
            return min(place.stat().st_size, file.size)
    return 0


def _drop_strangers(partial: Path, plan: Plan) -> None:
    """Remove what an earlier try left and this plan does not name."""
    names = {file.path for file in plan.files}
    for path in sorted(partial.rglob("*")):
        if path.is_file() and path.relative_to(partial).as_posix().removesuffix(UNDER_WAY) not in names:
            path.unlink()
