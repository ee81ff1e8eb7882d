"""Where the add-on keeps what is not in the .blend: under Blender's folder for this extension, and beside the scene."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import bpy

VARIABLE = "SORA_HOME"
"""Names another home: for tests, and for studios with a disk of their own."""
PACKAGE = (__package__ or "").rpartition(".sora_addon")[0]
"""The extension's package in Blender; empty where ``sora_addon`` was imported by itself."""
SHORT = 8
"""Digits of an identity that folders are told apart by."""


def home() -> Path:
    """The folder of jobs, logs and presets; made where it is missing."""
    named = os.environ.get(VARIABLE)
    if named:
        folder = Path(named)
    elif PACKAGE:
        folder = Path(bpy.utils.extension_path_user(PACKAGE, path="home", create=True))
    else:
        folder = Path(bpy.utils.user_resource("DATAFILES", path="sora_shots", create=True))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def results_of(scene: Any) -> Path:
    """The folder for what is made of ``scene``: beside its file, or at home where it was never saved."""
    if bpy.data.filepath:
        path = Path(bpy.data.filepath)
        return path.parent / "sora" / path.stem / _plain(scene.name)
    return home() / "unsaved" / scene.sora.id[:SHORT]


def job_folder(scene: Any, job: str) -> Path:
    """A folder of its own for a job; the shot and the take lie in it. It is not made yet."""
    return results_of(scene) / f"{time.strftime('%Y-%m-%d %H.%M.%S')} {job[:SHORT]}"


def _plain(name: str) -> str:
    """A name as every file system takes it."""
    return re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", name).strip(" .")[:60] or "scene"
