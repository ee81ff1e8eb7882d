"""Engine, worker and Blender killed at random moments over every stage."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from kill_rounds import Rounds

from .line import Line, NotMeasured

ROUNDS = 200
SEED = 7


def lines() -> list[Line]:
    if sys.platform != "linux":
        raise NotMeasured("processes are waited for by pidfd, which is Linux's")
    fates: Counter[str] = Counter()
    stages: set[str] = set()
    broken = []
    with tempfile.TemporaryDirectory() as folder:
        rounds = Rounds(Path(folder), SEED)
        for number in range(ROUNDS):
            try:
                this = rounds.run(number)
            except AssertionError as error:
                broken.append(f"round {number}: {error}")
                print(broken[-1], file=sys.stderr, flush=True)
                continue
            fates[this.found] += 1
            stages.add(this.stage or "before the first")
            print(
                f"{number:4} {this.victim:18} at {this.stage:8} {this.found:12} {this.problem}",
                file=sys.stderr,
                flush=True,
            )
    told = ", ".join(f"{count} {fate}" for fate, count in fates.most_common())
    told += f", over {len(stages)} stages; promises broken: {len(broken)}"
    bound = "no job lost, none falsely done, no half take, the next job works"
    return [Line(f"kill -9 of engine, worker or Blender, {ROUNDS} times", bound, told, not broken)]
