"""Scripts run by the Blender that the variable BLENDER names."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "tests" / "blender" / "in_blender"

needs_blender = pytest.mark.skipif("BLENDER" not in os.environ, reason="BLENDER names no Blender")


def in_real_blender(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Blender in the background with factory settings, and ``arguments`` after those."""
    command = [os.environ["BLENDER"], "--background", "--factory-startup", "--offline-mode", "--python-exit-code", "70"]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)
