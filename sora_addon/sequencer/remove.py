"""A take out of the timeline and off the disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from .. import compat
from ..contract import TAKE_FILE, read_take
from .compare import end_compare
from .errors import SequencerError
from .takes import TAKE, let_play, shot_metas, strips_by_take


def remove_strips(scene: Any, take: str) -> None:
    """Take the strips of a take out of the timeline; where it played, the one that was laid last plays."""
    end_compare(scene)
    for meta in list(shot_metas(scene)):
        strips = strips_by_take(meta).get(take)
        if not strips:
            continue
        rest = [other for other in strips_by_take(meta) if other != take]
        if meta.get(TAKE) == take and rest:
            let_play(meta, rest[-1])
        collection = compat.strips_of(meta)
        for strip in strips:
            collection.remove(strip)
        if not rest:
            _remove_meta(scene.sequence_editor, meta)


def _remove_meta(owner: Any, meta: Any) -> bool:
    collection = compat.strips_of(owner)
    for strip in list(collection):
        if strip == meta:
            collection.remove(strip)
            return True
        if strip.type == "META" and _remove_meta(strip, meta):
            return True
    return False


def forget_record(scene: Any, take: str) -> str:
    """Take a take off the scene's list; the folder that it named, as it was kept."""
    for i, record in enumerate(scene.sora.takes):
        if record.take == take:
            folder = record.folder
            scene.sora.takes.remove(i)
            return folder
    return ""


def remove_folder(folder: Path, take: str) -> None:
    """Remove the folder of a take, which must hold that one. Raises SequencerError and ContractError."""
    if not (folder / TAKE_FILE).is_file():
        raise SequencerError(f"{folder} holds no {TAKE_FILE} and is left alone")
    found = read_take(folder)
    if found.id != take:
        raise SequencerError(f"{folder} holds the take {found.id}, not {take}, and is left alone")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise SequencerError(f"{folder} cannot be removed whole ({error.strerror})") from error
