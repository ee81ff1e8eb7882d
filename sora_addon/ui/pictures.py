"""Pictures in the panel: what a job drew last, and a frame of each take. Loaded outside of drawing, by what was drawn last."""

from __future__ import annotations

import os
from typing import Any

import bpy.utils.previews

_collection: Any = None
_paths: dict[str, str] = {}
"""The file that each key's picture shows."""
_wanted: dict[str, tuple[str, str]] = {}
"""Keys that were drawn and are not loaded: the file, and IMAGE or MOVIE."""
KEPT = 64
"""Pictures at most; the longest loaded go first."""


def start() -> None:
    global _collection
    _collection = bpy.utils.previews.new()


def stop() -> None:
    global _collection
    if _collection is not None:
        bpy.utils.previews.remove(_collection)
    _collection = None
    _paths.clear()
    _wanted.clear()


def icon(key: str, path: str, kind: str = "IMAGE") -> int:
    """The icon of ``key``, 0 where it has no picture yet. Asking for it is what makes ``load_wanted`` load it."""
    if path and _paths.get(key) != path:
        _wanted[key] = (path, kind)
    preview = _collection.get(key) if _collection is not None else None
    return preview.icon_id if preview is not None else 0


def load_wanted() -> bool:
    """Load what was asked for since; whether something was. Blender reads the files themselves in a job of its own."""
    if _collection is None or not _wanted:
        return False
    loaded = False
    for key, (path, kind) in list(_wanted.items()):
        del _wanted[key]
        if not os.path.isfile(path):
            continue
        if key in _collection:
            del _collection[key]
        while len(_collection) >= KEPT:
            oldest = next(iter(_paths))
            del _paths[oldest], _collection[oldest]
        _collection.load(key, path, kind)
        _paths.pop(key, None)
        _paths[key] = path
        loaded = True
    return loaded
