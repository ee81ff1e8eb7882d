"""A seed's own light: no two gaffers set a scene alike, and no two takes of them are lit alike.

The network gives the likeliest picture, whatever the noise. What varies is therefore the light: a seed draws how strong and
how warm sun, lamps, world and sky are beside what was asked for, once for a whole shot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

VARIED = ("sun", "lamps", "world", "sky")
MOOD = 2 * len(VARIED)
"""Numbers of a mood: how strong and how warm each is, standard normal."""
STRENGTH, WARMTH = 0.05, 0.02
"""Spread of the logarithms of a gain, and of red against blue in it."""
SALT = 29


def mood_of(seed: int) -> NDArray[np.float32]:
    """(MOOD,) of a seed."""
    return np.random.default_rng([seed, SALT]).standard_normal(MOOD).astype(np.float32)
