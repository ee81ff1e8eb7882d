"""Run by a real Blender: a background export of a little scene, and one that must be refused. Prints a line of JSON."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[3]), str(HERE.parents[1])]

import bpy  # noqa: E402
from export_scenes import add_camera, empty_scene, little_shot, options, save  # noqa: E402

from sora_addon.export.background import export_in_background  # noqa: E402

folder = Path(sys.argv[sys.argv.index("--") + 1])


def exported(target: Path) -> dict[str, object]:
    running, warnings = export_in_background(bpy.context, target, options(bpy.context.scene))
    messages = running.wait()
    steps = [message.stage for message in messages if message.kind == "progress"]
    return {"kind": messages[-1].kind, "text": messages[-1].text, "warnings": warnings, "steps": steps}


little_shot()
save(folder / "good" / "shot.blend")
results = [exported(folder / "good" / "shot")]

scene = empty_scene()
camera = add_camera(scene)
bpy.app.driver_namespace["where"] = lambda x: float(x)
camera.driver_add("location", 0).driver.expression = "where(2)"
scene.frame_set(1)
save(folder / "driven" / "driven.blend")
results.append(exported(folder / "driven" / "shot"))
print("\nRESULT " + json.dumps(results), flush=True)
