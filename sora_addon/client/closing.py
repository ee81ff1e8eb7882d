"""What becomes of open jobs when Blender closes. Blender lets nobody refuse its end, so the artist says it beforehand."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

FILE = "settings.json"
_choice: dict[str, bool] = {"finish": True}


def finishes() -> bool:
    """Whether the engine makes open jobs on its own once Blender is gone."""
    return _choice["finish"]


def choose(home: Path, finish: bool) -> None:
    """Set it, for this Blender, and for the next ones where that can be written."""
    _choice["finish"] = finish
    path = home / FILE
    partial = path.with_name(f"{FILE}.{os.getpid()}.partial")
    with contextlib.suppress(OSError):  # a full disk: it holds for this Blender
        partial.write_text(json.dumps({"finish": finish}), encoding="utf-8")
        os.replace(partial, path)


def recall(home: Path) -> None:
    """Read what was chosen; a file that cannot be read or is not sound leaves it at finishing."""
    try:
        found = json.loads((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if isinstance(found, dict) and isinstance(found.get("finish"), bool):
        _choice["finish"] = found["finish"]
