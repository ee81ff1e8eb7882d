"""The add-on's page in the preferences: where the engine lives and whether it is well, its models, the studio's server."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ..client import places as homes
from ..models import follow as models_follow
from ..models.page import draw_models, draw_server
from ..models.settings import ModelSettings, keep_home
from ..ui import say
from ..ui.told import told
from . import follow
from .install import LOG
from .places import choose_root
from .plan import Plan
from .work import WITH_MODELS, WORK, Shown, Wish, has_parts

PACKAGE: str = homes.PACKAGE or "sora_addon"
"""Blender finds preferences by the name of the extension's root package."""

STAGES = {
    "making": "Making an empty environment",
    "downloading": "Downloading",
    "installing": "Installing the packages",
    "checking": "Checking that it answers",
}
TASKS = {
    "looking": "Looking for a Python...",
    "installing": "Starting...",
    "repairing": "Looking for what is broken...",
    "verifying": "Checking every file...",
    "removing": "Removing...",
    "fetching": "Starting...",
}
ENDED_WELL = {
    "installing": "The engine is installed and answers",
    "repairing": "The engine is whole again",
    "verifying": "The engine is whole and answers",
    "removing": "The engine was removed",
    "fetching": "The wheel folder is filled",
}


def changed(self: Any, context: Any) -> None:
    """Another folder or Python: look again."""
    choose_root(root())
    WORK.begin("looking", wish())
    follow.follow()


class SoraPreferences(ModelSettings, bpy.types.AddonPreferences):
    bl_idname = PACKAGE

    folder: StringProperty(
        name="Folder",
        description="Where the engine's environment lies, about 640 MB. Empty: with Blender's own files of this add-on",
        subtype="DIR_PATH",
        update=changed,
    )
    python: StringProperty(
        name="Python",
        description="The Python 3.11 to 3.14 that the environment is made from. Empty: Blender's own or one that is found",
        subtype="FILE_PATH",
        update=changed,
    )
    wheels: StringProperty(
        name="Wheel Folder",
        description="Install from these files, without a network. Empty: download them",
        subtype="DIR_PATH",
        update=changed,
    )

    models: BoolProperty(
        name="With Models",
        description="Also what larger models need (torch): many times larger; the size is said first",
        default=False,
        update=changed,
    )

    sign_renders: BoolProperty(
        name="Sign What the Sequencer Renders",
        description="Give films and pictures of a timeline with takes content credentials that name these takes",
        default=True,
    )

    def draw(self, context: Any) -> None:
        draw_engine(self.layout, context, WORK.shown)
        layout = self.layout.column()
        layout.use_property_split = True
        layout.enabled = not WORK.busy
        for name in ("models", "folder", "python", "wheels"):
            layout.prop(self, name)
        draw_models(self.layout, context, self)
        draw_server(self.layout, context, self)
        signing = self.layout.column()
        signing.use_property_split = True
        signing.prop(self, "sign_renders")


def preferences() -> Any | None:
    """This add-on's preferences; None where it was not enabled as an add-on."""
    addon = bpy.context.preferences.addons.get(PACKAGE)
    return addon.preferences if addon is not None else None


def root() -> Path:
    """The folder of environments: the artist's, else one beside the jobs and logs."""
    chosen = _path("folder")
    return chosen if chosen is not None else homes.home() / "engine"


def wish() -> Wish:
    """What is set, for a task."""
    own = (sys.executable, *bpy.app.python_args)
    page = preferences()
    parts = WITH_MODELS if page is not None and page.models else ("core",)
    return Wish(root(), own, _path("python"), _path("wheels"), homes.home(), parts)


def progress() -> tuple[bool, float, str] | None:
    """For other panels: whether an install is under way, its share, a line about it. None where there is nothing to say."""
    shown = WORK.shown
    if shown.task in ("installing", "repairing"):
        return True, shown.progress.share if shown.progress else 0.0, progress_line(shown)
    if shown.problem:
        return False, 0.0, told(shown.problem)
    return None if shown.plan is None else (False, 0.0, size_line(shown.plan))


def progress_line(shown: Shown) -> str:
    """'Downloading scipy, 57 of 178 MB, 40 s left'."""
    now = shown.progress
    if now is None or now.stage not in STAGES:
        return say._(TASKS.get(shown.task, ""))
    words = say._(STAGES[now.stage])
    if now.stage == "downloading":
        name = f" {now.package}" if now.package else ""
        return say.fill(
            "{words}, {done} of {total} MB, {left} left",
            words=words + name,
            done=round(now.done / 1e6),
            total=round(now.total / 1e6),
            left=say.duration(now.seconds_left),
        )
    return say.fill("{words}, {left} left", words=words, left=say.duration(now.seconds_left))


def size_line(plan: Plan) -> str:
    """What an install would take, before it is pressed."""
    return say.fill(
        "Downloads {download} MB, takes about {disk} MB of disk, with Python {python}",
        download=round(plan.download / 1e6),
        disk=round(plan.disk / 1e7) * 10,
        python=plan.python_version,
    )


