"""The invisible mark over made clips: what it costs the picture, and how many are read after what clips go through.

``SORA_MARK_CLIPS`` sets how many clips (default 40); the 200 of docs/trust.md take an hour on two cores.
"""

from __future__ import annotations

import os
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine.media.clip import write_clip
from engine.trust.mark.read import read_mark
from sora_addon.contract import Size

from .line import Line

sys.path.insert(0, str(Path(__file__).parents[1] / "trust"))
from marked_clips import RATE, ill_treated, made_frames, made_samples, marked

TREATMENTS: dict[str, dict[str, Any]] = {
    "H.264 CRF 28": {"quality": 28},
    "half scaling": {"scale": 0.5},
    "10 % crop": {"crop": 0.9},
    "24 to 30 frames a second": {"rate": Fraction(30)},
    "AAC 96 kb/s": {"audio": 96_000},
    "CRF 28 and half scaling": {"quality": 28, "scale": 0.5},
}
ALONE, TOGETHER = 0.99, 0.90


def lines() -> list[Line]:
    clips = int(os.environ.get("SORA_MARK_CLIPS", "40"))
    read = dict.fromkeys(TREATMENTS, 0)
    worst, false = float("inf"), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed in range(clips):
            mark = f"{seed * 7919 + 12345:012x}"
            worst = min(worst, marked(seed, mark, folder / "clip.mp4"))
            for treatment, how in TREATMENTS.items():
                ill_treated(folder / "clip.mp4", folder / "copy.mp4", **how)
                good = read_mark(folder / "copy.mp4") == mark
                read[treatment] += good
                if not good:
                    print(f"clip {seed}: not read after {treatment}", file=sys.stderr, flush=True)
            write_clip(folder / "plain.mp4", made_frames(seed), made_samples(seed), RATE, Size(512, 288))
            false += read_mark(folder / "plain.mp4") is not None
    found = [Line("PSNR of the mark, worst clip", "42 dB", f"{worst:.2f} dB", worst >= 42.0)]
    for treatment, count in read.items():
        bound = TOGETHER if treatment.startswith("CRF") else ALONE
        told = f"{count} of {clips}"
        found.append(Line(f"mark read after {treatment}", f"{bound:.0%}", told, count >= bound * clips))
    found.append(Line("mark read from unmarked clips", "none", f"{false} of {clips}", false == 0))
    return found
