"""Clips made one after the other: pictures by a Blender of their own, then their true sound, then their final name.

What a crash or a stop leaves is a folder ``SEED.partial``, which the next run throws away. A clip that cannot be made is
written into ``failed.jsonl`` with the reason, and skipped from then on.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sora_addon
from sora_addon.contract import ContractError

from ..truth_sound import add_truth_sound

ROOT = Path(sora_addon.__file__).resolve().parents[1]
BATCH = 6
"""Clips a Blender makes before another takes over: what it leaks goes with it."""
FAILED = "failed.jsonl"
PYTHON_VARIABLE = "SORA_ADDON_PYTHON"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Order:
    """What to make. ``seeds`` of ``which`` into ``out``/SEED; ``python`` has Blender's bpy."""

    which: str
    seeds: Sequence[int]
    out: Path
    python: Path
    again: bool = False
    """Try those too that failed before."""


@dataclass
class Made:
    """How many clips there are now, how many were there before, and how many could not be made."""

    made: int = 0
    kept: int = 0
    failed: int = 0


def addon_python(given: Path | None) -> Path:
    """The Python that has bpy: as given, as $SORA_ADDON_PYTHON says, or .venv beside the add-on.

    Raises ContractError where there is none.
    """
    named = os.environ.get(PYTHON_VARIABLE)
    inside = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    python = given or (Path(named) if named else ROOT / ".venv" / inside)
    if not python.is_file():
        raise ContractError(
            "--blender-python", f"{python} is not a file", f"name a Python that has bpy, here or in {PYTHON_VARIABLE}"
        )
    return python


def seeds_of(text: str) -> range:
    """'7' or '0-399', both ends included. Raises ContractError for anything else."""
    first, dash, last = text.partition("-")
    last = last if dash else first
    if not first.isdecimal() or not last.isdecimal() or int(last) < int(first):
        raise ContractError("--seeds", f"{text!r} is neither a number nor two of them like 0-399")
    return range(int(first), int(last) + 1)


def make(order: Order, progress: Progress) -> Made:
    """Make what is missing. ``progress`` is told of clips done and clips in all."""
    order.out.mkdir(parents=True, exist_ok=True)
    result = Made()
    given_up = set() if order.again else failures(order.out)
    left = []
    for seed in order.seeds:
        if (order.out / str(seed) / "clip.json").is_file():
            result.kept += 1
        elif seed not in given_up:
            left.append(seed)
    total = len(left)
    while left:
        progress(order.which, total - len(left), total)
        done, reason = _batch(order, left[:BATCH])
        result.made += len(done)
        left = [seed for seed in left if seed not in done]
        if reason is not None:
            result.failed += 1
            _give_up(order.out, left.pop(0), reason)
    progress(order.which, total, total)
    return result


def failures(folder: Path) -> set[int]:
    """The seeds that could not be made."""
    path = folder / FAILED
    if not path.is_file():
        return set()
    return {int(json.loads(line)["seed"]) for line in path.read_text(encoding="utf-8").splitlines()}


def _give_up(folder: Path, seed: int, reason: str) -> None:
    shutil.rmtree(folder / f"{seed}.partial", ignore_errors=True)
    with (folder / FAILED).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"seed": seed, "reason": reason}) + "\n")
    print(f"engine: clip {seed} could not be made: {reason}", file=sys.stderr)


def _batch(order: Order, seeds: Sequence[int]) -> tuple[set[int], str | None]:
    """The seeds that were made, and why the first of the others was not (None where all were)."""
    command = [str(order.python), "-m", "sora_addon.scenes.training", "--set", order.which, "--out", str(order.out)]
    done: set[int] = set()

    def finish(seed: int) -> None:
        add_truth_sound(order.out / f"{seed}.partial")
        put(order.out, seed)
        done.add(seed)

    return done, in_blender([*command, "--seeds"], seeds, finish)


def in_blender(command: Sequence[str], numbers: Sequence[int], finish: Callable[[int], None]) -> str | None:
    """Run what makes the clips ``numbers``, and ``finish`` each as it is made; why not all were, or None."""
    left = set(numbers)
    environment = {"OMP_NUM_THREADS": "1", **os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        blender = subprocess.Popen(
            [*command, *map(str, numbers)],
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env=environment,
            cwd=ROOT,
        )
        try:
            assert blender.stdout is not None
            for line in blender.stdout:
                said = json.loads(line)
                if said["stage"] == "made":
                    finish(int(said["seed"]))
                    left.discard(int(said["seed"]))
            code = blender.wait()
        finally:
            if blender.poll() is None:
                blender.terminate()
                blender.wait()
        complaints.seek(0)
        last = [line.strip() for line in complaints if line.strip()]
    return None if code == 0 and not left else f"exit {code}: {last[-1] if last else 'nothing was said'}"


def put(out: Path, seed: int) -> None:
    """Give a finished clip its name, in the place of an earlier one."""
    final = out / str(seed)
    shutil.rmtree(final, ignore_errors=True)
    (out / f"{seed}.partial").rename(final)
