"""Random numbers that belong to a thing: one body's sound stays the same when others come and go."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def generator(seed: int, *identity: str | int) -> np.random.Generator:
    """A generator for the thing of that identity in the shot of that seed; the same on every machine."""
    text = "\x1f".join([str(seed), *map(str, identity)])
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))


def microseconds(seconds: float) -> int:
    """A time as part of an identity: float noise below a microsecond makes no other sound."""
    return round(seconds * 1e6)


def scatter(keys: NDArray[np.int64], salt: int) -> NDArray[np.float64]:
    """(N,) uniform in [0, 1) for each (N,) key, whatever the other keys are: splitmix64 (Steele et al., OOPSLA 2014)."""
    z = keys.astype(np.uint64) + np.uint64((salt * 0x9E3779B97F4A7C15) % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) / 2.0**53
