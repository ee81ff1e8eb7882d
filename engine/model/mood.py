"""A seed's own light: no two gaffers set a scene alike, and no two takes of them are lit alike.

The network gives the likeliest picture, whatever the noise. What varies is therefore the light: a seed draws how strong and
how warm sun, lamps, world and sky are beside what was asked for, once for a whole shot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .compose import GRADE, GRADES

VARIED = ("sun", "lamps", "world", "sky")
MOOD = 2 * len(VARIED)
"""Numbers of a mood: how strong and how warm each is, standard normal."""
STRENGTH, WARMTH = 0.05, 0.02
"""Spread of the logarithms of a gain, and of red against blue in it."""
SALT = 29


def mood_of(seed: int) -> NDArray[np.float32]:
    """(MOOD,) of a seed."""
    return np.random.default_rng([seed, SALT]).standard_normal(MOOD).astype(np.float32)


def mooded(mood: Tensor) -> Tensor:
    """(B, GRADE) to add to the grades of clips; ``mood`` (B, MOOD), zeros change nothing."""
    grade = mood.new_zeros(len(mood), GRADE)
    warm = mood.new_tensor([1.0, 0.0, -1.0])
    start = 0
    for name, count in GRADES:
        if name in VARIED:
            which = VARIED.index(name)
            strong, warmth = mood[:, which, None], mood[:, which + len(VARIED), None]
            grade[:, start : start + count] = STRENGTH * strong + WARMTH * warmth * warm
        start += count
    return grade
