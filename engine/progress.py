"""How progress reaches whoever waits: a bar on a terminal, JSON lines for a program, or nothing."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def progress_option(verb: argparse.ArgumentParser) -> None:
    """Lets whoever calls a verb choose the way."""
    verb.add_argument(
        "--progress",
        choices=("bar", "json", "none"),
        default="bar" if sys.stderr.isatty() else "none",
        help="how progress is shown on standard error (default: bar on a terminal)",
    )


@contextmanager
def shown(way: str) -> Iterator[Callable[[str, int, int], None]]:
    """A callable (stage, step, total); ``way`` is bar, json or none."""
    if way == "none":
        yield lambda stage, step, total: None
    elif way == "json":
        yield _lines()
    else:
        from tqdm import tqdm

        bars: dict[str, tqdm] = {}

        def progress(stage: str, step: int, total: int) -> None:
            if stage not in bars:
                bars[stage] = tqdm(total=total, desc=stage, file=sys.stderr, leave=True, unit="")
            bars[stage].update(step - bars[stage].n)

        try:
            yield progress
        finally:
            for bar in bars.values():
                bar.close()


def _lines() -> Callable[[str, int, int], None]:
    started: dict[str, float] = {}

    def progress(stage: str, step: int, total: int) -> None:
        now = time.monotonic()
        began = started.setdefault(stage, now)
        left = (now - began) / step * (total - step) if step else None
        line = {"stage": stage, "step": step, "total": total, "seconds_left": left and round(left, 1)}
        print(json.dumps(line), file=sys.stderr, flush=True)

    return progress
