"""Words of one body: whether another material changes that body and leaves the rest as it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from sora_addon.scenes.training.vocabulary import BODY_MATERIALS

from ..model.conditioning import words_of_bodies
from ..words.encoder import word_encoder
from .held import Held, Judge, Pictures
from .pictures import psnr

FEWEST = 40
"""Pixels of a body, in the middle frame, that make it worth asking about."""
CHANGED, STILL = 0.015, 1.0
"""Mean difference of a body that was changed, at least; decibels by which the rest may come off its truth."""
ASKED = 3
"""Materials that each body is told to be of, one after another."""


@dataclass(frozen=True)
class Told:
    """One body that was told to be of another material."""

    clip: str
    body: str
    material: str
    changed: float
    """Mean absolute difference of its pixels."""
    rest: float
    """Decibels that the rest lost against its truth."""

    @property
    def right(self) -> bool:
        return self.changed >= CHANGED and self.rest <= STILL


def trials(held: Iterable[Held], judge: Judge, most: int) -> list[Told]:
    """``ASKED`` trials a body that has words and is seen, in the style cinematic, until there are ``most``."""
    found: list[Told] = []
    for one in held:
        texts, rows = words_of_bodies(one.shot)
        kept = sorted(texts)  # as the cache counts them
        before: Pictures | None = None
        for body in one.shot.bodies:
            if body.index not in rows:
                continue
            words = texts[rows[body.index] - 1]
            row = 1 + kept.index(words)
            mask = np.asarray(one.kept.rows) == row
            if mask[len(mask) // 2].sum() < FEWEST:
                continue
            before = one.made(judge, "cinematic") if before is None else before
            truth = one.truth("cinematic")
            for _ in range(min(ASKED, most - len(found))):
                material = _another(words, len(found))
                after = _with_words(one, judge, row, f"made of {material}")
                changed = float(np.abs(after - before)[mask].mean())
                rest = psnr(before[~mask], truth[~mask]) - psnr(after[~mask], truth[~mask])
                found.append(Told(one.name, body.name, material, changed, rest))
            if len(found) == most:
                return found
    return found


def _another(words: str, turn: int) -> str:
    others = [material for material in BODY_MATERIALS if material not in words]
    return others[turn % len(others)]


def _with_words(one: Held, judge: Judge, row: int, words: str) -> Pictures:
    texts = np.array(one.kept.texts)
    texts[row] = word_encoder().sentence(words)
    return Held(one.clip, replace(one.kept, texts=texts)).made(judge, "cinematic")
