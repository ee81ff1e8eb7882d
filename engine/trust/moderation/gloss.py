"""Indonesian, word by word, in English, so that an encoder that knows English alone can read it.

Indonesian hardly inflects, so a word's gloss says most of what it means. Affixes are taken off in the way of Nazief and Adriani's
stemmer (Asian, Williams and Tahaghoghi, "Stemming Indonesian", 2005), against the glossary in place of a dictionary.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .fold import fold

GLOSSARY = Path(__file__).parent / "lists" / "glossary.tsv"
SHARE = 0.4
"""Of a text's words, known to the glossary, from which it is Indonesian."""
BEFORE = ("di", "ke", "se", "ber", "bel", "be", "ter", "te", "per")
NASAL = (
    ("meny", "s"), ("peny", "s"), ("meng", ""), ("meng", "k"), ("peng", ""), ("peng", "k"), ("menge", ""), ("mem", ""),
    ("mem", "p"), ("pem", ""), ("pem", "p"), ("men", ""), ("men", "t"), ("pen", ""), ("pen", "t"), ("me", ""), ("pe", ""),
)  # fmt: skip
"""A prefix, and the letter that it has swallowed."""
AFTER = ("nya", "ku", "mu", "lah", "kah", "kan", "an", "i")


def in_english(text: str) -> str:
    """A text as it is, unless it is Indonesian: then folded, and each word that the glossary knows in English."""
    words = fold(text).split()
    known = [word for word in words if _gloss(word) is not None]
    if len(known) < SHARE * len(words) or all(word in _english() for word in known):
        return text
    return " ".join(_glossed(words))


def _glossed(words: list[str]) -> Iterator[str]:
    at = 0
    while at < len(words):
        for length in (3, 2):
            whole = _glossary().get(" ".join(words[at : at + length])) if at + length <= len(words) else None
            if whole is not None:
                yield whole
                at += length
                break
        else:
            yield _gloss(words[at]) or words[at]
            at += 1


@cache
def _gloss(word: str) -> str | None:
    return next((_glossary()[root] for root in _roots(word) if root in _glossary()), None)


def _roots(word: str) -> Iterator[str]:
    """A word and what it may come from, the likeliest first."""
    bare = [word]
    for suffix in AFTER:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            bare.append(word[: -len(suffix)])
            bare += [bare[-1][: -len(more)] for more in ("kan", "an", "i") if bare[-1].endswith(more)]
    yield from bare
    for form in bare:
        for prefix, swallowed in (*((prefix, "") for prefix in BEFORE), *NASAL):
            if form.startswith(prefix) and len(form) - len(prefix) >= 3:
                yield swallowed + form[len(prefix) :]
                if prefix == "di" and form.startswith("diper"):
                    yield form[len("diper") :]
                if prefix in ("mem", "me") and form.startswith("memper"):
                    yield form[len("memper") :]


@cache
def _glossary() -> dict[str, str]:
    return {row[0]: row[1] for row in _rows()}


@cache
def _english() -> frozenset[str]:
    """Words that are English too: they do not tell which language a text is in."""
    return frozenset(row[0] for row in _rows() if row[2:])


def _rows() -> list[list[str]]:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
