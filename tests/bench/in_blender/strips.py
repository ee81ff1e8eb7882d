"""Takes laid in the sequencer: how long their strips are, and what samples the sound strip plays."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from sora_addon import compat
from sora_addon.contract import read_take
from sora_addon.sequencer import lay

from .scenes import empty_scene


def main(folder: str) -> list[dict[str, Any]]:
    """One for each FOLDER/RATE/take."""
    return [_laid(place) for place in sorted(Path(folder).iterdir())]


def _laid(place: Path) -> dict[str, Any]:
    import aud  # lies inside bpy, which must have been imported

    scene = empty_scene()
    numerator, denominator = read_take(place / "take").time.fps
    scene.render.fps = round(numerator / denominator)
    scene.render.fps_base = scene.render.fps * denominator / numerator
    laid = lay(scene, place / "take")
    inside = compat.strips_of(compat.strips_of(scene.sequence_editor)[laid.metas[0]])
    strips = {strip.type: strip for strip in inside}
    samples = aud.Sound.file(bpy.path.abspath(strips["SOUND"].sound.filepath)).data()
    return {
        "rate": place.name,
        "clip": compat.strip_end(strips["MOVIE"]) - compat.strip_start(strips["MOVIE"]),
        "sound": compat.strip_end(strips["SOUND"]) - compat.strip_start(strips["SOUND"]),
        "digest": hashlib.sha256(samples.astype(np.dtype("<f4")).tobytes()).hexdigest(),
    }
