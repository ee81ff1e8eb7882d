"""Run by the add-on's Python: lays a clip and its sound in a fresh sequencer, renders frames, says what it saw as JSON.

lay_in_blender.py CLIP SOUND FPS FPS_BASE WIDTH HEIGHT FOLDER FRAME...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import bpy
import numpy as np


def main(clip: str, sound: str, fps: str, base: str, width: str, height: str, folder: str, *frames: str) -> None:
    import aud  # lies inside bpy, which must have been imported

    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = int(fps), float(base)
    scene.render.resolution_x, scene.render.resolution_y = int(width), int(height)
    scene.view_settings.view_transform = "Standard"
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    film, heard = strips.new_movie("clip", clip, 1, 1), strips.new_sound("sound", sound, 2, 1)
    for frame in frames:
        scene.frame_set(int(frame) + 1)
        scene.render.filepath = str(Path(folder, f"{frame}.png"))
        bpy.ops.render.render(write_still=True)
    samples = aud.Sound(sound).data()
    np.save(Path(folder, "samples.npy"), samples)
    seen = {"film": film.frame_duration, "sound": heard.frame_duration, "rate": film.fps}
    Path(folder, "seen.json").write_text(json.dumps(seen))


main(*sys.argv[1:])
