"""What goes wrong on a set: a job cancelled, the engine killed, another file opened in between, the add-on off and on."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import addon_utils
import bpy
from add_on import PACKAGE, desk, jobs, states, takes_in
from artist import RECORD, Act, area_of, find, note, open_tab, picture, play, push, redraws, until
from stage import small_scene

FOLDER = RECORD.parent


def session() -> Act:
    small_scene()
    file = FOLDER / "troubles.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file))
    yield from redraws(5)
    view = area_of("VIEW_3D")
    yield from open_tab(view)
    yield from cancelled(view)
    yield from engine_killed(view)
    yield from other_file(view, file)
    yield from off_and_on()


def cancelled(view: Any) -> Act:
    bpy.context.scene.frame_end = 400  # long enough to be caught
    yield from push(view, "sora.generate")
    yield from until(lambda: states()[0] in ("exporting", "running"))
    yield from push(view, "sora.cancel_job")
    yield from until(lambda: states()[0] not in ("exporting", "queued", "running"))
    yield from picture("cancelled")
    note("cancelled", states()[0])
    bpy.context.scene.frame_end = 12
    order = jobs()[0].job.order
    yield from until(lambda: not desk().exports.running())  # its writer ends when it has tidied up
    shot = Path(order.shot)  # where it was whole before the press it stays, for a retry
    half = [str(path) for path in shot.parent.glob("*.partial")] + [order.shot] * (
        shot.exists() and not (shot / "shot.json").is_file()
    )
    note("left of the cancelled", half + [order.out] * Path(order.out).exists())


def engine_killed(view: Any) -> Act:
    bpy.context.scene.frame_end = 60
    yield from push(view, "sora.generate")
    yield from until(lambda: states()[0] == "running")
    number = desk().session.process
    os.kill(number, signal.SIGKILL)
    yield from until(lambda: states()[0] not in ("exporting", "queued", "running"))
    yield from picture("engine-killed")
    note("killed", [states()[0], jobs()[0].job.problem or jobs()[0].trouble])
    yield from push(view, f'sora.retry_job(job="{jobs()[0].id}"')
    yield from until(lambda: takes_in(bpy.context.scene) == 1)
    note("after the kill", states()[0])
    note("engine is another", desk().session.process != number)


def other_file(view: Any, file: Path) -> Act:
    yield from push(view, "sora.generate")
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(app_template="")
    yield from redraws(6)
    note("strips in the other file", takes_in(bpy.context.scene))
    yield from until(lambda: states() and states()[0] not in ("exporting", "queued", "running"))
    yield from redraws(6)
    note("strips in the other file at the end", takes_in(bpy.context.scene))
    bpy.ops.wm.open_mainfile(filepath=str(file))
    yield from redraws(6)
    yield from until(lambda: takes_in(bpy.context.scene) == 2)
    note("takes back home", takes_in(bpy.context.scene))
    yield from open_tab(area_of("VIEW_3D"))
    yield from picture("back-home")


def off_and_on() -> Act:
    addon_utils.disable(PACKAGE)
    yield from redraws(4)
    note(
        "left when off",
        [name for name in dir(bpy.types) if "SORA" in name] + ["sora"] * hasattr(bpy.types.Scene, "sora"),
    )
    addon_utils.enable(PACKAGE)
    yield from redraws(6)
    view = area_of("VIEW_3D")
    yield from open_tab(view)
    note("generate is back", bool((yield from find(view, "sora.generate"))))
    note("takes are kept", takes_in(bpy.context.scene))


play(session)
