"""Contacts in the 3D view: the overlay on, off, and at another frame, as the screen shows them."""

import subprocess
from typing import Any

import bpy
from add_on import desk
from artist import PICTURES, Act, move, note, picture, redraws, region_of, until, window

LIKE = "10%"
"""Colours as near as this are the same: the view smooths its edges redraw after redraw."""


def look_at_contacts(view: Any) -> Act:
    """Find the contacts of the scene, and note how many pixels of the view the overlay changes, at the first frame and at
    that of the first contact."""
    scene = bpy.context.scene
    bpy.ops.sora.find_contacts()
    yield from until(lambda: desk().state.contacts_of(scene.sora.id).found)
    found = desk().state.contacts_of(scene.sora.id).found.meetings
    note("contacts", [[one.kind, one.start] for one in found])
    first, at = scene.frame_start, round(found[0].start)
    scene.frame_set(at)
    yield from move(view.x + view.width // 2, view.y + 4)  # nothing lights up under the pointer
    yield from picture("contacts")
    for moment, frame in (("at the contact", at), ("at the first frame", first)):
        scene.frame_set(frame)
        note(f"overlay changes {moment}", (yield from _changed(view)))


def _changed(view: Any) -> Act:
    """How many pixels differ with the overlay on and off."""
    shown = bpy.context.window_manager.sora
    for on in (True, False):
        shown.show_contacts = on
        yield from _photograph(view, f"overlay-{on}.png")
    shown.show_contacts = True
    names = [str(PICTURES / f"overlay-{on}.png") for on in (True, False)]
    command = ["compare", "-metric", "AE", "-fuzz", LIKE, *names, "null:"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(float(done.stderr.split()[0]))


def _photograph(view: Any, name: str) -> Act:
    """The part of the view that no sidebar covers."""
    yield from redraws(6)
    width = region_of(view, "UI").x - view.x
    top = window().height - view.y - view.height
    crop = f"{width}x{view.height}+{view.x}+{top}"
    taken = subprocess.Popen(["import", "-window", "root", "-crop", crop, "+repage", str(PICTURES / name)])
    yield lambda: taken.poll() is not None
