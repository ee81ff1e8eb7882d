"""One drawing for two homes: the sidebar of the 3D view and that of the sequencer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from .. import compat, stalls

CATEGORY = "Sora"
SPACES = (("view", "VIEW_3D"), ("sequencer", "SEQUENCE_EDITOR"))


class Section:
    """A part of the tab. ``name`` and ``bl_label`` are set by each; ``parent`` is another one's name."""

    name = ""
    parent = ""
    bl_label = ""
    closed = False
    if TYPE_CHECKING:
        layout: Any

    @classmethod
    def shown(cls, context: Any) -> bool:
        """Whether there is anything to show."""
        return True

    def draw(self, context: Any) -> None:
        raise NotImplementedError


def scene_in(context: Any) -> Any:
    """The scene that a panel speaks of: the window's; in a sequencer that shows another one's timeline, that one."""
    if getattr(context.space_data, "type", "") == "SEQUENCE_EDITOR":
        return compat.sequencer_scene(context)
    return context.scene


def in_both(*sections: type[Section]) -> tuple[type, ...]:
    """Panel classes of the sections for every space, in the order given."""
    return tuple(_panel(section, *space) for space in SPACES for section in sections)


def _panel(section: type[Section], suffix: str, space: str) -> type:
    def poll(cls: Any, context: Any) -> bool:
        return scene_in(context) is not None and section.shown(context)

    idname = f"SORA_PT_{section.name}_{suffix}"

    def draw(self: Any, context: Any) -> None:
        with stalls.held(f"draw {idname}"):
            section.draw(self, context)

    contents: dict[str, Any] = {
        "bl_idname": idname,
        "bl_label": section.bl_label,
        "bl_space_type": space,
        "bl_region_type": "UI",
        "bl_category": CATEGORY,
        "bl_options": {"DEFAULT_CLOSED"} if section.closed else set(),
        "poll": classmethod(poll),
        "draw": draw,
        "__doc__": section.__doc__,
    }
    if section.parent:
        contents["bl_parent_id"] = f"SORA_PT_{section.parent}_{suffix}"
    return type(idname, (section, bpy.types.Panel), contents)
