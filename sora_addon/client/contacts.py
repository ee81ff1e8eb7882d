"""Contacts of a scene, found by a background Blender and sounded by the engine, without a picture and without a job."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..contract import ContractError
from ..export.progress import Message
from ..sequencer.place import free_channel
from . import asking, places
from .aside import run_module
from .desk import Desk
from .found import Found, read_found
from .state import ContactState

STRIP = "sora_contacts"
"""Custom property of the strip that holds the sound of a scene's contacts."""
MODULE = "engine.sound.preview"


def find(desk: Desk, context: Any, scene: Any, view_layer: Any) -> None:
    """Begin to find them. Raises as an export does where it cannot start."""
    identity = asking.claim(scene)
    state = desk.state.contacts.setdefault(identity, ContactState())
    folder = places.home() / "contacts" / identity / uuid.uuid4().hex[:8]
    options = asking.options_for(scene, view_layer, passes=False)

    def ended(message: Message) -> None:
        if message.kind != "done":
            state.searching = False
            state.problem = message.text if message.kind == "failed" else ""
            return
        desk.aside.do(lambda: _read(folder), lambda found: _found(state, found))

    def heard(message: Message) -> None:
        state.stage, state.step, state.total = message.stage, message.step, message.total

    desk.export_aside(context, f"contacts {identity}", folder, options, heard, ended)
    state.searching, state.problem, state.stage, state.step, state.total = True, "", "", 0, 0


def stop(desk: Desk, scene: Any) -> None:
    """Stop finding."""
    desk.exports.cancel(f"contacts {scene.sora.id}")


def sound(desk: Desk, scene: Any) -> None:
    """Begin to make the sound of the contacts that were found; it comes as a strip in the timeline."""
    identity = scene.sora.id
    state = desk.state.contacts[identity]
    assert state.found is not None
    folder = state.found.folder
    out = folder.parent / f"{uuid.uuid4().hex[:8]}.wav"
    state.sounding, state.sound_problem = True, ""

    def ended(problem: str) -> None:
        state.sounding = False
        owner = asking.scene_of(identity)
        if problem or owner is None:
            state.sound_problem = problem
        else:
            state.sound_problem = lay_sound(owner, out, state.found)
            bpy.ops.ed.undo_push(message="Sound of Contacts")

    desk.aside.do(lambda: run_module(MODULE, [folder, "--out", out]), ended)


def _read(folder: Path) -> Found | str:
    try:
        return read_found(folder)
    except (ContractError, OSError) as error:
        return str(error)


def _found(state: ContactState, found: Found | str) -> None:
    state.searching = False
    if isinstance(found, str):
        state.problem = found
        return
    if state.found is not None:
        shutil.rmtree(state.found.folder, ignore_errors=True)
    state.found = found


def lay_sound(scene: Any, path: Path, found: Found | None) -> str:
    """Lay the sound in place of an earlier one; empty, or why it cannot be."""
    if not compat.has_audio():
        return "This Blender was built without sound (Audaspace)."
    editor = scene.sequence_editor or scene.sequence_editor_create()
    remove_sound(scene)
    first = found.first if found is not None else scene.frame_start
    frames = found.frames if found is not None else 1
    strips = compat.strips_of(editor)
    with compat.still_interface(bpy.context):
        strip = strips.new_sound(
            name="Contacts",
            filepath=str(path),
            channel=free_channel(editor, first, first + frames),
            frame_start=first,
        )
    strip[STRIP] = str(path)
    return ""


def sound_strip(scene: Any) -> Any | None:
    """The strip that holds the sound of the contacts."""
    editor = scene.sequence_editor
    if editor is None:
        return None
    return next((strip for strip in compat.strips_of(editor) if STRIP in strip), None)


def remove_sound(scene: Any) -> bool:
    """Take the strip out again, and its sound; whether there was one. The file stays for an undo."""
    strip = sound_strip(scene)
    if strip is None:
        return False
    heard = strip.sound
    compat.strips_of(scene.sequence_editor).remove(strip)
    if heard is not None and not heard.users:
        bpy.data.sounds.remove(heard)
    return True
