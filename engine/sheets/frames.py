"""The contact sheet: frames of a clip, evenly spread, with their timecode."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from sora_addon.contract import ContractError, read_take

from ..media.clip import read_clip


def contact_sheet(take_folder: Path, target: Path, columns: int = 4, rows: int = 4, width: int = 320) -> None:
    """Write a PNG of up to ``columns`` x ``rows`` frames, each ``width`` pixels wide."""
    take = read_take(take_folder)
    count = take.time.frames
    wanted = {round(i * (count - 1) / max(columns * rows - 1, 1)) for i in range(columns * rows)}
    height = round(width * take.size.height / (take.size.width * take.size.pixel_aspect))
    tiles = []
    for i, frame in enumerate(read_clip(take_folder / take.files.clip)):
        if i not in wanted:
            continue
        tile = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        label = f"{take.time.first + i}  {take.time.seconds(take.time.first + i):.2f} s"
        cv2.putText(tile, label, (6, height - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(tile, label, (6, height - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (255, 255, 255), 1, cv2.LINE_AA)
        tiles.append(np.pad(tile, ((2, 2), (2, 2), (0, 0))))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    sheet = np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)])
    if not cv2.imwrite(str(target), sheet[..., ::-1]):
        raise ContractError(str(target), "could not be written", "choose a folder that can be written to")
