"""What an install will do, before it does anything: the Python, the files, how many bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .edition import CannotInstall, Edition, Wheel
from .processes import HIDDEN, clean_environment
from .pythons import VERSIONS, Command, candidates

PROBE = Path(__file__).with_name("probe.py")
PATIENCE = 60.0
"""Seconds that a Python may take to say what it is: the first start behind a virus scanner is slow."""
GROWTH = 3.6
"""Bytes on disk for each byte of wheel, with what Python compiles; measured on Linux: 618 MB of 172."""


@dataclass(frozen=True)
class Pick:
    """A package and the wheel of it that this machine takes."""

    name: str
    version: str
    wheel: Wheel


@dataclass(frozen=True)
class Plan:
    """``python`` starts the Python that the environment is made from; ``name`` is the environment's folder."""

    edition: Edition
    parts: tuple[str, ...]
    python: Command
    python_version: str
    name: str
    picks: tuple[Pick, ...]
    notes: tuple[str, ...] = ()
    """Why other Pythons were passed over, and what else an artist should know; sentences."""

    @property
    def download(self) -> int:
        """Bytes of all wheels."""
        return sum(pick.wheel.size for pick in self.picks)

    @property
    def disk(self) -> int:
        """Bytes that the environment takes in the end, about."""
        return round(self.download * GROWTH)


def make_plan(
    edition: Edition,
    own: Sequence[str],
    python: Path | None = None,
    wheels: Path | None = None,
    parts: Iterable[str] = ("core",),
) -> Plan:
    """Find a Python and choose the wheels. Starts a process or a few: not for Blender's main thread.

    ``own`` starts this process's Python; ``python`` is tried alone where it is given; ``wheels`` is a folder to take
    the wheels from. Raises CannotInstall.
    """
    parts = tuple(sorted(parts))
    digest = edition.digest(parts)
    packages = [locked for part in parts for locked in edition.parts[part]]
    there = None if wheels is None else wheels_in(wheels)
    refusals: list[str] = []
    for command in [(str(python),)] if python is not None else candidates(own):
        found = ask(command, packages, there)
        if isinstance(found, str):
            refusals.append(f"{' '.join(command)} does not start ({found}).")
            continue
        if refusal := _refusal(command, found):
            refusals.append(refusal)
            continue
        picks = {}
        for locked in packages:
            name = found["wheels"].get(locked.name)
            chosen = next((wheel for wheel in locked.wheels if wheel.name == name), None)
            if chosen is not None:
                picks[locked.name] = Pick(locked.name, locked.version, chosen)
        tag = "py" + "".join(found["version"].split(".")[:2])
        return Plan(
            edition=edition,
            parts=parts,
            python=(found["executable"],) if len(command) == 1 else command,
            python_version=found["version"],
            name=f"engine-{edition.version}-{tag}-{digest[:12]}",
            picks=tuple(sorted(picks.values(), key=lambda pick: pick.name)),
            notes=(*refusals, *_build_notes(picks.values())),
        )
    advice = f"Install Python {VERSIONS[0]} and try again, or choose a Python in the preferences."
    raise CannotInstall(" ".join([*refusals, advice]))


def wheels_in(folder: Path) -> list[str]:
    """Names of the wheels in a folder. Raises CannotInstall where it is none."""
    try:
        return sorted(path.name for path in folder.iterdir() if path.suffix == ".whl")
    except OSError as error:
        raise CannotInstall(f"The wheel folder {folder} cannot be read ({error.strerror}).") from error


def ask(command: Command, packages: Iterable[Any], there: list[str] | None) -> dict[str, Any] | str:
    """What a Python says of itself (see ``probe``), or why it says nothing."""
    asked = {
        "packages": [[locked.name, locked.marker, [wheel.name for wheel in locked.wheels]] for locked in packages],
        "there": there,
    }
    try:
        answer = subprocess.run(
            [*command, "-I", str(PROBE)] if "-I" not in command else [*command, str(PROBE)],
            input=json.dumps(asked),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=clean_environment(),
            check=False,
            timeout=PATIENCE,
            creationflags=HIDDEN,
        )
    except OSError as error:
        return error.strerror or str(error)
    except subprocess.TimeoutExpired:
        return f"it said nothing in {PATIENCE:.0f} s"
    try:
        return json.loads(answer.stdout)
    except ValueError:
        return (answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"])[-1]


def has_nvidia() -> bool:
    """Whether NVIDIA's driver is on this machine, by its own tool."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return False
    try:
        return subprocess.run([tool, "-L"], capture_output=True, check=False, timeout=PATIENCE).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _refusal(command: Command, found: dict[str, Any]) -> str:
    """Why this Python will not do; empty where it will."""
    where = " ".join(command)
    version = ".".join(found["version"].split(".")[:2])
    if version not in VERSIONS:
        return f"{where} is Python {version}; the engine needs 3.11 to 3.14."
    if found["bits"] != 64 or found["free_threaded"]:
        return f"{where} is a 32-bit or a free-threaded Python; the engine needs an ordinary 64-bit one."
    if found["lacks"]:
        lacking = " and ".join(found["lacks"])
        mend = ""
        if sys.platform == "linux" and {"venv", "ensurepip"} & set(found["lacks"]):
            mend = f" (on Debian and Ubuntu: sudo apt install python{version}-venv)"
        return f"Python {version} at {where} lacks {lacking}{mend}."
    if found["without"]:
        return f"There is no {' and no '.join(found['without'])} for Python {version} on this machine ({where})."
    return ""


def _build_notes(picks: Iterable[Pick]) -> list[str]:
    """Which build of torch it is, where it is one."""
    names = {pick.name for pick in picks}
    if "torch" not in names:
        return []
    cuda, card = any(name.startswith("nvidia-") for name in names), has_nvidia()
    if cuda:
        return (
            [] if card else ["No NVIDIA card was found: torch will run on the processor. Linux has one build for both."]
        )
    if card and os.name == "nt":
        return ["This is torch for the processor; the package index has no build for NVIDIA cards on Windows."]
    return []
