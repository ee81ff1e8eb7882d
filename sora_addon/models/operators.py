"""What the artist can do about models and the server. Each returns at once; the work goes on in a thread."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ..client.engine import NoEngine, engine_python
from ..install.preferences import preferences
from ..ui import say
from ..ui.told import told
from .follow import begin
from .settings import is_local
from .work import MODELS

OFFLINE = bpy.app.translations.pgettext_n(
    "Blender may not go online. Allow it in Preferences > System > Network > Allow Online Access, or use a folder"
)
WAIT = bpy.app.translations.pgettext_n("Wait for what is under way, or cancel it")


class _OfModel:
    """An operator on the model whose name is given."""

    if TYPE_CHECKING:
        poll_message_set: Any
        report: Any

    model: StringProperty(name="Model", description="Its name in the engine's catalogue", options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: Any) -> bool:
        return _idle(cls)


class SORA_OT_look_for_models(bpy.types.Operator):
    """See which models are here"""

    bl_idname = "sora.look_for_models"
    bl_label = "Look for Models"

    @classmethod
    def poll(cls, context: Any) -> bool:
        return _idle(cls)

    def execute(self, context: Any) -> set[str]:
        begin("looking")
        return {"FINISHED"}


class SORA_OT_plan_model(_OfModel, bpy.types.Operator):
    """Ask the hub what getting this model takes; nothing is downloaded yet"""

    bl_idname = "sora.plan_model"
    bl_label = "Ask About Model"

    def execute(self, context: Any) -> set[str]:
        return _online(self, "planning", ["engine.hub", "plan", self.model, "--json"])


class SORA_OT_get_model(_OfModel, bpy.types.Operator):
    """Get this model through the hub's own client: each file is checked, and what is here already is kept"""

    bl_idname = "sora.get_model"
    bl_label = "Get Model"

    def execute(self, context: Any) -> set[str]:
        plan = MODELS.shown.plans.get(self.model)
        pinned = ["--revision", plan.revision] if plan is not None else []
        words = ["engine.hub", "get", self.model, *pinned, "--json", "--progress", "json"]
        return _online(self, "getting", words)


class SORA_OT_verify_model(_OfModel, bpy.types.Operator):
    """Read every file of this model against the checksum that it came with"""

    bl_idname = "sora.verify_model"
    bl_label = "Verify Model"

    def execute(self, context: Any) -> set[str]:
        words = ["engine.hub", "verify", self.model, "--json", "--progress", "json"]
        return _begun(self, begin("verifying", words, self.model))


class SORA_OT_remove_model(_OfModel, bpy.types.Operator):
    """Take this model off the disk; a folder of yours is only not used any more"""

    bl_idname = "sora.remove_model"
    bl_label = "Remove Model"

    def invoke(self, context: Any, event: Any) -> set[str]:
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: Any) -> set[str]:
        return _begun(self, begin("removing", ["engine.hub", "remove", self.model, "--json"], self.model))


class SORA_OT_use_model_folder(_OfModel, bpy.types.Operator):
    """Use a folder of this model that is there already; it is looked over, and nothing in it is changed"""

    bl_idname = "sora.use_model_folder"
    bl_label = "Use Model Folder"

    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN"})

    def invoke(self, context: Any, event: Any) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Any) -> set[str]:
        folder = bpy.path.abspath(self.directory).rstrip("/\\")
        if not folder:
            self.report({"ERROR"}, say.report("Choose the folder that holds the model"))
            return {"CANCELLED"}
        return _begun(self, begin("using", ["engine.hub", "use", self.model, folder, "--json"], self.model))


class SORA_OT_cancel_models(bpy.types.Operator):
    """Stop; what has come is kept for the next time"""

    bl_idname = "sora.cancel_models"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: Any) -> bool:
        if not MODELS.busy:
            cls.poll_message_set("Nothing is under way")
        return MODELS.busy

    def execute(self, context: Any) -> set[str]:
        MODELS.cancel()
        return {"FINISHED"}


class SORA_OT_store_token(bpy.types.Operator):
    """Store a token in the keyring of this system; it stands in no file of Blender's"""

    bl_idname = "sora.store_token"
    bl_label = "Store Token"

    server: StringProperty(name="Server", description="Its address; empty for the hub of models", options={"SKIP_SAVE"})
    token: StringProperty(
        name="Token", description="As the server or the hub gave it", subtype="PASSWORD", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        return _idle(cls)

    def invoke(self, context: Any, event: Any) -> set[str]:
        self.token = ""
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context: Any) -> None:
        self.layout.use_property_split = True
        self.layout.prop(self, "token")

    def execute(self, context: Any) -> set[str]:
        said, self.token = self.token.strip(), ""
        if not said:
            self.report({"ERROR"}, say.report("Paste the token first"))
            return {"CANCELLED"}
        server = self.server.strip()
        words = (
            ["engine.backends.remoting", "token", "--server", server] if server else ["engine.hub", "token", "--json"]
        )
        return _begun(self, begin("storing", words, said=f"{said}\n"))


class SORA_OT_ask_server(bpy.types.Operator):
    """Ask the server what it serves, and whether it takes the token"""

    bl_idname = "sora.ask_server"
    bl_label = "Ask Server"

    @classmethod
    def poll(cls, context: Any) -> bool:
        return _idle(cls)

    def execute(self, context: Any) -> set[str]:
        page = preferences()
        if page is None or not page.server.strip():
            self.report({"ERROR"}, say.report("Set the address of the server first"))
            return {"CANCELLED"}
        words = ["engine.backends.remoting", "check", "--server", page.server.strip()]
        if page.server_certificate:
            words += ["--certificate", bpy.path.abspath(page.server_certificate)]
        return _online(self, "asking", words, is_local(page.server))


def _idle(cls: Any) -> bool:
    if MODELS.busy:
        cls.poll_message_set(WAIT)
        return False
    try:
        engine_python()
    except NoEngine as error:
        cls.poll_message_set(told(str(error)))
        return False
    return True


def _online(operator: Any, task: Any, words: list[str], local: bool = False) -> set[str]:
    if not (bpy.app.online_access or local):
        operator.report({"ERROR"}, say.report(OFFLINE))
        return {"CANCELLED"}
    return _begun(operator, begin(task, words, getattr(operator, "model", "")))


def _begun(operator: Any, begun: bool) -> set[str]:
    if not begun:
        operator.report({"ERROR"}, say.report(WAIT))
        return {"CANCELLED"}
    return {"FINISHED"}


CLASSES = (
    SORA_OT_look_for_models,
    SORA_OT_plan_model,
    SORA_OT_get_model,
    SORA_OT_verify_model,
    SORA_OT_remove_model,
    SORA_OT_use_model_folder,
    SORA_OT_cancel_models,
    SORA_OT_store_token,
    SORA_OT_ask_server,
)
