"""Where the camera sees a contact, and whether something stands before it."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import CameraRow, Contact, Seen, Size, Time, pass_file
from .exr import read_exr

SLACK = 0.02
"""Share of its depth by which a contact may lie behind what is seen there: it lies between the two that touch."""


class Eye:
    """The passes of a shot that has just been written, asked what stands before a point."""

    def __init__(self, folder: Path, camera: list[CameraRow], time: Time, size: Size) -> None:
        self._folder, self._camera, self._time, self._size = folder, camera, time, size
        self._passes = lru_cache(2)(self._read)

    def see(self, contact: Contact) -> Contact:
        """The contact with where it is seen at the frame at or before it; nowhere where it lies behind the camera."""
        row = math.floor(contact.time * float(self._time.rate) + 1e-6)
        row = min(max(row, 0), self._time.frames - 1)
        place = projected(self._camera[row], contact.point)
        if place is None:
            return contact
        x, y, depth = place
        return replace(contact, seen=Seen(x, y, depth, self._hidden(row, x, y, depth, contact.bodies)))

    def _hidden(self, row: int, x: float, y: float, depth: float, bodies: tuple[int, int]) -> bool:
        """Outside the picture, or behind a third thing all around."""
        i, j = math.floor(x), math.floor(y)
        if not (0 <= i < self._size.width and 0 <= j < self._size.height):
            return True
        around = (slice(max(j - 1, 0), j + 2), slice(max(i - 1, 0), i + 2))
        depths, ids = (layer[around] for layer in self._passes(row))
        before = (depths < depth * (1.0 - SLACK)) & ~np.isin(ids, bodies)
        return bool(before.all())

    def _read(self, row: int) -> tuple[NDArray[Any], NDArray[Any]]:
        channels = read_exr(self._folder / pass_file(self._time.first + row))
        return channels["depth.Z"], channels["body.ID"]


def projected(row: CameraRow, point: tuple[float, float, float]) -> tuple[float, float, float] | None:
    """Pixels and depth of a world point; None where it is not before the camera."""
    world = np.array(row.world).reshape(4, 4)
    x, y, z = world[:3, :3].T @ (np.array(point) - world[:3, 3])
    if z <= 0.0:
        return None
    if row.kind == "orthographic":
        return float(row.fx * x + row.cx), float(row.fy * y + row.cy), float(z)
    return float(row.fx * x / z + row.cx), float(row.fy * y / z + row.cy), float(z)
