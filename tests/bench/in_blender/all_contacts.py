"""Every scene's contacts, judged."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sora_addon.scenes.catalogue import SCENES

from .judge import judge
from .scenes import build, export
from .truths import truths_of


def main() -> list[dict[str, Any]]:
    """A verdict each, with what it says in words under ``told``."""
    found = []
    for name in SCENES:
        happenings = build(name)
        with tempfile.TemporaryDirectory() as folder:
            shot = export(Path(folder, "shot"), passes=False)
        for verdict in judge(name, shot, truths_of(name, happenings)):
            judged = {name: getattr(verdict, name) for name in ("holds", "speed_holds", "false")}
            found.append({**asdict(verdict), **judged, "told": str(verdict)})
    return found