def lacks_models() -> bool:
    """Whether a whole engine is there, without the packages of the models."""
    found = WORK.shown.state
    return found is not None and found.kind == "whole" and not has_parts(found, WITH_MODELS)


def models_size() -> str:
    """What adding the models would take; empty where that is not known yet."""
    plan = WORK.shown.plan or WORK.shown.models
    return size_line(plan) if plan is not None else ""


def needs_network() -> bool:
    """Whether an install would have to download and Blender forbids it."""
    return _path("wheels") is None and not bpy.app.online_access


def draw_engine(layout: Any, context: Any, shown: Shown) -> None:
    """The state in plain words, and what can be pressed."""
    box = layout.box()
    width = say.letters(context) - 6
    kind = shown.state.kind if shown.state is not None else ""
    if shown.task:
        share = shown.progress.share if shown.progress is not None else 0.0
        row = box.row()
        row.progress(factor=share, text=progress_line(shown), translate=False)
        if shown.task not in ("looking", "removing"):
            row.operator("sora.cancel_install", text="Cancel", icon="X")
        _draw_log(box)
        return
    _draw_words(box, width, shown, kind)
    if kind not in ("whole", "working") and needs_network():
        say.wrapped(
            box, say._("Blender may not go online: allow it here, or choose a wheel folder below"), width, "ERROR"
        )
        box.prop(context.preferences.system, "use_online_access")
    row = box.row()
    row.scale_y = 1.3
    if kind in ("absent", "older"):
        row.operator("sora.install_engine", icon="IMPORT")
    elif kind == "stopped":
        row.operator("sora.install_engine", text="Resume", icon="PLAY")
        row.operator("sora.remove_engine", text="Remove", icon="TRASH")
    elif kind in ("whole", "broken"):
        if lacks_models():
            row.operator("sora.add_models", icon="IMPORT")
        row.operator("sora.verify_engine", text="Verify", icon="CHECKMARK")
        row.operator("sora.repair_engine", text="Repair", icon="TOOL_SETTINGS")
        row.operator("sora.remove_engine", text="Remove", icon="TRASH")
    _draw_log(box)


def _draw_words(box: Any, width: int, shown: Shown, kind: str) -> None:
    record = shown.state.record if shown.state is not None else None
    if kind == "whole" and record is not None:
        words = say.fill(
            "Engine {version} is installed, with Python {python}", version=record.edition, python=record.python_version
        )
        say.wrapped(box, words, width, "CHECKMARK")
    elif kind == "older":
        say.wrapped(
            box, say._("The engine of another version is installed; it goes once this version's answers"), width, "INFO"
        )
    elif kind == "stopped":
        say.wrapped(box, say._("The install is not finished; Resume goes on from where it stopped"), width, "INFO")
    elif kind == "broken":
        say.wrapped(box, say._("The engine is broken; Repair mends it"), width, "ERROR")
    elif kind == "working":
        say.wrapped(box, say._("Another Blender is installing the engine"), width, "INFO")
    elif kind == "absent":
        say.wrapped(box, say._("The engine is not installed yet"), width, "INFO")
    problem = shown.problem or shown.plan_problem or (record.problem if record is not None else "")
    if problem and kind != "whole":
        say.wrapped(box, told(problem), width, "ERROR")
    elif shown.problem:
        say.wrapped(box, told(shown.problem), width, "ERROR")
    elif shown.well in ENDED_WELL and kind != "absent":
        say.wrapped(box, say._(ENDED_WELL[shown.well]), width, "BLANK1")
    plan = shown.plan or shown.models
    if plan is not None:
        say.wrapped(box, size_line(plan), width, "BLANK1")
        for note in plan.notes:
            say.wrapped(box, told(note), width, "BLANK1")


def _draw_log(box: Any) -> None:
    row = box.row(align=True)
    row.operator("sora.copy_install_log", text="Copy Log", icon="COPYDOWN")
    if (root() / LOG).is_file():
        row.operator("wm.path_open", text="Show Log", icon="TEXT").filepath = str(root() / LOG)
    row.operator("sora.fetch_wheels", text="Fill a Wheel Folder...", icon="FILE_FOLDER")


def _path(name: str) -> Path | None:
    own = preferences()
    value = getattr(own, name) if own is not None else ""
    return Path(bpy.path.abspath(value)) if value else None


def start() -> None:
    """Say where the engine is looked for, and look in the background what is there."""
    choose_root(root())
    page = preferences()
    if page is not None:
        keep_home(page)
    if not bpy.app.background:
        WORK.begin("looking", wish())
        models_follow.look()


def stop() -> None:
    """Leave nothing running."""
    models_follow.stop()
    follow.stop()
    WORK.stop()
    choose_root(None)


CLASSES = (SoraPreferences,)
