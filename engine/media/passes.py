"""The passes of a shot, a frame at a time, as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Pass, Shot, pass_file, passes_of
from sora_addon.contract.paths import inside

from .exr import AGAIN, check_chunks, read_channels, read_header, write_frames_exr

__all__ = ["Passes", "write_frames_exr"]

Planes = dict[str, NDArray[Any]]

INDICES = ("body", "material")
MAY_BE_UNKNOWN = ("to_next", "from_previous")
"""Passes whose pixels may be NaN."""
MAY_BE_INFINITE = ("depth",)


class Passes:
    """The passes that lie in a shot's folder.

    Nothing is kept between calls: a frame is read from disk each time that it is asked for.
    """

    def __init__(self, folder: Path, shot: Shot) -> None:
        """``folder`` holds shot.json and passes/; ``shot`` was read from it."""
        self.folder = folder
        self.shot = shot
        self.list = passes_of(len(shot.lights))
        self._bodies = np.array([0, *(body.index for body in shot.bodies)], np.uint32)
        self._materials = np.array([0, *(material.index for material in shot.materials)], np.uint32)

    def frame(self, number: int, only: Iterable[str] | None = None) -> Planes:
        """Arrays by name of the pass, for the frame ``number`` as Blender counts; ``only`` some of them, if said.

        (H, W) for passes of one channel, (H, W, C) for others, as ``contract.PASSES`` describes them: float32, decoded
        from half where the file holds half; uint32 for body and material. The arrays are the caller's to change.

        Raises ContractError, naming file and channel, where the file is missing or damaged, is not of the shot's size,
        lacks a channel (of any pass, asked for or not) or holds one of another type, a value that is not finite where
        the pass has none, or the index of a body or material that the shot does not have. Raises KeyError for a name
        in ``only`` that is not a pass of the shot.
        """
        name = pass_file(number)
        if not self.shot.time.first <= number <= self.shot.time.last:
            raise ContractError(
                name, f"frame {number} is not one of the shot's {self.shot.time.first} to {self.shot.time.last}"
            )
        by_name = {item.name: item for item in self.list}
        asked = self.list if only is None else [by_name[item] for item in only]
        path = inside(self.folder, name, "passes")
        with path.open("rb") as file:
            header = read_header(file, name)
            self._check(header.channels, header.width, header.height, name)
            check_chunks(file, header, name)
        wanted = [channel for item in asked for channel in item.channels]
        channels = read_channels(path, header, wanted, name)
        return {item.name: self._plane(item, channels, name) for item in asked}

    def _check(self, channels: dict[str, Any], width: int, height: int, name: str) -> None:
        size = self.shot.size
        if (width, height) != (size.width, size.height):
            raise ContractError(name, f"is {width}x{height}, the shot is {size.width}x{size.height}", AGAIN)
        for item in self.list:
            for channel in item.channels:
                if channel not in channels:
                    raise ContractError(name, f"{channel} is missing", AGAIN)
                if channels[channel] != item.type:
                    raise ContractError(name, f"{channel} is {channels[channel]}, {item.type} is needed", AGAIN)

    def _plane(self, item: Pass, channels: Planes, name: str) -> NDArray[Any]:
        planes = [channels[channel] for channel in item.channels]
        if item.type == "uint":
            known = self._bodies if item.name == "body" else self._materials
            missing = planes[0][~np.isin(planes[0], known)]
            if missing.size:
                raise ContractError(
                    name, f"{item.channels[0]} holds {missing[0]}, which no {item.name} of the shot has", AGAIN
                )
            return planes[0].copy()
        dtype = np.float32
        plane = planes[0].astype(dtype) if len(planes) == 1 else np.stack(planes, axis=-1).astype(dtype, copy=False)
        self._check_values(item, plane, name)
        return plane

    def _check_values(self, item: Pass, plane: NDArray[np.float32], name: str) -> None:
        if item.name in MAY_BE_UNKNOWN:
            bad = np.isinf(plane)
        elif item.name in MAY_BE_INFINITE:
            bad = np.isnan(plane)
        else:
            bad = ~np.isfinite(plane)
        if bad.any():
            where = np.argwhere(bad)[0]
            suffix = item.suffixes[where[2]] if plane.ndim == 3 else item.suffixes[0]
            raise ContractError(
                name, f"{item.name}.{suffix} is {plane[tuple(where)]:g} at row {where[0]}, column {where[1]}", AGAIN
            )
