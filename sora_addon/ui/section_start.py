"""The first page: three presses from the installed add-on to the first clip."""

from __future__ import annotations

from typing import Any

from ..client.engine import NoEngine, engine_python
from ..install.preferences import needs_network, progress
from . import say
from .both import Section, scene_in


def engine_there() -> bool:
    """Whether the engine's Python is there."""
    try:
        engine_python()
    except NoEngine:
        return False
    return True


def has_camera(scene: Any) -> bool:
    """Whether a shot can be seen."""
    return scene.camera is not None or any(marker.camera for marker in scene.timeline_markers)


class Start(Section):
    """What is missing before the first clip, in the order in which it is pressed"""

    name = "start"
    bl_label = "First Clip"

    @classmethod
    def shown(cls, context: Any) -> bool:
        return not (engine_there() and has_camera(scene_in(context)))

    def draw(self, context: Any) -> None:
        layout, scene = self.layout, scene_in(context)
        there = engine_there()
        box = _step(layout, 1, "The engine", there)
        if not there:
            _draw_install(box, context)
        seen = has_camera(scene)
        box = _step(layout, 2, "A scene with a camera", seen)
        if not seen:
            button = box.row()
            button.scale_y = 1.4
            button.operator("sora.make_example", icon="SCENE_DATA")
            say.wrapped(box, say._("Or add a camera to your own scene: Add > Camera"), say.letters(context) - 4)
        _step(layout, 3, "Words, and Generate", False)


def _step(layout: Any, number: int, text: str, done: bool) -> Any:
    box = layout.box()
    row = box.row()
    row.active = not done
    row.label(text=f"{number}  {say._(text)}", icon="CHECKMARK" if done else "BLANK1", translate=False)
    return box


def _draw_install(box: Any, context: Any) -> None:
    under_way, share, line = progress() or (False, 0.0, "")
    width = say.letters(context) - 4
    if under_way:
        row = box.row(align=True)
        row.progress(factor=share, text=line, translate=False)
        row.operator("sora.cancel_install", text="", icon="X")
        return
    if needs_network():
        say.wrapped(box, say._("The engine is downloaded once; Blender may not go online yet"), width, icon="INFO")
        box.prop(context.preferences.system, "use_online_access")
    button = box.row()
    button.scale_y = 1.4
    button.operator("sora.install_engine", icon="IMPORT")
    if line:
        say.wrapped(box, line, width, icon="INFO")


SECTIONS = (Start,)
