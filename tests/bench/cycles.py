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
        engine, model = (_seconds(Path(folder), backend) for backend in ("sketch", "builtin"))
    found = []
    for name, what, seconds in (("sketch", "a draft, not a render", engine), ("builtin", "the model", model)):
        whole = took["export"] + seconds
        told = f"{whole:.2f} s a frame: export {took['export']:.2f}, take with sound and measures {seconds:.2f}"
        found.append(Line(f"the demo's shot at 512x288, by us (`{name}`: {what})", "-", told))
    for samples in ("16", "64"):
        faster = took[samples] / whole
        told = f"{took[samples]:.1f} s a frame, {faster:.0f} times as long as `builtin`"
        bound, holds = ("10x", faster >= 10) if samples == "64" else ("-", None)
        found.append(Line(f"the same shot by Cycles, {samples} samples, denoised, no sound", bound, told, holds))
    return found


def _seconds(folder: Path, backend: str) -> float:
    """A frame, from the shot to the take with its sound and measures."""
    start = time.perf_counter()
    take = generate(folder / "shot", folder / backend, Options(backend=backend), lambda stage, step, total: None)
    return (time.perf_counter() - start) / take.time.frames
