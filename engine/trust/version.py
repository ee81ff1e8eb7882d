"""Which engine signs."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

MANIFEST = Path(__file__).resolve().parents[2] / "blender_manifest.toml"


@cache
def engine_version() -> str:
    """Of engine and extension, which come in one zip."""
    return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["version"]
