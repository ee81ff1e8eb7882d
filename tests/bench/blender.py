"""Calls Blender's side of the benchmark: on the bpy wheel of .venv, or in a real Blender."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from .line import NotMeasured

ROOT = Path(__file__).resolve().parents[2]
WHEEL = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SCRIPT = Path(__file__).with_name("in_blender") / "__main__.py"
MARK = "RESULT "


def in_blender(verb: str, *arguments: str | Path, blender: Path | None = None) -> Any:
    """What the verb of ``in_blender/__main__.py`` answers, run on the wheel or by ``blender``. Raises NotMeasured."""
    command = [str(WHEEL), str(SCRIPT)]
    if blender is not None:
        options = ["--background", "--factory-startup", "--offline-mode", "--python-exit-code", "70"]
        command = [str(blender), *options, "--python", str(SCRIPT), "--"]
    elif not WHEEL.is_file():
        raise NotMeasured(f"there is no Blender wheel at {WHEEL}; make it with 'make environments'")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command, verb, *map(str, arguments)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    told = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if done.returncode or not told:
        raise NotMeasured(f"Blender's side failed at {verb} ({done.returncode}): {(done.stdout + done.stderr)[-2000:]}")
    return json.loads(told[-1].removeprefix(MARK))


def real_blender() -> Path | None:
    """A real Blender: the variable BLENDER's, else the one that the tests have made; None where there is none."""
    return _named("BLENDER", ".blender-sid")


def older_blender() -> Path | None:
    """As ``real_blender``, an older one: the variable BLENDER_OLD's, else the one that the tests have made."""
    return _named("BLENDER_OLD", ".blender-trixie")


def _named(variable: str, made: str) -> Path | None:
    named = os.environ.get(variable)
    path = Path(named) if named else ROOT / made / "blender"
    return path if path.is_file() else None
