"""Scenes from disk, as Blender opens or imports them in a process that ends afterwards."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import bpy

USD = (".usd", ".usda", ".usdc", ".usdz")
GLTF = (".glb", ".gltf")


class NoScene(RuntimeError):
    """The file cannot be opened; the sentence says why."""


def open_scene(path: Path, trust: bool, rate: Fraction | None = None) -> list[str]:
    """Open or import ``path`` in place of what is open; what is worth telling about it. Raises NoScene.

    ``trust`` lets a .blend run its own scripts and drivers. ``rate``: frames a second of an imported scene.
    """
    if not path.is_file():
        raise NoScene(f"There is no scene file {path}.")
    path, kind = path.absolute(), path.suffix.lower()
    if kind == ".blend" and rate is not None:
        raise NoScene(f"{path.name} has its own frame rate; leave --fps out.")
    try:
        if kind == ".blend":
            bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=False, use_scripts=trust)
            return _blocked_scripts()
        if kind in GLTF:
            return _import_gltf(path, rate)
        if kind in USD:
            return _import_usd(path, rate)
    except RuntimeError as error:
        raise NoScene(f"{path} cannot be opened ({_first_line(error)}).") from error
    raise NoScene(f"{path.name} is neither a .blend, a glTF (.glb, .gltf) nor a USD file (.usd, .usda, .usdc, .usdz).")


def set_rate(scene: Any, rate: Fraction) -> None:
    """Frames a second as Blender keeps them: a whole number over a base, 24 over 1.001 for 24000/1001."""
    scene.render.fps = math.ceil(rate)
    scene.render.fps_base = float(math.ceil(rate) / rate)


def _blocked_scripts() -> list[str]:
    if not bpy.app.autoexec_fail:
        return []
    why = bpy.app.autoexec_fail_message
    return [f"A script or driver of the file did not run ({why}); give --trust if you trust the file."]


def _import_gltf(path: Path, rate: Fraction | None) -> list[str]:
    """glTF counts in seconds, so the rate must stand before the import, which leaves Blender's default range."""
    scene = _empty_scene(rate)
    import addon_utils  # the importer is an add-on of Blender's own, which a wheel need not have enabled

    addon_utils.enable("io_scene_gltf2")
    bpy.ops.import_scene.gltf(filepath=str(path))
    _look_through_the_only_camera(scene)
    ranges = [action.frame_range for action in bpy.data.actions]
    if not ranges:
        scene.frame_start = scene.frame_end = 1
        return ["Nothing moves in the file, so it has one frame; give --frames for more."]
    scene.frame_start = math.floor(min(start for start, _ in ranges) + 1e-3)
    scene.frame_end = max(math.ceil(max(end for _, end in ranges) - 1e-3), scene.frame_start)
    return []


def _import_usd(path: Path, rate: Fraction | None) -> list[str]:
    """USD counts in frames, and Blender's importer takes their range but not their rate."""
    own = rate or _usda_rate(path)
    scene = _empty_scene(own)
    bpy.ops.wm.usd_import(filepath=str(path), set_frame_range=True)
    _look_through_the_only_camera(scene)
    if own is None:
        return ["The rate of a binary USD file is not read and 24 frames a second are taken; give --fps for another."]
    return []


def _usda_rate(path: Path) -> Fraction | None:
    """The rate that stands in the head of a USD file written as text; None for a binary one. 24 is USD's default."""
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    if not head.startswith(b"#usda"):
        return None
    metadata = head.split(b"\ndef ", 1)[0]
    for name in (b"timeCodesPerSecond", b"framesPerSecond"):
        found = re.search(rb"^\s*" + name + rb"\s*=\s*([0-9.]+)\s*$", metadata, re.MULTILINE)
        if found:
            return Fraction(found[1].decode())
    return Fraction(24)


def _empty_scene(rate: Fraction | None) -> Any:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    if rate is not None:
        set_rate(scene, rate)
    return scene


def _look_through_the_only_camera(scene: Any) -> None:
    """Importers bring cameras and do not always choose one."""
    cameras = [thing for thing in scene.objects if thing.type == "CAMERA"]
    if scene.camera is None and len(cameras) == 1:
        scene.camera = cameras[0]


def _first_line(error: Exception) -> str:
    return next((line.removeprefix("Error: ") for line in str(error).splitlines() if line.strip()), "no reason given")
