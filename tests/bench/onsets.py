"""What is heard against what touches, over every scene of the catalogue."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from engine.measure.sound import sound_onset
from engine.media.loudness import master
from engine.sound import foley, mix
from sora_addon.contract import read_shot

from .blender import in_blender
from .line import Line


def lines() -> list[Line]:
    late: list[float] = []
    heard = asked = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in in_blender("shots", folder):
            shot = read_shot(Path(folder, name), passes=False)
            samples = master(mix(foley(shot, lambda step, total: None), None), None)
            figure = sound_onset(samples, shot)
            detail = figure.detail
            print(f"{name}: {figure.value} ms {figure.note} {detail.get('late_ms', '')}", file=sys.stderr)
            late += [abs(ms) for ms in detail.get("late_ms", {}).values()]
            heard += round(detail.get("recall_30ms", 0.0) * detail.get("contacts", 0))
            asked += detail.get("contacts", 0)
    median, tail = float(np.median(late)), float(np.percentile(late, 95))
    told = f"{median:.2f} ms, {tail:.2f} ms; {heard} of {asked} contacts heard within 30 ms"
    what = "onsets in the sound against contacts, all scenes"
    return [Line(what, "median 5 ms, 95th percentile 10 ms", told, median <= 5.0 and tail <= 10.0)]
