"""Whether what a scene's panel asks for fits this machine, as it is drawn; and what one press makes of it."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..contract.messages import BackendInfo, Welcome
from ..export.preflight import ROWS_A_FRAME, frame_bytes
from ..models.places import chosen_model
from ..models.told import Model
from ..models.work import MODELS
from . import asking, making, places
from .fits import Mend, Shape, Verdict, verdict

KEPT = 2.0
"""Seconds for which free space that was asked for is believed: every drawing of the panel asks."""
_free: dict[Path, tuple[float, int]] = {}


def shape_of(scene: Any) -> Shape:
    """What the panel asks for, handles included."""
    size, cut, rate = asking.size_of(scene), asking.range_of(scene), scene.render.fps / scene.render.fps_base
    return Shape(cut.frames + scene.sora.handle_in + scene.sora.handle_out, size.width, size.height, rate)


def verdict_of(scene: Any, infos: list[BackendInfo], welcome: Welcome) -> Verdict | None:
    """None where there is nothing to make."""
    shape = shape_of(scene)
    if not shape.frames or not infos:
        return None
    lights = sum(1 for thing in scene.objects if thing.type == "LIGHT")
    a_frame = ROWS_A_FRAME + frame_bytes(shape.width, shape.height, lights)
    free = disk_free(places.results_of(scene))
    savings = [scene.sora.making.saving, *(link.saving for link in scene.sora.making.links if link.backend)]
    return verdict(infos, welcome, shape, a_frame, free, savings)


def apply(scene: Any, mend: Mend) -> None:
    """Set what would make it fit."""
    if mend.kind == "saving":
        maker_at(scene, mend.place).saving = mend.saving
    elif mend.kind == "size":
        scene.sora.percent = smaller(scene, mend)
    else:
        cut = asking.range_of(scene)
        handles = scene.sora.handle_in + scene.sora.handle_out
        if mend.frames <= handles:
            scene.sora.handle_in = scene.sora.handle_out = handles = 0
        scene.use_preview_range = True
        scene.frame_preview_start, scene.frame_preview_end = cut.first, cut.first + mend.frames - handles - 1
        scene.sora.frames = "preview"


def maker_at(scene: Any, place: int) -> Any:
    """Whose saving is set: the scene's own for the first backend, else a link of its chain."""
    made = scene.sora.making
    return made if place == 0 else [link for link in made.links if link.backend][place - 1]


def smaller(scene: Any, mend: Mend) -> int:
    """The panel's percent of a size that fits."""
    return max(1, int(scene.sora.percent * mend.share))


def infos_of(scene: Any, backend: Any) -> list[BackendInfo] | None:
    """What the engine said of the backends of a job; None where it has not said it of each."""
    makers, listing = making.makers_of_scene(scene), MODELS.shown.listing
    choices = [scene.sora.making.model, *("" for _ in makers[1:])]
    found: list[BackendInfo] = []
    for name, choice in zip(makers, choices, strict=True):
        info = backend(name)
        if info is None:
            return None
        found.append(loading(info, chosen_model(listing, name, choice)))
    return found


def loading(info: BackendInfo, model: Model | None) -> BackendInfo:
    """What a backend needs with that model, which may have more weights than its usual one."""
    if model is None or not model.memory:
        return info
    return replace(info, memory=model.memory, weights=max(info.weights + model.memory - info.memory, 0))


def disk_free(folder: Path) -> int:
    """Bytes that are free where ``folder`` will be; 0 where that is not known."""
    asked, found = _free.get(folder, (float("-inf"), 0))
    if time.monotonic() - asked > KEPT:
        found = _look(folder)
        _free.clear()
        _free[folder] = (time.monotonic(), found)
    return found


def _look(folder: Path) -> int:
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return 0
