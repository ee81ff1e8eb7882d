"""A model's folder put to work: looked over, loaded, two steps made of a little shot, and a cancel.

``python -m engine.server.trial FOLDER`` prints the findings as JSON: a process of its own, for it may be ended by memory.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sora_addon.contract import ContractError

from ..backends import registry
from ..backends.diffusing.faults import check_packages
from ..backends.diffusing.folder import INDEX, look_over, read_json
from ..backends.protocol import Cancelled, Request
from .doctor import Finding
from .trial_shot import TrialPasses, trial_shot

BACKENDS = ("ltx2", "wan_vace", "sana_wm", "stable_audio")
STEPS = 2


def examine_model(folder: Path) -> list[Finding]:
    """What a child process finds; where that dies, how."""
    command = [sys.executable, "-m", "engine.server.trial", str(folder.absolute())]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return [Finding(**one) for one in json.loads(run.stdout.splitlines()[-1])]
    last = (run.stderr.strip().splitlines() or ["no word of it"])[-1][:300]
    killed = "; perhaps memory ran out" if run.returncode in (-9, 137) else ""
    says = f"The trial of {folder} ended with code {run.returncode}{killed} ({last})."
    return [Finding("model", False, says, "Make more memory free, or choose a smaller model.")]


def tried(folder: Path, settings: dict[str, Any] | None = None) -> list[Finding]:
    """The findings, in order, as far as they go. ``settings`` are laid over the trial's own."""
    findings: list[Finding] = []
    try:
        name = backend_for(folder)
        found = look_over(folder, importlib.import_module(f"engine.backends.{name}").KINDS)
        findings.append(Finding("folder", True, f"{folder} is a {found.kind} for {name}, {found.bytes / 1e9:.1f} GB."))
        check_packages(registry.capabilities(name))
        findings.append(Finding("packages", True, f"All packages that {name} needs are there."))
        laid = {"model": str(folder), "steps": STEPS} | (settings or {})
        with tempfile.TemporaryDirectory() as scratch:
            findings += _worked(name, laid, Path(scratch))
    except ContractError as error:
        mend = f"{error.mend[:1].upper()}{error.mend[1:]}." if error.mend else ""
        findings.append(Finding("model", False, f"{error.field}: {error.problem}.", mend))
    return findings


def backend_for(folder: Path) -> str:
    """The backend that takes the folder's kind. Raises ContractError."""
    kind = read_json(folder / INDEX).get("_class_name")
    for name in BACKENDS:
        if kind in importlib.import_module(f"engine.backends.{name}").KINDS:
            return name
    raise ContractError(str(folder / INDEX), f"is of a {kind}, which no backend takes", "choose another folder")


def _worked(name: str, settings: dict[str, Any], scratch: Path) -> list[Finding]:
    began = time.perf_counter()
    frames, sound = _asked(name, settings, scratch, lambda stage, step, total: None)
    seconds = time.perf_counter() - began
    known, time_ = registry.capabilities(name), trial_shot(settings, name).time
    right = frames == (time_.frames if known.makes_picture else 0) and sound in (None, time_.samples)
    says = f"It loaded and made {frames} frames and {sound or 0} samples in {STEPS} steps, {seconds:.1f} s in all."
    mend = "" if right else "Report this as a fault of the engine."
    return [Finding("run", right, says, mend), _cancelled(name, settings, scratch)]


def _cancelled(name: str, settings: dict[str, Any], scratch: Path) -> Finding:
    steps: list[int] = []

    def progress(stage: str, step: int, total: int) -> None:
        if stage == name:
            steps.append(step)
            if step == 1:
                raise Cancelled

    try:
        _asked(name, settings, scratch, progress)
    except Cancelled:
        return Finding("cancel", steps == [0, 1], "It stops within a step.")
    return Finding("cancel", False, "It does not stop when it is cancelled.", "Report this as a fault of the engine.")


def _asked(
    name: str, settings: dict[str, Any], scratch: Path, progress: Callable[[str, int, int], None]
) -> tuple[int, int | None]:
    """How many frames and samples it makes."""
    shot = trial_shot(settings, name)
    backend = registry.backend(name)
    request = Request(shot, TrialPasses(scratch, shot), scratch, progress)
    frames = sum(1 for _ in backend.frames(request))
    sound = backend.sound(request)
    return frames, None if sound is None else len(sound)


def main() -> int:
    """Findings as JSON, on the last line."""
    print(json.dumps([asdict(finding) for finding in tried(Path(sys.argv[1]))]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
