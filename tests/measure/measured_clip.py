"""Clips of the made shot to measure: what it shows, and what it shows when something is wrong by a known amount."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from made_shot import MadeShot
from numpy.typing import NDArray

from engine.measure.camera_model import rotation
from engine.measure.figure import Figure, Watcher
from engine.measure.truth import NEEDED, Truth, truth_of
from engine.media.colour import to_display, to_uint8
from sora_addon.contract import CameraRow, Shot, passes_of

Picture = NDArray[np.uint8]


class MadePasses:
    """The passes of a made shot without a folder, as ``engine.media.passes.Passes`` gives them."""

    def __init__(self, made: MadeShot) -> None:
        self.made = made
        self.frame_once = functools.lru_cache(maxsize=made.frames)(self._frame)

    def frame(self, number: int, only: Iterable[str] | None = None) -> dict[str, NDArray[Any]]:
        planes = self.frame_once(number)
        return {name: planes[name] for name in (planes if only is None else only)}

    def _frame(self, number: int) -> dict[str, NDArray[Any]]:
        channels = self.made.channels(number)
        planes = {}
        for layer in passes_of(1):
            parts = [channels[name] for name in layer.channels]
            plane = parts[0] if len(parts) == 1 else np.stack(parts, -1)
            planes[layer.name] = plane if layer.type == "uint" else plane.astype(np.float32)
        return planes


class MadeClip:
    """A made shot, its truth and its anti-aliased pictures, each made once."""

    def __init__(self, made: MadeShot) -> None:
        self.made = made
        self.shot: Shot = made.shot()
        self.passes = MadePasses(made)
        self._light: dict[int, NDArray[np.float64]] = {}

    @functools.cached_property
    def truths(self) -> list[Truth]:
        first = self.shot.time.first
        return [
            truth_of(self.shot, index, self.passes.frame(first + index, NEEDED)) for index in range(self.made.frames)
        ]

    def row(self, index: int) -> CameraRow:
        return self.shot.camera[index]

    def light(self, index: int, row: CameraRow | None = None) -> NDArray[np.float64]:
        """(H, W, 3) scene-linear, four rays a pixel."""
        if row is not None:
            return self._traced(index, row)
        if index not in self._light:
            self._light[index] = self._traced(index, self.row(index))
        return self._light[index]

    def _traced(self, index: int, row: CameraRow) -> NDArray[np.float64]:
        made = self.made
        fine = replace(made, width=2 * made.width, height=2 * made.height)
        fine_row = replace(row, fx=2 * row.fx, fy=2 * row.fy, cx=2 * row.cx, cy=2 * row.cy)
        light = fine.trace(made.seconds(made.first + index), fine_row).preview
        return light.reshape(made.height, 2, made.width, 2, 3).mean((1, 3))

    def picture(self, index: int, row: CameraRow | None = None, gain: float = 1.0) -> Picture:
        return to_uint8(to_display(gain * self.light(index, row)))

    def pictures(self) -> list[Picture]:
        return [self.picture(index) for index in range(self.made.frames)]

    def watched(self, watcher: Watcher, picture: Callable[[int], Picture]) -> dict[str, Figure]:
        """The figures by name of a clip whose frame ``i`` is ``picture(i)``."""
        for truth in self.truths:
            watcher.see(picture(truth.index), truth)
        return {figure.name: figure for figure in watcher.figures()}


def moved(
    row: CameraRow,
    degrees: float = 0.0,
    about: tuple[float, float, float] = (0, 1, 0),
    by: tuple[float, float, float] = (0, 0, 0),
) -> CameraRow:
    """The camera turned about one of its own axes and shifted by metres along them."""
    world = np.array(row.world).reshape(4, 4).copy()
    world[:3, 3] += world[:3, :3] @ np.array(by, float)
    world[:3, :3] = world[:3, :3] @ rotation(np.radians(degrees) * np.array(about, float))
    return replace(row, world=tuple(float(value) for value in world.reshape(-1)))  # type: ignore[arg-type]


def knocks(shot: Shot, late: float = 0.0, leave_out: int | None = None) -> NDArray[np.float32]:
    """(N, 2) samples with a short ringing blow at each contact, ``late`` seconds after it."""
    samples = np.zeros((shot.time.samples, 2), np.float32)
    for number, contact in enumerate(shot.contacts):
        if number == leave_out:
            continue
        start = round((contact.time + late) * 48_000)
        seconds = np.arange(shot.time.samples - start) / 48_000
        ring = sum(
            np.sin(2 * np.pi * pitch * seconds) * np.exp(-seconds * decay)
            for pitch, decay in ((430, 18), (1270, 30), (2900, 55))
        )
        samples[start:] += (0.05 * contact.speed * ring)[:, None]
    return samples
