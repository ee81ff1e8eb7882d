"""Simulations cached on disk, lent to a snapshot.

Blender keeps point caches in ``blendcache_NAME`` beside NAME.blend, so a copy under another name finds none and falls
back to rest though its caches say "baked" (seen in 4.2 to 5.2). Baked ones are only read: the copy gets a link to the
folder. Others would be written by the copy, so it gets files of its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def cache_folder(blend: Path) -> Path:
    """Where Blender keeps the point caches of a file."""
    return blend.with_name(f"blendcache_{blend.stem}")


def owner(place: Path) -> Path:
    """The file whose point caches lie in ``place``."""
    return place.with_name(place.name.removeprefix("blendcache_") + ".blend")


def point_caches(objects: Iterable[Any], scenes: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Every point cache, and what to call it in a message."""
    for thing in objects:
        for modifier in thing.modifiers:
            if getattr(modifier, "point_cache", None) is not None:
                yield f"'{modifier.name}' of '{thing.name}'", modifier.point_cache
            for surface in getattr(getattr(modifier, "canvas_settings", None), "canvas_surfaces", ()):
                if surface.point_cache is not None:
                    yield f"'{surface.name}' of '{thing.name}'", surface.point_cache
        for system in thing.particle_systems:
            if system.settings.type == "HAIR" and not system.use_hair_dynamics:
                continue
            yield f"'{system.name}' of '{thing.name}'", system.point_cache
    for scene in scenes:
        if scene.rigidbody_world is not None:
            yield f"the rigid bodies of '{scene.name}'", scene.rigidbody_world.point_cache


def lend(objects: Iterable[Any], scenes: Iterable[Any], original: Path, copy: Path) -> None:
    """Give ``copy`` the disk caches of ``original``. Raises OSError."""
    source, place = cache_folder(original), cache_folder(copy)
    if not source.is_dir():
        return
    if _all_baked(objects, scenes):
        _link(source, place)
    else:
        shutil.copytree(source, place)


def bytes_copied(objects: Iterable[Any], scenes: Iterable[Any], original: Path | None) -> int:
    """Bytes that ``lend`` would copy."""
    if original is None or not cache_folder(original).is_dir() or _all_baked(objects, scenes):
        return 0
    return sum(file.stat().st_size for file in cache_folder(original).rglob("*") if file.is_file())


def _all_baked(objects: Iterable[Any], scenes: Iterable[Any]) -> bool:
    return all(cache.is_baked for _, cache in point_caches(objects, scenes) if cache.use_disk_cache)


def _link(source: Path, place: Path) -> None:
    if sys.platform == "win32":
        # A symbolic link needs a right there that artists lack; a junction needs none.
        import _winapi

        _winapi.CreateJunction(str(source), str(place))  # type: ignore[attr-defined]
    else:
        os.symlink(source, place, target_is_directory=True)


def take_back(copy: Path) -> None:
    """Remove what ``lend`` made; never what a link leads to."""
    place = cache_folder(copy)
    if place.is_symlink():
        place.unlink()
    elif _is_junction(place):
        place.rmdir()
    elif place.is_dir():
        shutil.rmtree(place, ignore_errors=True)


def _is_junction(place: Path) -> bool:
    if sys.platform != "win32":
        return False
    with contextlib.suppress(OSError):
        return bool(os.readlink(place))
    return False
