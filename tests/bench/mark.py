"""The invisible mark over made clips: what it costs the picture, and how many are read after what clips go through.

``SORA_MARK_CLIPS`` sets how many clips (default 40); the 200 of docs/trust.md take 80 minutes of one core.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import cv2

from engine.trust.mark.read import read_mark

from .line import Line

sys.path.insert(0, str(Path(__file__).parents[1] / "trust"))
from marked_clips import HEIGHT, WIDTH, ill_treated, marked

Outcome = TypeVar("Outcome")
TREATMENTS: dict[str, dict[str, Any]] = {
    "H.264 CRF 28": {"quality": 28},
    "half scaling": {"scale": 0.5},
    "10 % crop": {"crop": 0.9},
    "24 to 30 frames a second": {"rate": Fraction(30)},
    "AAC 96 kb/s": {"audio": 96_000},
    "CRF 28 and half scaling": {"quality": 28, "scale": 0.5},
}
ALONE, TOGETHER = 0.99, 0.90
LARGE = 40
"""One clip in that many is of 1280x720, the others of 512x288."""


@dataclass(frozen=True)
class Marked:
    """Of one clip: decibels that the mark left, and the treatments after which it was read."""

    seed: int
    psnr: float
    read: frozenset[str]


def lines() -> list[Line]:
    clips = int(os.environ.get("SORA_MARK_CLIPS", "40"))
    found = list(pooled(outcome, sorted(range(clips), key=lambda seed: seed % LARGE, reverse=True)))
    large = sum(is_large(seed) for seed in range(clips))
    worst = min(clip.psnr for clip in found)
    told = f"{worst:.2f} dB of {clips} clips, {large} of them 1280x720, the others 512x288"
    made = [Line("PSNR of the mark, worst clip", "42 dB", told, worst >= 42.0)]
    for treatment in TREATMENTS:
        count = sum(treatment in clip.read for clip in found)
        bound = TOGETHER if treatment.startswith("CRF") else ALONE
        told = f"{count} of {clips}"
        made.append(Line(f"mark read after {treatment}", f"{bound:.0%}", told, count >= bound * clips))
    return made


def outcome(seed: int) -> Marked:
    """Make, mark and ill-treat one clip of 5 s."""
    mark = f"{seed * 7919 + 12345:012x}"
    width, height = (1280, 720) if is_large(seed) else (WIDTH, HEIGHT)
    with tempfile.TemporaryDirectory() as name:
        clip, copy = Path(name) / "clip.mp4", Path(name) / "copy.mp4"
        psnr = marked(seed, mark, clip, width=width, height=height)
        read = set()
        for treatment, how in TREATMENTS.items():
            ill_treated(clip, copy, **how)
            if read_mark(copy) == mark:
                read.add(treatment)
    missed = ", ".join(TREATMENTS.keys() - read)
    print(f"clip {seed}: {psnr:.2f} dB" + (f"; not read after {missed}" if missed else ""), file=sys.stderr, flush=True)
    return Marked(seed, psnr, frozenset(read))


def is_large(seed: int) -> bool:
    return seed % LARGE == LARGE - 1


def pooled(work: Callable[[int], Outcome], seeds: Iterable[int]) -> Iterator[Outcome]:
    """What ``work`` makes of every seed, over all cores."""
    with ProcessPoolExecutor(initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.map(work, seeds)
