"""Clips without a mark: none may be read from them. ``SORA_UNMARKED_CLIPS`` sets how many (default 500)."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from engine.trust.mark.code import CRC_BITS
from engine.trust.mark.read import TRIES, read_mark

from .line import Line
from .mark import pooled

sys.path.insert(0, str(Path(__file__).parents[1] / "trust"))
from marked_clips import unmarked

FIRST = 100_000
"""Seed: none of these clips is one that the mark was made with."""
MOST = 1e-6


def lines() -> list[Line]:
    clips = int(os.environ.get("SORA_UNMARKED_CLIPS", "500"))
    read = sum(pooled(is_read, range(FIRST, FIRST + clips)))
    chance = TRIES * 2.0**-CRC_BITS
    return [
        Line("mark read from unmarked clips of 5 s, 512x288", "none", f"{read} of {clips}", read == 0),
        Line(
            "probability of a false reading, derived",
            "1e-6",
            f"{chance:.1e}: {TRIES} words at most are held against a CRC of {CRC_BITS} bits",
            chance <= MOST,
        ),
    ]


def is_read(seed: int) -> bool:
    """Whether anything is read from one clip of 5 s that was never marked."""
    with tempfile.TemporaryDirectory() as name:
        plain = Path(name) / "plain.mp4"
        unmarked(seed, plain)
        found = read_mark(plain)
    print(f"clip {seed}: {found or 'nothing'} is read", file=sys.stderr, flush=True)
    return found is not None
