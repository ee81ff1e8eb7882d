"""What every backend on diffusers asks of the artist, and where its model lies."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sora_addon.contract import ContractError, Control, Shot

from ..settings import Given
from .folder import read_json
from .policy import MEMORY, PRECISION, SPEED, SWITCH, Wish

VARIABLE = "SORA_MODELS"
"""Names the folder of models, where it is not the usual one."""
MOST_STEPS = 200


@dataclass(frozen=True)
class Common:
    """Settings that all of them have."""

    model: Path
    steps: int
    guidance: float
    wish: Wish
    """How the model is to be loaded and run."""


def common(given: Given, backend: str, steps: int, guidance: float) -> Common:
    """With the backend's own defaults. Raises ContractError naming the setting."""
    return Common(
        folder_of("model", given.text("model"), backend),
        given.whole("steps", steps, 1, MOST_STEPS),
        given.number("guidance", guidance, 0.0, 20.0),
        wish_of(given),
    )


def wish_of(given: Given) -> Wish:
    """What is asked of speed and memory; a draft is fast where nothing is said. Raises ContractError naming the setting."""
    usual = "fast" if given.values.get("quality") == "draft" else "exact"
    memory: Any = given.choice("memory", MEMORY, "auto")
    precision: Any = given.choice("precision", PRECISION, "auto")
    speed: Any = given.choice("speed", SPEED, usual)
    cache: Any = given.choice("cache", SWITCH, "auto")
    compiled: Any = given.choice("compile", SWITCH, "auto")
    return Wish(memory, precision, speed, cache, compiled)


def folder_of(setting: str, said: str, backend: str) -> Path:
    """The folder that a setting names; where it is silent, the one of the backend's name among the models."""
    if said:
        folder = Path(said).expanduser()
        if not folder.is_absolute():
            raise ContractError(f"words.settings.{setting}", f"{said[:120]!r} is not an absolute path")
        return folder
    folder = usual_folder(backend)
    if not folder.is_dir():
        raise ContractError(
            f"words.settings.{setting}",
            f"no model of {backend} is at {folder}",
            "get one in the model manager, or choose a folder that is there already",
        )
    return folder


def models_home() -> Path:
    """The folder that holds a folder for each backend's model."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else _data() / "sora-blender" / "models"


def usual_folder(name: str) -> Path:
    """Where a model of that name lies: among the models, or in the folder elsewhere that the model manager was told of."""
    elsewhere = models_home() / f"{name}.folder.json"
    if elsewhere.is_file():
        return Path(str(read_json(elsewhere).get("folder", "")))
    return models_home() / name


def picture_steered_by(shot: Shot, options: tuple[Control, ...], given: Given, default: Control) -> Control | None:
    """The one of ``options`` that is to steer the picture: the setting 'control', else what the shot asks of its controls.

    None where it is said to be 'none', or the default has the weight 0. Raises ContractError where two are asked for.
    """
    if "control" in given.values:
        said = given.choice("control", (*options, "none"), default)
        return next((option for option in options if option == said), None)
    asked = [(i, steer) for i, steer in enumerate(shot.words.controls) if steer.control in options]
    wanted: list[tuple[int, Control]] = [(i, steer.control) for i, steer in asked if steer.weight > 0]
    if len(wanted) > 1:
        raise ContractError(
            f"words.controls[{wanted[1][0]}].control",
            f"is {wanted[1][1]}, and {wanted[0][1]} steers the picture already",
            "give one of them the weight 0",
        )
    if wanted:
        return wanted[0][1]
    silenced = any(steer.control == default for _, steer in asked)
    return None if silenced else default


def _data() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
