"""The add-on as it runs in this Blender, for a look at what the artist cannot see."""

import importlib
from typing import Any

import bpy

PACKAGE = "bl_ext.user_default.sora_shots"


def part(name: str) -> Any:
    """A module of the installed add-on."""
    return importlib.import_module(f"{PACKAGE}.sora_addon.{name}")


def desk() -> Any:
    """What holds jobs and engine; None before the first use."""
    return part("client.desk").existing()


def jobs() -> list:
    """The rows of the list of jobs, latest first."""
    here = desk()
    return here.board.rows() if here is not None else []


def states() -> list[str]:
    return [row.job.state for row in jobs()]


def strips(scene: Any) -> list:
    """All strips of the scene's timeline, those in meta strips too."""
    editor = scene.sequence_editor
    return part("compat").all_strips_of(editor) if editor is not None else []


def takes_in(scene: Any) -> int:
    """How many takes lie in the timeline: their movie strips."""
    return sum(strip.type == "MOVIE" for strip in strips(scene))


def scene_named(name: str) -> Any:
    return bpy.data.scenes.get(name)
