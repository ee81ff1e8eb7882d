"""A small shot with its passes, written by code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from engine.media.exr import DTYPES
from sora_addon.contract import IDENTITY, Shot, decode, pass_file, passes_of

IDS = [f"00000000-0000-4000-8000-{number:012d}" for number in range(10)]


def made_shot(width: int = 16, height: int = 16, frames: int = 1, lights: int = 1) -> Shot:
    """A shot with one body, one material and ``lights`` lamps; its first frame is 1."""
    camera = {"camera": "Camera", "kind": "perspective", "world": list(IDENTITY), "near": 0.1, "far": 100.0}
    camera |= {"fx": 20.0, "fy": 20.0, "cx": width / 2, "cy": height / 2}
    lamp = {"name": "Lamp", "kind": "point", "shape": "sphere", "size": 0.1, "size_y": 0.1, "spot_angle": 0.0}
    lamp |= {"spot_blend": 0.0, "shadow": True}
    row = {"world": list(IDENTITY), "color": [1.0, 1.0, 1.0], "energy": 10.0}
    body = {"id": IDS[1], "index": 7, "name": "Ball", "motion": "still", "sound": "steel", "materials": [3]}
    body |= {"bounds": {"low": [-1, -1, -1], "high": [1, 1, 1]}, "rows": [{"world": list(IDENTITY)}]}
    document: dict[str, Any] = {
        "format": "sora-shot",
        "version": 1,
        "id": IDS[0],
        "name": "made",
        "source": {"software": "test", "scene": "Scene", "passes": "gpu"},
        "time": {"fps": [24, 1], "first": 1, "last": frames},
        "size": {"width": width, "height": height},
        "view": {},
        "camera": [camera] * frames,
        "lights": [lamp | {"id": IDS[2 + number], "rows": [row] * frames} for number in range(lights)],
        "world": {"colors": [[0.1, 0.1, 0.1]] * frames},
        "materials": [{"index": 3, "name": "Steel", "base_color": [0.5, 0.5, 0.5]}],
        "bodies": [body],
        "contacts": [],
        "words": {},
    }
    return decode(Shot, document)


def made_channels(shot: Shot) -> dict[str, NDArray[Any]]:
    """(H, W) of every channel of a frame, different in each, that keep the contract."""
    size = shot.size
    row, column = np.mgrid[0 : size.height, 0 : size.width]
    channels: dict[str, NDArray[Any]] = {}
    for item in passes_of(len(shot.lights)):
        for channel in item.channels:
            values = (row * size.width + column) / (size.width * size.height) + len(channels)
            if item.type == "uint":
                values = np.where(column < size.width // 2, 0, 7 if item.name == "body" else 3)
            channels[channel] = np.ascontiguousarray(values.astype(DTYPES[item.type]))
    return channels


def write_passes(
    folder: Path, frame: int, channels: dict[str, NDArray[Any]], compression: Any = OpenEXR.ZIP_COMPRESSION
) -> Path:
    """Write the channels as that frame's file, by OpenEXR's own writer."""
    path = folder / pass_file(frame)
    path.parent.mkdir(parents=True, exist_ok=True)
    header = {"compression": compression, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {name: OpenEXR.Channel(pixels) for name, pixels in channels.items()}).write(str(path))
    return path
