"""A small linear head behind the rules: letters' n-grams to the chance that words mean harm. English and Indonesian alike.

It stands on n-grams and not on the prompt encoder, because that encoder knows English alone and needs torch, which is not a
part of every engine. Trained by ``python -m engine.trust.moderation.train`` on ``lists/learn.tsv``; the weights lie beside.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .fold import fold

WEIGHTS = Path(__file__).parent / "lists" / "head.npy"
PLACES = 1 << 13
LENGTHS = (3, 4, 5)
REFUSED = 0.90
"""Chance from which words are refused."""


def features(text: str) -> NDArray[np.float32]:
    """(PLACES + 1,): which n-grams a text has, hashed, of length 1; the last is always 1."""
    padded = f" {fold(text)} "
    row = np.zeros(PLACES + 1, np.float32)
    for length in LENGTHS:
        for start in range(len(padded) - length + 1):
            row[zlib.crc32(padded[start : start + length].encode()) % PLACES] = 1.0
    row /= max(float(np.linalg.norm(row)), 1e-9)
    row[PLACES] = 1.0
    return row


def chance(text: str) -> float:
    """0 to 1."""
    return float(1.0 / (1.0 + np.exp(-(features(text) @ _weights()))))


@cache
def _weights() -> NDArray[np.float32]:
    return np.load(WEIGHTS, allow_pickle=False).astype(np.float32)
