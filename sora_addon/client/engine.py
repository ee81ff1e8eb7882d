"""Finds the engine's own Python and runs it. No bpy here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ..install.places import chosen_engine
from ..models.places import model_variables

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds ``engine`` beside ``sora_addon``: the repository, or the unpacked extension."""
VARIABLE = "SORA_ENGINE_PYTHON"


class NoEngine(RuntimeError):
    """The engine's Python is not there; the sentence says how to get it."""


NOT_INSTALLED = "The engine is not installed; press Install Engine in the Sora tab or in the preferences of the add-on"
KEPT = 1.0
"""Seconds for which an answer of the disk is believed: every drawing of the panel asks."""
_installed: tuple[float, Path | None] = (float("-inf"), None)


def engine_python() -> Path:
    """The Python that has the engine's packages: the variable's, else the installed one, else that of ``.venv-engine``.

    Raises NoEngine.
    """
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named)
        if not path.is_file():
            raise NoEngine(f"{VARIABLE} names {named}, which is not a file; let it name the engine's Python.")
        return path
    installed = _find_installed()
    if installed is not None:
        return installed
    path = ROOT / ".venv-engine" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not path.is_file():
        raise NoEngine(NOT_INSTALLED)
    return path


def _find_installed() -> Path | None:
    global _installed
    asked, found = _installed
    if time.monotonic() - asked > KEPT:
        found = chosen_engine()
        _installed = (time.monotonic(), found)
    return found


def look_again() -> None:
    """An engine was installed or removed: what was known of it counts no more."""
    global _installed
    _installed = (float("-inf"), None)


def engine_command(arguments: Sequence[str]) -> list[str]:
    """``python -m engine`` with ``arguments``. Raises NoEngine."""
    return [str(engine_python()), "-m", "engine", *arguments]


def engine_environment() -> dict[str, str]:
    """This process's environment with the engine importable, and without what only concerns Blender's Python."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"} | model_variables()


def run_engine(arguments: Sequence[str]) -> int:
    """Run the engine on this terminal and wait; its exit code. An interrupt is passed on and waited for.

    Raises NoEngine, and KeyboardInterrupt after the engine has ended.
    """
    process = subprocess.Popen(engine_command(arguments), env=engine_environment(), stdin=subprocess.DEVNULL)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The terminal sends an interrupt to the engine too; a plain kill of this process alone does not.
        process.terminate()
        process.wait()
        raise
