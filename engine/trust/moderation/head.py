"""A small linear head behind the rules: words, pairs of words and letters' n-grams to the chance that words mean harm.

It stands on those and not on the prompt encoder. That was tried (docs/trust.md): it knows English alone, was no better there, and
needs torch, which is not a part of every engine. Trained by ``python -m engine.trust.moderation.train``; the weights lie beside.
"""

from __future__ import annotations

import zlib
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .fold import fold

WEIGHTS = Path(__file__).parent / "lists" / "head.npy"
PLACES = 1 << 14
LENGTHS = (3, 4, 5)
REFUSED = 0.85
"""Chance from which words are refused."""


def places(text: str) -> NDArray[np.int64]:
    """Where a text's words, pairs of neighbours, and n-grams of letters fall among ``PLACES``, each once."""
    padded = f" {fold(text)} "
    words = padded.split()
    grams = [padded[start : start + n] for n in LENGTHS for start in range(len(padded) - n + 1)]
    pairs = [f"b:{one} {other}" for one, other in pairwise(words)]
    return np.unique(
        [zlib.crc32(part.encode()) % PLACES for part in (*grams, *pairs, *(f"w:{word}" for word in words))]
    )


def chance(text: str) -> float:
    """0 to 1."""
    found = places(text)
    weights = _weights()
    return float(1.0 / (1.0 + np.exp(-(weights[found].sum() / np.sqrt(max(len(found), 1)) + weights[PLACES]))))


@cache
def _weights() -> NDArray[np.float32]:
    return np.load(WEIGHTS, allow_pickle=False).astype(np.float32)
