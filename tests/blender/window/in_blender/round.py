"""An artist's first round: words, Generate, progress, strips; a second take; undo; a comparison."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from add_on import jobs, part, states, strips, takes_in
from artist import (
    Act,
    area_of,
    click,
    find,
    note,
    open_tab,
    picture,
    play,
    press,
    push,
    redraws,
    type_text,
    until,
    window,
)
from overlay import look_at_contacts
from stage import FRAMES, small_scene

PROMPT = "a wooden box on stone, noir"


def session() -> Act:
    folder = RECORDS
    small_scene()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "fall.blend"))
    yield from redraws(5)
    part("stalls").forget()
    view = area_of("VIEW_3D")
    yield from open_tab(view)
    yield from picture("ready")

    place = yield from find(view, ".prompt")
    assert place is not None, "no field for the words"
    yield from click(*place)
    yield from type_text(PROMPT)
    yield from press("RET")
    yield from redraws()
    note("prompt", bpy.context.scene.sora.prompt)
    yield from push(view, "sora.generate")
    note("states after the press", states())
    yield from until(lambda: jobs() and jobs()[0].job.state in ("exporting", "running"))
    yield from picture("exporting")
    yield from until(lambda: states()[0] not in ("exporting", "queued"))
    yield from picture("running")
    yield from until(lambda: states()[0] not in ("exporting", "queued", "running"))
    note("first", [states()[0], jobs()[0].job.problem])
    yield from until(lambda: takes_in(bpy.context.scene) == 1)
    yield from picture("done")
    kinds = {strip.type: strip for strip in strips(bpy.context.scene)}
    note("strips", {kind: strip.frame_final_duration for kind, strip in kinds.items()})
    note("frames", FRAMES)
    yield from look_at_contacts(view)

    yield from push(view, "sora.generate")
    yield from until(lambda: takes_in(bpy.context.scene) == 2)
    note("two takes", states()[:2])
    bpy.ops.workspace.append_activate(idname="Video Editing", filepath=str(WORKSPACES))
    yield from redraws(8)
    sequencer = area_of("SEQUENCE_EDITOR")
    yield from open_tab(sequencer)
    if getattr(window().workspace, "sequencer_scene", window().scene) is None:
        yield from push(sequencer, "sora.show_timeline")
    yield from picture("sequencer")

    with bpy.context.temp_override(window=window()):
        bpy.ops.ed.undo()
    yield from redraws(4)
    note("takes after undo", takes_in(bpy.context.scene))
    with bpy.context.temp_override(window=window()):
        bpy.ops.ed.redo()
    yield from redraws(4)
    note("takes after redo", takes_in(bpy.context.scene))
    note("stalls", stalls())


def stalls() -> dict[str, list[float]]:
    """Milliseconds of the longest moment of each kind in which the add-on held Blender, and those it worked of it."""
    measured = part("stalls")
    return {kind: [1000 * seconds, 1000 * measured.worked[kind]] for kind, seconds in measured.longest.items()}


from artist import RECORD  # noqa: E402

RECORDS = RECORD.parent
WORKSPACES = next(
    Path(bpy.utils.system_resource("SCRIPTS")).glob("startup/bl_app_templates_system/Video_Editing/startup.blend"), ""
)
play(session)
