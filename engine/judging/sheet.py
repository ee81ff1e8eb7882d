"""A contact sheet of a judgement: the lit guide, the model's picture and the truth, a row a style, a group a clip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError

from ..words.style import STYLES, Style
from .held import Held, Judge

COLUMN, GAP, TITLE = 2, 8, 18
"""Clips beside each other; pixels between them and of a row's title."""
PAPER, INK = 255, (40, 40, 40)


def write_sheet(held: Sequence[Held], judge: Judge, path: Path) -> None:
    """The middle frame of the clips that have the most styles, ``COLUMN`` of them at most, as a PNG.

    Raises ContractError where there is no clip, OSError where the file cannot be written.
    """
    if not held:
        raise ContractError("--sheet", "there is no clip of 'held' to draw", "run 'engine data make --set held'")
    whole = sorted(held, key=lambda one: -len(one.styles))[:COLUMN]
    shared: list[Style] = [style for style in STYLES if all(style in one.styles for one in whole)]
    rows = []
    for style in shared:
        groups = []
        for one in whole:
            middle = len(one.kept.planes) // 2
            parts = [one.plane("guide"), one.made(judge, style), one.truth(style)]
            groups.append(_beside([_bytes(part[middle]) for part in parts], 0))
        strip = _beside(groups, GAP)
        rows.append(np.concatenate([_title(style, strip.shape[1]), strip]))
    if not cv2.imwrite(str(path), np.concatenate(rows)[..., ::-1]):
        raise OSError(f"{path} cannot be written")


def _beside(pictures: Sequence[NDArray[np.uint8]], gap: int) -> NDArray[np.uint8]:
    space = np.full((len(pictures[0]), gap, 3), PAPER, np.uint8)
    parts = [part for picture in pictures for part in (picture, space)]
    return np.concatenate(parts[:-1], 1)


def _title(text: str, width: int) -> NDArray[np.uint8]:
    bar = np.full((TITLE, width, 3), PAPER, np.uint8)
    said = f"{text}: lit guide, model, truth"
    cv2.putText(bar, said, (2, TITLE - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.4, INK, 1, cv2.LINE_AA)
    return bar


def _bytes(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
