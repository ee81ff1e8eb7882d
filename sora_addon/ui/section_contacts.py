"""What touches what, and when: listed around the current frame, so that the list scrubs with time."""

from __future__ import annotations

from typing import Any

from ..client.contacts import sound_strip
from ..client.desk import existing
from ..client.found import Found, Meeting
from ..client.state import ContactState
from . import say
from .both import Section, scene_in
from .section_jobs import STAGES
from .told import told

ROWS = 8
KINDS = {
    "impact": "hits",
    "step": "steps on",
    "splash": "splashes into",
    "close": "closes on",
    "roll": "rolls on",
    "slide": "slides on",
}
ICONS = {"impact": "PARTICLE_DATA", "step": "ARMATURE_DATA", "splash": "MOD_FLUIDSIM", "close": "DRIVER"}


class Contacts(Section):
    """Contacts that were found in the scene"""

    name = "contacts"
    bl_label = "Contacts"
    closed = True

    def draw(self, context: Any) -> None:
        layout, scene = self.layout, scene_in(context)
        desk = existing()
        state = desk.state.contacts_of(scene.sora.id) if desk is not None else ContactState()
        if state.searching:
            row = layout.row(align=True)
            done = state.step / state.total if state.total else 0.0
            row.progress(factor=done, text=say._(STAGES.get(state.stage, "Finding contacts")), translate=False)
            row.operator("sora.stop_contacts", text="", icon="X")
        else:
            layout.operator(
                "sora.find_contacts", text="Find Contacts" if state.found is None else "Find Again", icon="VIEWZOOM"
            )
        if state.problem:
            say.wrapped(layout, told(state.problem), say.letters(context), icon="ERROR")
        if state.found is None:
            return
        layout.prop(context.window_manager.sora, "show_contacts")
        _list(layout, scene, state.found)
        row = layout.row(align=True)
        sounds = row.row(align=True)
        sounds.enabled = not state.sounding
        sounds.operator(
            "sora.preview_sound", text="Making the Sound..." if state.sounding else "Preview Sound", icon="PLAY_SOUND"
        )
        strip = sound_strip(scene)
        if strip is not None:
            row.prop(strip, "mute", text="", icon="HIDE_ON" if strip.mute else "HIDE_OFF")
            row.operator("sora.remove_sound", text="", icon="TRASH")
        if state.sound_problem:
            say.wrapped(layout, told(state.sound_problem), say.letters(context), icon="ERROR")


def _list(layout: Any, scene: Any, found: Found) -> None:
    count = len(found.meetings)
    if not count:
        layout.label(text="Nothing meets in these frames", icon="INFO")
        return
    frame = scene.frame_current_final
    middle = found.next_to(frame)
    first = max(0, min(middle - ROWS // 2, count - ROWS))
    column = layout.column(align=True)
    for meeting in found.meetings[first : first + ROWS]:
        _row(column, meeting, frame)
    shown = min(count, ROWS)
    layout.label(text=say.fill("{shown} of {count} contacts", shown=shown, count=count), translate=False)


def _row(column: Any, meeting: Meeting, frame: float) -> None:
    row = column.row(align=True)
    row.active = meeting.start <= frame + 0.5 and meeting.end >= frame - 0.5
    button = row.operator(
        "sora.go_to_contact",
        text=f"{meeting.start:.1f}",
        icon=ICONS.get(meeting.kind, "FORCE_DRAG"),
        translate=False,
    )
    button.frame = meeting.start
    text = row.row(align=True)
    text.label(text=in_words(meeting), translate=False)


def in_words(meeting: Meeting) -> str:
    """'Ball hits Floor, 2.1 m/s'"""
    first, second = meeting.bodies
    return f"{first} {say._(KINDS[meeting.kind])} {second}, {meeting.speed:.1f} m/s"


SECTIONS = (Contacts,)
