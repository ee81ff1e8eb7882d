"""Flat-colour segmentation: a body has one colour, in every frame, shot and take."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Body

Colour = tuple[int, int, int]

LEVELS = (0, 64, 128, 191, 255)
PALETTE: tuple[Colour, ...] = tuple(
    (red, green, blue)
    for red, green, blue in itertools.product(LEVELS, LEVELS, LEVELS)
    if max(red, green, blue) >= 128 and (red, green, blue) != (128, 128, 128)
)
"""sRGB codes, 63 apart at least, none so dark that it could be taken for nothing."""


def body_colours(bodies: Iterable[Body]) -> dict[int, Colour]:
    """Colour of each body by its index, sRGB codes. Black is where nothing is.

    The colour comes from the body's UUID, so that no rename and no other shot changes it. Where two UUIDs of one shot ask
    for one colour, the greater takes the next that is free.
    """
    found: dict[int, Colour] = {}
    taken: set[Colour] = set()
    for body in sorted(bodies, key=lambda one: one.id):
        start = int.from_bytes(hashlib.sha256(body.id.encode()).digest()[:8], "big") % len(PALETTE)
        ring = PALETTE[start:] + PALETTE[:start]
        colour = next((one for one in ring if one not in taken), ring[0])
        taken.add(colour)
        found[body.index] = colour
    return found


def segmentation(body: NDArray[np.uint32], colours: Mapping[int, Colour]) -> NDArray[np.uint8]:
    """(H, W, 3) sRGB codes of (H, W) body indices; black where nothing is. Raises KeyError for a body without a colour."""
    indices, place = np.unique(body, return_inverse=True)
    table = np.array([(0, 0, 0) if index == 0 else colours[int(index)] for index in indices], np.uint8)
    return table[place.reshape(body.shape)]
