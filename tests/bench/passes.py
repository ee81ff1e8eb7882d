"""The passes of a moving scene of flat squares, as the engine reads them, against closed form."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.media.passes import Passes
from sora_addon.contract import read_shot

from .blender import in_blender
from .closed_form import FIRST, LAST, SQUARES, away_from_edges, truth
from .line import Line


class Worst:
    """The greatest errors seen, and pixels counted."""

    def __init__(self) -> None:
        self.depth = self.normal = self.motion = 0.0
        self.wrong = self.pixels = 0

    def see(
        self,
        planes: dict[str, NDArray[np.generic]],
        bodies: list[int],
        materials: list[int],
        frame: int,
        parallel: bool,
    ) -> None:
        true = truth(frame, parallel)
        inner = away_from_edges(true.square)
        for name, indices in (("body", bodies), ("material", materials)):
            wanted = np.array([*indices, 0])[true.square]
            self.wrong += int((planes[name] != wanted)[inner].sum())
        self.pixels += int(inner.sum())
        there = inner & (true.square >= 0)
        self.wrong += int(np.isfinite(planes["depth"][inner & ~there]).sum())
        self.depth = max(self.depth, float(np.abs(planes["depth"][there] / true.depth[there] - 1).max()))
        self.normal = max(self.normal, float(np.abs(planes["normal"] - true.normal)[there].max()))
        for name in ("to_next", "from_previous"):
            # a NaN must not pass as a maximum
            off = np.nan_to_num(np.abs(planes[name] - getattr(true, name))[there], nan=np.inf)
            self.motion = max(self.motion, float(off.max()))


def lines() -> list[Line]:
    worst = Worst()
    with tempfile.TemporaryDirectory() as folder:
        for name in in_blender("closed_form", folder):
            shot = read_shot(Path(folder, name))
            passes = Passes(Path(folder, name), shot)
            body = {one.name: one.index for one in shot.bodies}
            material = {one.name: one.index for one in shot.materials}
            order = [square.name for square in SQUARES]
            for frame in range(FIRST, LAST + 1):
                planes = passes.frame(frame, ["depth", "normal", "to_next", "from_previous", "body", "material"])
                indices = [body[one] for one in order], [material[one] for one in order]
                worst.see(planes, *indices, frame, name == "parallel")
    seen = f"{worst.pixels:,} pixels off edges, perspective and parallel"
    return [
        Line("passes against closed form: depth, relative", "1e-4", f"{worst.depth:.1e}, {seen}", worst.depth <= 1e-4),
        Line("passes against closed form: normal", "1e-4", f"{worst.normal:.1e}", worst.normal <= 1e-4),
        Line("passes against closed form: motion", "0.01 px", f"{worst.motion:.1e} px", worst.motion <= 0.01),
        Line("passes against closed form: ids", "every pixel", f"{worst.wrong} wrong", worst.wrong == 0),
    ]
