"""Hard rules over folded words: the same words always get the same answer, and the answer names its rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .fold import fold, readings, spelled

LISTS = Path(__file__).parent / "lists"


@dataclass(frozen=True)
class Rule:
    """``kept``: no setting turns it off. ``lists``: words of each must be there. ``why`` is what the artist reads."""

    name: str
    lists: tuple[str, ...]
    kept: bool
    why: str


RULES = (
    Rule("sexual-minor", ("abuse",), True, "sexual content with minors"),
    Rule("sexual-minor", ("explicit", "minor"), True, "sexual content with minors"),
    Rule("sexual-minor", ("suggestive", "minor"), True, "sexual content with minors"),
    Rule("sexual-minor", ("rape", "minor"), True, "sexual content with minors"),
    Rule("sexual-person", ("explicit", "person"), True, "sexual content about a real person"),
    Rule("sexual-person", ("bared", "person"), True, "sexual content about a real person"),
    Rule("sexual-person", ("rape", "person"), True, "sexual content about a real person"),
    Rule("dangerous", ("danger",), True, "instructions for weapons or drugs"),
    Rule("dangerous", ("instruct", "weapon"), True, "instructions for weapons or drugs"),
    Rule("terror", ("terror",), True, "praise of terror or recruiting for it"),
    Rule("terror", ("cheer", "terrorist"), True, "praise of terror or recruiting for it"),
    Rule("hate", ("hate",), True, "hate against a group of people"),
    Rule("hate", ("group", "slur"), True, "hate against a group of people"),
    Rule("self-harm", ("selfharm",), True, "instructions for or praise of self-harm"),
    Rule("self-harm", ("urge", "selfdo"), True, "instructions for or praise of self-harm"),
    Rule("sexual-violence", ("rape",), False, "sexual violence"),
    Rule("sexual-animal", ("zoo",), True, "sexual content with animals"),
    Rule("sexual", ("explicit",), False, "explicit sexual content"),
    Rule("gore", ("gore",), False, "mutilation shown in detail"),
)
"""In the order in which they are asked; what may be turned off by a studio comes last."""
OTHERS = {
    "negative-undress": Rule("negative-undress", (), False, "clothing in the negative prompt"),
    "head": Rule("head", (), False, "words that are near to what the rules refuse"),
    "picture": Rule("picture", (), False, "pictures that are taken for explicit"),
}
"""What is refused by other means than a list."""
NAMED = {rule.name: rule for rule in (*RULES, *OTHERS.values())}
UNDRESSED = re.compile(r"\b(?:cloth(?:es|ing|ed)|dressed|pakaian|berpakaian|baju|busana)\b")
A_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][a-z]+ [A-Z][a-z]+\b|^[A-Z][a-z]+ [A-Z][a-z]+(?= [a-z])")
NO_NAMES = re.compile(
    r"\b(?:New|Los|San|Golden|Blue|Red|Black|White|Old|The|A|An|Two|In|On|At|Under|South|North|East|West|Super|Art|Film|"
    r"Slow|Close|Wide|Long|Low|High|Extreme|Medium|Di|Dua|Seorang|Adegan|Video|Wanita|Pria) [A-Z][a-z]+\b"
)


AGES = re.compile(r"\b(1?[0-9])-?(?=(?:years?|yrs?|yo|tahun|thn)\b)", re.IGNORECASE)
"""Ages that are run together with their unit: their figures are no letters in disguise."""


def broken(text: str, whole: str | None = None) -> Iterator[Rule]:
    """Rules that a text breaks. ``whole`` is all that a shot says: rules that no setting turns off look at that."""
    here = _found(text)
    there = here if whole is None else _found(whole)
    for rule in RULES:
        words = there if rule.kept else here
        if all(name in words for name in rule.lists):
            yield rule


def undressing(negative: str) -> bool:
    """Whether a negative prompt asks for a lack of clothes."""
    return bool(UNDRESSED.search(fold(negative)))


def _found(text: str) -> set[str]:
    texts = [_without_passes(folded) for folded in readings(AGES.sub(r"\1 ", text))]
    found = {name for name, pattern in _patterns().items() if any(pattern.search(folded) for folded in texts)}
    for run in spelled(text):
        found |= {name for name, pattern in _patterns(borders=False).items() if pattern.search(run)}
    if A_NAME.search(NO_NAMES.sub("", text)):
        found.add("person")
    return found


def _without_passes(folded: str) -> str:
    """Words without the phrases that sound like more than they say."""
    return _passes().sub(" ", folded)


@cache
def _lines() -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for line in (LISTS / "rules.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, pattern = line.split("\t")
            lines.setdefault(name, []).append(pattern)
    return lines


@cache
def _patterns(borders: bool = True) -> dict[str, re.Pattern[str]]:
    return {name: _joined(patterns, borders) for name, patterns in _lines().items() if name != "pass"}


@cache
def _passes() -> re.Pattern[str]:
    return _joined(_lines()["pass"])


def _joined(patterns: list[str], borders: bool = True) -> re.Pattern[str]:
    border = r"\b" if borders else ""
    return re.compile(f"{border}(?:{'|'.join(patterns)}){border}")
