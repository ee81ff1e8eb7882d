"""Ten thousand broken messages to a real engine."""

from __future__ import annotations

import queue
import tempfile
from pathlib import Path

from mutant_messages import send_mutants
from stand_in import StandIn

from .line import Line

MUTANTS = 10_000
FLAT = 16 * 2**20
"""Bytes that its memory may move by; a leak of a kilobyte a message would be ten million."""


def lines() -> list[Line]:
    what, bound = "10,000 mutated messages", "answered or refused with a named field; no crash, no hang, memory flat"
    with tempfile.TemporaryDirectory() as folder, StandIn(Path(folder, "home")) as blender:
        try:
            fates = send_mutants(blender, Path(folder), MUTANTS, seed=20)
            blender.call("list", most=1)
        except (EOFError, queue.Empty) as error:
            return [Line(what, bound, f"the engine died or hung: {error!r}", False)]
    told = (
        f"{fates.refused} refused, {fates.answered} answered, {fates.nameless} without a field, "
        f"{fates.unanswered} without an answer, memory {fates.grown / 2**20:+.1f} MB"
    )
    return [Line(what, bound, told, not fates.nameless and not fates.unanswered and fates.grown < FLAT)]
