"""How long the add-on holds Blender's main thread, in a real window, while an artist makes two takes.

The session is ``round`` of the tests in windows: words, Generate, progress, strips, once more, undo and redo. What is
measured is the add-on's own ``stalls``, which is always on.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .blender import ROOT, WHEEL, older_blender, real_blender
from .line import Line, NotMeasured

BOUND = 50.0
"""Milliseconds."""
SNAPSHOT = "snapshot"


def lines() -> list[Line]:
    blenders = [path for path in (real_blender(), older_blender()) if path is not None]
    if not blenders:
        raise NotMeasured("there is no real Blender; name one by BLENDER")
    with tempfile.TemporaryDirectory() as folder:
        extension = Path(_run("tests.build_zip", folder).strip().splitlines()[-1])
        return [_line(_round(blender, extension)) for blender in blenders]


def _line(record: dict[str, Any]) -> Line:
    held: dict[str, list[float]] = record["stalls"]
    others = {kind: seconds for kind, seconds in held.items() if kind != SNAPSHOT}
    worst = max(others, key=lambda kind: others[kind][0])
    longest, worked = others[worst]
    told = f"{longest:.0f} ms ({worst}; {worked:.0f} ms of it at work), of {len(others)} kinds of moments"
    told += f"; the snapshot {held[SNAPSHOT][0]:.0f} ms; Blender {record['blender']}"
    what = "longest stall of Blender's main thread in a window, over two takes with undo and redo, snapshot write aside"
    return Line(what, f"{BOUND:.0f} ms", told, longest <= BOUND)


def _round(blender: Path, extension: Path) -> dict[str, Any]:
    said = _run("tests.blender.window.studio", str(blender), str(extension), "round")
    return json.loads(said[said.index("{") :])


def _run(module: str, *arguments: str) -> str:
    """What a module of the add-on's Python prints. Raises NotMeasured."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(WHEEL), "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMeasured(f"{module} failed ({done.returncode}): {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout
