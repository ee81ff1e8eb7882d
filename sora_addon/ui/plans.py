"""How the models of a take were loaded, as an artist would say it; what is usual is passed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..contract import Take
from ..properties import shown
from . import say

WORDS: tuple[tuple[str, str, str], ...] = (
    ("device", "cpu", "on the processor"),
    ("device", "cuda", "on the card"),
    ("memory", "offload", "parts off the card"),
    ("memory", "groups", "layers in groups"),
    ("memory", "lowest", "part by part"),
    ("precision", "full", "full precision"),
    ("precision", "eight", "weights of 8 bits"),
    ("cache", "first_block", "steps partly left out"),
    ("cache", "taylorseer", "steps partly left out"),
    ("compiled", "yes", "compiled"),
)


def plans_in_words(take: Take) -> list[str]:
    """'Wan VACE: on the card, layers in groups' for each backend whose model was planned."""
    names = [made.backend.name for made in take.chain] or [take.backend.name]
    return [f"{shown(name)}: {_words(plan)}" for name, plan in zip(names, take.plans, strict=False) if plan]


def _words(plan: Mapping[str, str]) -> str:
    said: Iterable[str] = (say._(words) for name, value, words in WORDS if plan.get(name) == value)
    return ", ".join(said)
