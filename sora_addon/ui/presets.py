"""Looks that the artist keeps: style, words to leave out, backend, quality, guide, chain and size, each a small file."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import bpy
from bpy.props import StringProperty

from ..client import asking, kept, places
from . import say
from .both import scene_in

FORMAT, VERSION = "sora-preset", 1
LARGEST = 1 << 20
"""Bytes of a preset, which may come from a stranger."""
KEPT = (
    "negative",
    "style",
    "look",
    "backend",
    "quality",
    "percent",
    "handle_in",
    "handle_out",
    "exr",
    "loudness_set",
    "loudness",
)
"""Of the scene's settings; the prompt and the seed are a shot's own."""


FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
"""What no file system takes in a name."""
LONGEST = 60


def folder() -> Path:
    """Where the artist's presets lie; it need not be there. A studio may put files there."""
    return places.home() / "presets"


def names() -> list[str]:
    """The presets that there are, by name."""
    return sorted((path.stem for path in folder().glob("*.json")), key=str.lower)


def save(scene: Any, name: str) -> Path:
    """Keep the settings of ``scene`` under ``name``; an earlier preset of that name is replaced. Raises ValueError."""
    if not name or FORBIDDEN.search(name) or name[0] == "." or len(name) > LONGEST:
        raise ValueError(say.report("A preset's name has 1 to 60 letters and none of < > : \" / \\ | ? *"))
    folder().mkdir(parents=True, exist_ok=True)
    values = {key: getattr(scene.sora, key) for key in KEPT} | {"making": kept.values_of(scene)}
    path = folder() / f"{name}.json"
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    text = json.dumps({"format": FORMAT, "version": VERSION, **values}, ensure_ascii=False, indent=1)
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
    return path


def free_name(scene: Any) -> str:
    """A name for the look that is set: its words or its style, with a number where that is taken."""
    look = FORBIDDEN.sub(" ", asking.style_of(scene)).strip(" .")[: LONGEST - 5].strip()
    first = (look[:1].upper() + look[1:]) or say._("My Look")
    taken = {name.lower() for name in names()}
    others = (f"{first} {number}" for number in range(2, len(taken) + 3))
    return next(name for name in (first, *others) if name.lower() not in taken)


def apply(scene: Any, name: str) -> list[str]:
    """Set what the preset holds; names of what it holds and this Blender or engine cannot set. Raises ValueError."""
    try:
        with (folder() / f"{name}.json").open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ValueError(f"> {LARGEST} B")
        found = json.loads(data)
    except FileNotFoundError:
        raise ValueError(say.fill_report("There is no preset {name}", name=name)) from None
    except (ValueError, RecursionError) as error:
        raise ValueError(say.fill_report("The preset {name} is not sound ({error})", name=name, error=error)) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT or found.get("version") != VERSION:
        raise ValueError(say.fill_report("{name}.json is not a preset of this version", name=name))
    left_out: list[str] = []
    for key in KEPT:
        if key not in found:
            continue
        try:
            setattr(scene.sora, key, found[key])
        except (TypeError, ValueError):
            left_out.append(key)
    if "making" in found:
        left_out += kept.set_values(scene, found["making"])
    return left_out


class SORA_OT_apply_preset(bpy.types.Operator):
    """Take over the settings of this preset; words and seed stay"""

    bl_idname = "sora.apply_preset"
    bl_label = "Apply Preset"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    name: StringProperty(name="Name", description="Name of the preset")

    def execute(self, context: Any) -> set[str]:
        try:
            left_out = apply(scene_in(context), self.name)
        except (ValueError, OSError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if left_out:
            text = say.fill_report("Not known here and left as it was: {names}", names=", ".join(left_out))
            self.report({"WARNING"}, text)
        return {"FINISHED"}


class SORA_OT_add_preset(bpy.types.Operator):
    """Keep the look that is set as a preset for every scene, named after it"""

    bl_idname = "sora.add_preset"
    bl_label = "Add Preset"

    def execute(self, context: Any) -> set[str]:
        scene = scene_in(context)
        name = free_name(scene)
        try:
            save(scene, name)
        except (ValueError, OSError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, say.fill_report("Saved as {name}", name=name))
        return {"FINISHED"}


class SORA_OT_show_presets(bpy.types.Operator):
    """Show the folder of the presets in the file browser of the system: a file each, to copy, rename and share"""

    bl_idname = "sora.show_presets"
    bl_label = "Show Folder of Presets"

    def execute(self, context: Any) -> set[str]:
        try:
            folder().mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        bpy.ops.wm.path_open(filepath=str(folder()))
        return {"FINISHED"}


class SORA_OT_save_preset(bpy.types.Operator):
    """Keep style, words to leave out, backend, quality, guide, chain and size as a preset for every scene"""

    bl_idname = "sora.save_preset"
    bl_label = "Save Preset"

    name: StringProperty(name="Name", description="Name of the preset", default="My Look")

    def invoke(self, context: Any, event: Any) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context: Any) -> set[str]:
        try:
            save(scene_in(context), self.name.strip())
        except (ValueError, OSError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, say.fill_report("Saved as {name}", name=self.name))
        return {"FINISHED"}


class SORA_OT_remove_preset(bpy.types.Operator):
    """Remove this preset's file"""

    bl_idname = "sora.remove_preset"
    bl_label = "Remove Preset"

    name: StringProperty(name="Name", description="Name of the preset")

    def invoke(self, context: Any, event: Any) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: Any) -> set[str]:
        path = folder() / f"{self.name}.json"
        if self.name not in names():
            self.report({"ERROR"}, say.fill_report("There is no preset {name}", name=self.name))
            return {"CANCELLED"}
        path.unlink()
        return {"FINISHED"}


class SORA_MT_presets(bpy.types.Menu):
    """The artist's presets"""

    bl_idname = "SORA_MT_presets"
    bl_label = "Presets"

    def draw(self, context: Any) -> None:
        found = names()
        for name in found:
            self.layout.operator("sora.apply_preset", text=name, translate=False).name = name
        if found:
            self.layout.separator()
        self.layout.operator("sora.add_preset", icon="ADD")
        self.layout.operator("sora.save_preset", text="Save Preset...", icon="FILE_TICK")
        self.layout.operator("sora.show_presets", icon="FILE_FOLDER")
        if found:
            self.layout.menu(SORA_MT_remove_preset.bl_idname, icon="REMOVE")


class SORA_MT_remove_preset(bpy.types.Menu):
    """Presets to remove"""

    bl_idname = "SORA_MT_remove_preset"
    bl_label = "Remove Preset"

    def draw(self, context: Any) -> None:
        for name in names():
            self.layout.operator("sora.remove_preset", text=name, translate=False).name = name


CLASSES = (
    SORA_OT_apply_preset,
    SORA_OT_add_preset,
    SORA_OT_save_preset,
    SORA_OT_show_presets,
    SORA_OT_remove_preset,
    SORA_MT_remove_preset,
    SORA_MT_presets,
)
