"""What the engine's light verbs cost: seconds, and torch left alone."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .blender import ROOT
from .line import Line, NotMeasured

RUNS = 5
BOUND = 0.5
TRAP = "raise SystemExit('torch was imported')\n"


def lines() -> list[Line]:
    return [light("--help"), light("backends")]


def light(verb: str) -> Line:
    """Median of five runs; a torch that ends the program when it is imported lies first on the path."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "torch.py").write_text(TRAP)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([folder, str(ROOT)])}
        caught = subprocess.run(
            [sys.executable, "-c", "import torch"], env=environment, capture_output=True, check=False
        )
        if caught.returncode == 0:
            raise NotMeasured("the torch that must not be imported can be imported")
        took, imported = [], False
        for _ in range(RUNS):
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "engine", verb],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            took.append(time.perf_counter() - start)
            imported |= "torch was imported" in done.stderr
            if done.returncode and not imported:
                raise NotMeasured(f"engine {verb} failed: {done.stderr[-500:]}")
    seconds = statistics.median(took)
    told = f"{seconds:.2f} s, {'torch imported' if imported else 'no torch'} (median of {RUNS})"
    return Line(f"`engine {verb}`", "no torch, under 0.5 s", told, not imported and seconds < BOUND)
