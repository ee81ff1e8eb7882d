"""Bodies that the artist speaks of or points at, and where they are seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Body, ContractError, Shot

Ids = NDArray[np.uint32]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

UNSAID = frozenset({"a", "an", "and", "at", "in", "of", "on", "the", "its", "with", "that", "dan", "yang", "di", "si"})
"""Words that tell no body from another, English and Indonesian."""


def bodies_said(shot: Shot, said: str) -> tuple[int, ...]:
    """Indices of the bodies that ``said`` speaks of, "the red ball, table": each part between commas names bodies.

    A part names the bodies whose name, words and materials hold all that it says; of these, where some hold it in their
    own name, only those. Plurals and capitals do not matter. Raises ContractError, naming what there is, for a part that
    names none.
    """
    found: list[int] = []
    for part in filter(None, (piece.strip() for piece in said.split(","))):
        asked = _terms(part)
        named = [body.index for body in shot.bodies if asked and asked <= _terms(body.name)]
        known = named or [body.index for body in shot.bodies if asked and asked <= _terms(_told(shot, body))]
        if not known:
            there = ", ".join(body.name for body in shot.bodies[:12])
            raise ContractError("bodies", f"none is called {part!r}", f"there are: {there}")
        found += known
    return tuple(dict.fromkeys(found))


def body_picked(body: Ids, x: float, y: float) -> int:
    """Index of the body seen at x, y in pixels from the top left corner of (H, W) ``body``. Raises ContractError."""
    height, width = body.shape
    if not (0 <= x < width and 0 <= y < height):
        raise ContractError("pick", f"{x:g} {y:g} is outside the picture of {width}x{height}", "point inside it")
    index = int(body[int(y), int(x)])
    if index == 0:
        raise ContractError("pick", f"nothing is seen at {x:g} {y:g}", "point at a body")
    return index


def seen(body: Ids, indices: Iterable[int]) -> Mask:
    """(H, W) true where one of the bodies is seen."""
    return np.isin(body, list(indices))


def grown(mask: Mask, pixels: float) -> Mask:
    """The mask and all within ``pixels`` of it; what is within ``-pixels`` of its rim is taken away where negative."""
    if pixels < 0:
        return ~grown(~mask, -pixels)
    if not mask.any() or pixels == 0:
        return mask.copy()
    apart = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(apart <= pixels)


def matte(mask: Mask) -> Floats:
    """(H, W) from 0 to 1: the mask, with a tent over 3x3 pixels for its stairs; a straight rim stays where it was."""
    tent = np.array([0.25, 0.5, 0.25], np.float32)
    return np.asarray(
        cv2.sepFilter2D(mask.astype(np.float32), -1, tent, tent, borderType=cv2.BORDER_REPLICATE), np.float32
    )


def softened(cover: Floats, pixels: float) -> Floats:
    """(H, W) the matte under a Gaussian of that standard deviation, its edge repeated beyond the picture."""
    if pixels <= 0:
        return cover
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), pixels, borderType=cv2.BORDER_REPLICATE), np.float32)


def body_weights(body: Ids, weights: Mapping[int, float], others: float = 1.0) -> Floats:
    """(H, W) how strongly a control speaks at each pixel: the body's own weight, ``others`` elsewhere, sky included."""
    indices, place = np.unique(body, return_inverse=True)
    table = np.array([weights.get(int(index), others) for index in indices], np.float32)
    return table[place.reshape(body.shape)]


def _told(shot: Shot, body: Body) -> str:
    surfaces = {material.index: material for material in shot.materials}
    said = [f"{surfaces[index].name} {surfaces[index].words}" for index in body.materials]
    return " ".join([body.name, body.words, *said])


def _terms(text: str) -> frozenset[str]:
    return frozenset(_singular(word) for word in re.findall(r"[^\W_]+", text.casefold()) if word not in UNSAID)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
