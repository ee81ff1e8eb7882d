"""A newcomer: no engine yet, no scene of their own. Install Engine, Make the Example Scene, words, Generate."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from add_on import jobs, part, states, takes_in
from artist import Act, area_of, click, find, note, open_tab, picture, play, press, push, redraws, type_text, until

presses = []


def session() -> Act:
    bpy.context.preferences.system.use_online_access = True
    yield from redraws(5)
    for thing in list(bpy.data.objects):
        bpy.data.objects.remove(thing)
    view = area_of("VIEW_3D")
    yield from open_tab(view)
    yield from picture("first-run")
    yield from push(view, "sora.install_engine")
    presses.append("Install Engine")
    yield from redraws(20)
    yield from picture("installing")
    yield from until(lambda: part("ui.section_start").engine_there())
    yield from redraws(6)
    yield from picture("installed")
    yield from push(view, "sora.make_example")
    presses.append("Make the Example Scene")
    yield from redraws(6)
    scene = bpy.context.scene
    scene.frame_preview_end = 24
    place = yield from find(view, ".prompt")
    yield from click(*place)
    yield from press("A", ctrl=True)
    yield from type_text("steel and wood in late sun")
    yield from press("RET")
    yield from picture("example")
    yield from push(view, "sora.generate")
    presses.append("Generate")
    yield from until(lambda: states() and states()[0] == "running")
    yield from picture("example-running")
    yield from until(lambda: states()[0] not in ("exporting", "queued", "running"))
    note("state", [states()[0], jobs()[0].job.problem])
    yield from until(lambda: takes_in(bpy.context.scene) == 1)
    yield from picture("example-done")
    note("presses", presses)
    note("scene", bpy.context.scene.name)


play(session)
