"""Picture and sound of a take in the sequencer, at eight rates."""

from __future__ import annotations

import hashlib
import tempfile
from fractions import Fraction
from pathlib import Path

from made_shot import MadeShot

from engine.media.sound_file import read_sound
from engine.pipeline.generate import Options, generate

from .blender import in_blender
from .line import Line

RATES = [(24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1)]
FRAMES = 37


def lines() -> list[Line]:
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        digests = {}
        for fps in RATES:
            place = Path(folder, f"{fps[0]}_{fps[1]}")
            MadeShot(width=64, height=48, frames=FRAMES, fps=fps, drop=0.2).write(place / "shot")
            take = generate(place / "shot", place / "take", Options("sketch"), lambda stage, step, total: None)
            samples, _ = read_sound(place / "take" / take.files.sound)
            if len(samples) != round(Fraction(FRAMES * 48_000 * fps[1], fps[0])):
                wrong.append(f"sound.wav at {fps[0]}/{fps[1]} has {len(samples)} samples")
            digests[place.name] = hashlib.sha256(samples.astype("<f4").tobytes()).hexdigest()
        for laid in in_blender("strips", folder):
            lengths = {laid["clip"], laid["sound"]}
            if lengths != {FRAMES} or laid["digest"] != digests[laid["rate"]]:
                wrong.append(f"at {laid['rate']}: {laid}")
    what = "strips of a clip and its sound, and the samples that Blender plays, at eight rates"
    told = "; ".join(wrong) or f"{FRAMES} and {FRAMES} frames, the same samples, at {len(RATES)} rates"
    return [Line(what, "exact", told, not wrong)]
