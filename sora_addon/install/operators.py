"""What the artist can do about the engine. Each returns at once; the work goes on in a thread."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ..ui import say
from .follow import follow
from .install import LOG
from .preferences import needs_network, preferences, root, wish
from .work import WORK, Task


class SORA_OT_install_engine(bpy.types.Operator):
    """Make the engine's environment, or finish one that was stopped. It is downloaded and checked in the background"""

    bl_idname = "sora.install_engine"
    bl_label = "Install Engine"

    @classmethod
    def poll(cls, context: Any) -> bool:
        return _idle(cls)

    def execute(self, context: Any) -> set[str]:
        return _begin_online(self, "installing")


class SORA_OT_add_models(bpy.types.Operator):
    """Make the engine's environment anew with what larger models need (torch). The one that is there works until that one answers"""

    bl_idname = "sora.add_models"
    bl_label = "Add the Models"

    @classmethod
    def poll(cls, context: Any) -> bool:
        if preferences() is None:
            cls.poll_message_set("Enable this add-on in the preferences first")
            return False
        return _idle(cls)

    def execute(self, context: Any) -> set[str]:
        page = preferences()
        if page is None:
            return {"CANCELLED"}
        if not page.models:
            page.models = True
        return _begin_online(self, "installing")


class SORA_OT_repair_engine(bpy.types.Operator):
    """Check every file of the engine's environment and install again what is not as it came"""

    bl_idname = "sora.repair_engine"
    bl_label = "Repair Engine"

    @classmethod
    def poll(cls, context: Any) -> bool:
        return _idle(cls)

    def execute(self, context: Any) -> set[str]:
        return _begin_online(self, "repairing")


class SORA_OT_verify_engine(bpy.types.Operator):
    """Check every file of the engine's environment and that the engine answers"""

    bl_idname = "sora.verify_engine"
    bl_label = "Verify Engine"

    @classmethod
    def poll(cls, context: Any) -> bool:
        return _idle(cls)

    def execute(self, context: Any) -> set[str]:
        return _begin(self, "verifying")


class SORA_OT_remove_engine(bpy.types.Operator):
    """Remove the engine's environment from the disk. Shots, takes and settings stay"""

    bl_idname = "sora.remove_engine"
    bl_label = "Remove Engine"

    @classmethod
    def poll(cls, context: Any) -> bool:
        return _idle(cls)

    def invoke(self, context: Any, event: Any) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: Any) -> set[str]:
        return _begin(self, "removing")


class SORA_OT_cancel_install(bpy.types.Operator):
    """Stop; what was downloaded is kept for Resume"""

    bl_idname = "sora.cancel_install"
    bl_label = "Cancel Install"

    @classmethod
    def poll(cls, context: Any) -> bool:
        if not WORK.busy:
            cls.poll_message_set("Nothing is being installed")
        return WORK.busy

    def execute(self, context: Any) -> set[str]:
        WORK.cancel()
        return {"FINISHED"}


class SORA_OT_fetch_wheels(bpy.types.Operator):
    """Download the engine's packages into a folder, to install from on machines like this one that have no network"""

    bl_idname = "sora.fetch_wheels"
    bl_label = "Fill a Wheel Folder"

    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN"})

    @classmethod
    def poll(cls, context: Any) -> bool:
        return _idle(cls)

    def invoke(self, context: Any, event: Any) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        if not self.directory:
            self.report({"ERROR"}, say.report("Choose a folder for the wheels"))
            return {"CANCELLED"}
        if not bpy.app.online_access:
            return _offline(self)
        return _begin(self, "fetching", Path(bpy.path.abspath(self.directory)))


class SORA_OT_copy_install_log(bpy.types.Operator):
    """Copy the log of the last install to the clipboard, to paste it where you ask for help"""

    bl_idname = "sora.copy_install_log"
    bl_label = "Copy Install Log"

    def execute(self, context: Any) -> set[str]:
        path = root() / LOG
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            self.report({"WARNING"}, say.report("There is no log yet: nothing was installed here"))
            return {"CANCELLED"}
        except OSError as error:
            self.report({"ERROR"}, f"{path}: {error.strerror}")
            return {"CANCELLED"}
        context.window_manager.clipboard = text
        self.report({"INFO"}, say.fill_report("{lines} lines copied", lines=text.count("\n")))
        return {"FINISHED"}


def _idle(cls: Any) -> bool:
    if WORK.shown.task in ("", "looking"):
        return True
    cls.poll_message_set("Wait for what is under way, or cancel it")
    return False


def _begin_online(operator: Any, task: Task) -> set[str]:
    return _offline(operator) if needs_network() else _begin(operator, task)


def _offline(operator: Any) -> set[str]:
    operator.report(
        {"ERROR"},
        say.report(
            "Blender may not go online. Allow it in Preferences > System > Network > Allow Online Access,"
            " or choose a wheel folder in the preferences of this add-on"
        ),
    )
    return {"CANCELLED"}


def _begin(operator: Any, task: Task, target: Path | None = None) -> set[str]:
    if not WORK.begin(task, wish(), target):
        operator.report({"ERROR"}, say.report("Wait for what is under way, or cancel it"))
        return {"CANCELLED"}
    follow()
    return {"FINISHED"}


CLASSES = (
    SORA_OT_install_engine,
    SORA_OT_add_models,
    SORA_OT_repair_engine,
    SORA_OT_verify_engine,
    SORA_OT_remove_engine,
    SORA_OT_cancel_install,
    SORA_OT_fetch_wheels,
    SORA_OT_copy_install_log,
)
