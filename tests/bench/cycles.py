"""Beside what an artist would do instead: the demo's shot by Cycles, denoised, in the same run."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from engine.pipeline.generate import Options, generate

from .blender import in_blender
from .line import Line


def lines() -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        took = in_blender("cycles", folder)
        start = time.perf_counter()
        take = generate(Path(folder, "shot"), Path(folder, "take"), Options(), lambda stage, step, total: None)
        engine = (time.perf_counter() - start) / take.time.frames
    whole = took["export"] + engine
    told = f"{whole:.2f} s a frame: export {took['export']:.2f}, take with sound and measures {engine:.2f}"
    found = [Line("the demo's shot at 512x288, by us (`sketch`: a draft, not a render)", "-", told)]
    for samples in ("16", "64"):
        told = f"{took[samples]:.1f} s a frame, {took[samples] / whole:.0f} times as long"
        found.append(Line(f"the same shot by Cycles, {samples} samples, denoised, no sound", "-", told))
    return found
