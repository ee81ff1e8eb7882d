"""Whether a take folder stands whole. Imports what reads media: for the worker alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sora_addon.contract import ContractError, Take, read_report, read_shot, read_take
from sora_addon.contract.messages import Order
from sora_addon.contract.paths import inside

from ..media.clip import clip_facts
from ..media.sound_file import read_sound


def verify(order: Order) -> Take:
    """The take of ``order``, every file of it read: counted where it is lossy, hashed where it is not.

    Raises ContractError with what is missing or damaged, OSError where it cannot be read.
    """
    folder = Path(order.out)
    take = read_take(folder)
    if take.backend.name != order.backend:
        raise ContractError("backend", f"is {take.backend.name}, {order.backend} was ordered")
    if read_report(folder, take).take != take.id:
        raise ContractError(take.files.report, "is of another take")
    facts = clip_facts(folder / take.files.clip)
    if (facts.frames, facts.samples) != (take.time.frames, take.samples):
        raise ContractError(
            take.files.clip,
            f"holds {facts.frames} frames and {facts.samples} samples, {take.time.frames} and {take.samples} belong there",
        )
    sound, _ = read_sound(folder / take.files.sound)
    if len(sound) != take.samples:
        raise ContractError(take.files.sound, f"holds {len(sound)} samples, {take.samples} belong there")
    for name, path in take.files.stems.items():
        stem, _ = read_sound(folder / path)
        if len(stem) != take.samples:
            raise ContractError(f"files.stems.{name}", f"holds {len(stem)} samples, {take.samples} belong there")
    if take.files.frames is not None:
        found = sum(path.stat().st_size > 0 for path in (folder / take.files.frames).glob("*.exr"))
        if found != take.time.frames:
            raise ContractError(take.files.frames, f"holds {found} frames, {take.time.frames} belong there")
    for name, digest in take.delivered.items():
        with inside(folder, name, f"delivered.{name}").open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise ContractError(name, "is not the file that take.json tells of")
    return take


def made_for(order: Order, take: Take) -> bool:
    """Whether the take is of the order's shot, as far as that is still there."""
    try:
        return read_shot(Path(order.shot), passes=False).id == take.shot
    except (ContractError, OSError):
        return True
