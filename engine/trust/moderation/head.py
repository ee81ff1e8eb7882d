"""What rules do not know: two small heads give the chance of each kind of harm, one by letters and one by meaning.

The head by letters is linear on words, pairs of words and letters' n-grams, and needs numpy alone. The head by meaning is one hidden
layer on the prompt encoder's states, their mean and their maximum; Indonesian is put into English first (gloss.py). Their chances are
averaged. Where the encoder's packages are missing, letters decide alone. Trained by ``python -m engine.trust.moderation.train``.
"""

from __future__ import annotations

import importlib.util
import zlib
from collections.abc import Collection
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .fold import fold
from .gloss import in_english

LISTS = Path(__file__).parent / "lists"
LETTERS, MEANING = LISTS / "letters.npy", LISTS / "meaning.safetensors"
FINE = "fine"
CATEGORIES = (
    FINE, "dangerous", "gore", "hate", "self-harm", "sexual", "sexual-animal", "sexual-minor", "sexual-person",
    "sexual-violence", "terror",
)  # fmt: skip
"""In the order of the heads' chances."""
PLACES = 1 << 14
LENGTHS = (3, 4, 5)
SHARE_OF_MEANING = 0.7
"""Of the average; the rest is the letters'."""
REFUSED = {
    "dangerous": 0.65, "gore": 0.65, "hate": 0.65, "self-harm": 0.65, "terror": 0.65, "sexual": 0.6, "sexual-person": 0.6,
    "sexual-violence": 0.6, "sexual-animal": 0.5, "sexual-minor": 0.5,
}  # fmt: skip
"""Chance of any harm from which words are refused, by the kind of harm that is likeliest: chosen on a quarter of the whole lines
that was kept out of training, and on tests/trust/development.tsv, for some 3 % of false alarms; lower where none may be missed."""
REFUSED_BY_LETTERS = 0.85
"""The same where letters decide alone."""
Floats = NDArray[np.float32]


def suspected(text: str, allowed: Collection[str] = ()) -> str | None:
    """The kind of harm for which words are refused; None where they pass. What is ``allowed`` counts as harmless."""
    meant = by_meaning(text) if can_read_meaning() else None
    letters = by_letters(text)
    chances = letters if meant is None else SHARE_OF_MEANING * meant + (1 - SHARE_OF_MEANING) * letters
    harmful = {name: float(chances[i]) for i, name in enumerate(CATEGORIES) if name != FINE and name not in allowed}
    likeliest = max(harmful, key=harmful.__getitem__)
    bound = REFUSED_BY_LETTERS if meant is None else REFUSED[likeliest]
    return likeliest if sum(harmful.values()) >= bound else None


@cache
def can_read_meaning() -> bool:
    """Whether the packages of the prompt encoder are there."""
    from ...words.encoder import MODULE, NEEDED

    return all(importlib.util.find_spec(name) for name in (MODULE, *NEEDED))


def by_letters(text: str) -> Floats:
    """(C,) chances of ``CATEGORIES``."""
    found = places(text)
    weights = _letters()
    return softmax(weights[found].sum(0) / np.sqrt(max(len(found), 1)) + weights[PLACES])


def by_meaning(text: str) -> Floats:
    """(C,) chances of ``CATEGORIES``. Raises ContractError where the encoder's package is not the pinned one."""
    return read_by(_meaning(), vector(text)[None])[0]


def places(text: str) -> NDArray[np.int64]:
    """Where a text's words, pairs of neighbours, and n-grams of letters fall among ``PLACES``, each once."""
    padded = f" {fold(text)} "
    words = padded.split()
    grams = [padded[start : start + n] for n in LENGTHS for start in range(len(padded) - n + 1)]
    pairs = [f"b:{one} {other}" for one, other in pairwise(words)]
    return np.unique(
        [zlib.crc32(part.encode()) % PLACES for part in (*grams, *pairs, *(f"w:{word}" for word in words))]
    )


def vector(text: str) -> Floats:
    """(768,): mean and maximum over the states of a text's tokens."""
    from ...words.encoder import word_encoder

    states = word_encoder().states(fold(in_english(text)))
    return np.concatenate([states.mean(0), states.max(0)])


def read_by(weights: dict[str, Floats], vectors: Floats) -> Floats:
    """(N, C) chances of vectors (N, 768): the average over members that were trained from different starts."""
    inner = (vectors - weights["mean"]) / weights["scale"]
    hidden = np.maximum(np.einsum("nd,mdh->mnh", inner, weights["inner"]) + weights["inner_bias"][:, None], 0.0)
    outer = np.einsum("mnh,mhc->mnc", hidden, weights["outer"]) + weights["outer_bias"][:, None]
    return softmax(outer).mean(0)


def softmax(logits: Floats) -> Floats:
    """Chances along the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


@cache
def _letters() -> Floats:
    return np.load(LETTERS, allow_pickle=False).astype(np.float32)


@cache
def _meaning() -> dict[str, Floats]:
    from safetensors.numpy import load_file

    return {name: values.astype(np.float32) for name, values in load_file(MEANING).items()}
