"""Every scene as a shot without passes: FOLDER/NAME each."""

from __future__ import annotations

from pathlib import Path

from sora_addon.scenes.catalogue import SCENES

from .scenes import build, export


def main(folder: str) -> list[str]:
    """The names."""
    for name in SCENES:
        build(name)
        export(Path(folder, name), passes=False)
    return list(SCENES)
