"""Finding contacts, hearing them, going to them."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

import math
from typing import Any

import bpy
from bpy.props import FloatProperty

from ..client import contacts
from ..client.desk import desk, existing
from ..client.engine import NoEngine, engine_python
from ..export.preflight import Refused
from ..export.snapshot import SnapshotFailed
from .both import scene_in
from .told import told


def _state(context: Any) -> Any:
    here, scene = existing(), scene_in(context)
    return here.state.contacts_of(scene.sora.id) if here is not None and scene is not None else None


class SORA_OT_find_contacts(bpy.types.Operator):
    """Find in the background what touches what in the frames of the shot, without drawing a picture"""

    bl_idname = "sora.find_contacts"
    bl_label = "Find Contacts"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        scene = scene_in(context)
        if scene is None or (scene.camera is None and not any(marker.camera for marker in scene.timeline_markers)):
            cls.poll_message_set("The scene has no camera; add one (Add > Camera)")
            return False
        state = _state(context)
        if state is not None and state.searching:
            cls.poll_message_set("Contacts are being found already")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        scene = scene_in(context)
        view_layer = context.view_layer if scene == context.scene else scene.view_layers[0]
        try:
            contacts.find(desk(), context, scene, view_layer)
        except (Refused, SnapshotFailed) as error:
            self.report({"ERROR"}, told(str(error)))
            return {"CANCELLED"}
        return {"FINISHED"}


class SORA_OT_stop_contacts(bpy.types.Operator):
    """Stop finding contacts"""

    bl_idname = "sora.stop_contacts"
    bl_label = "Stop Finding"

    @classmethod
    def poll(cls, context: Any) -> bool:
        state = _state(context)
        if state is None or not state.searching:
            cls.poll_message_set("Nothing is being found")
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        contacts.stop(desk(), scene_in(context))
        return {"FINISHED"}


class SORA_OT_go_to_contact(bpy.types.Operator):
    """Go to the frame at which this happens"""

    bl_idname = "sora.go_to_contact"
    bl_label = "Go to Contact"

    frame: FloatProperty(name="Frame", description="Frame of the scene, also between two", default=1.0)

    def execute(self, context: Any) -> set[str]:
        whole = math.floor(self.frame)
        scene_in(context).frame_set(whole, subframe=min(self.frame - whole, 0.999))
        return {"FINISHED"}


class SORA_OT_preview_sound(bpy.types.Operator):
    """Let the engine make the sound of the contacts that were found; it is laid in the timeline as a strip of its own"""

    bl_idname = "sora.preview_sound"
    bl_label = "Preview Sound"

    @classmethod
    def poll(cls, context: Any) -> bool:
        state = _state(context)
        if state is None or state.found is None:
            cls.poll_message_set("Find the contacts first")
            return False
        if state.sounding:
            cls.poll_message_set("The sound is being made")
            return False
        try:
            engine_python()
        except NoEngine as error:
            cls.poll_message_set(str(error))
            return False
        return True

    def execute(self, context: Any) -> set[str]:
        contacts.sound(desk(), scene_in(context))
        return {"FINISHED"}


class SORA_OT_remove_sound(bpy.types.Operator):
    """Take the sound of the contacts out of the timeline"""

    bl_idname = "sora.remove_sound"
    bl_label = "Remove Sound Preview"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    def execute(self, context: Any) -> set[str]:
        return {"FINISHED"} if contacts.remove_sound(scene_in(context)) else {"CANCELLED"}


CLASSES = (
    SORA_OT_find_contacts,
    SORA_OT_stop_contacts,
    SORA_OT_go_to_contact,
    SORA_OT_preview_sound,
    SORA_OT_remove_sound,
)
