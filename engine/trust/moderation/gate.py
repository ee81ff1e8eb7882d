"""The two gates: before any work, and before anything is handed over. Every decision goes into the audit log."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot

from ..settings import Settings
from .audit import Decision, note
from .pictures import REFUSED, worst_frame, worst_of_file
from .rules import OTHERS
from .words import Refusal, look_at_words


def admit(shot: Shot, folder: Path, settings: Settings) -> None:
    """Words, reference pictures and reference clips of a shot. Raises ContractError with the field and the rule where it is refused."""
    refusal = look_at_words(shot, settings)
    if refusal is None and "picture" not in settings.allowed:
        for number, reference in enumerate(shot.references):
            if worst_of_file(folder / reference.path) >= REFUSED:
                refusal = Refusal(f"references[{number}].path", OTHERS["picture"], "")
                break
    _settle(shot, "in", refusal, settings)


def release(frames: NDArray[np.uint8], shot: Shot, settings: Settings) -> None:
    """Frames of a clip, (F, H, W, 3), before they are marked. Raises ContractError where one is refused.

    The words of its sound are the lines of the shot's cues, which ``admit`` has read: nothing here speaks other ones.
    """
    refusal = None
    if "picture" not in settings.allowed:
        number, found = worst_frame(frames, shot.time.rate)
        if found >= REFUSED:
            refusal = Refusal(f"frames[{number}]", OTHERS["picture"], "")
    _settle(shot, "out", refusal, settings)


def _settle(shot: Shot, stage: str, refusal: Refusal | None, settings: Settings) -> None:
    words = refusal.text if refusal is not None else shot.words.prompt
    note(
        Decision(
            shot=shot.id,
            stage=stage,
            decision="allowed" if refusal is None else "refused",
            rule="" if refusal is None else refusal.rule.name,
            field="" if refusal is None else refusal.field,
            level=settings.level,
            words_sha256=hashlib.sha256(words.encode()).hexdigest(),
            words=words if settings.audit_prompts and refusal is not None else "",
        )
    )
    if refusal is not None:
        raise refusal.error()
