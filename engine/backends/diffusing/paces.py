"""Seconds of a step under each plan, by model, as they were measured on this machine: what ``policy`` goes by.

They lie in one file among the models. A clip is worth more than its measure: a file that cannot be read or written is said
on standard error, and is no fault of the job.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from pathlib import Path

from .asks import models_home
from .folder import ModelFolder
from .policy import Plan
from .steps import Steps

FILE = "paces.json"
FEWEST = 2
"""Steps that must have been timed."""


def known(folder: ModelFolder) -> dict[str, float]:
    """Seconds a step and million pixels of all frames, by ``Plan.name``; {} where nothing was measured."""
    found = _read(models_home() / FILE).get(str(folder.path.resolve()), {})
    return {name: pace for name, pace in found.items() if isinstance(pace, int | float) and pace > 0}


def remember(folder: ModelFolder, plan: Plan, steps: Steps, pixels: int) -> None:
    """Keep what a step took in the mean, for so many ``pixels`` of all frames, in place of what was kept of that plan."""
    if len(steps.took) < FEWEST:
        return
    path = models_home() / FILE
    whole = _read(path)
    own = whole.setdefault(str(folder.path.resolve()), {})
    own[plan.name] = statistics.fmean(steps.took) / (pixels / 1e6)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(whole, indent=1), encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        print(f"the pace of {plan.name} was not kept: {error}", file=sys.stderr, flush=True)


def _read(path: Path) -> dict[str, dict[str, float]]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        print(f"{path} cannot be read: {error}", file=sys.stderr, flush=True)
        return {}
    if not isinstance(value, dict):
        return {}
    return {name: own for name, own in value.items() if isinstance(own, dict)}
