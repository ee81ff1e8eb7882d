"""Makes the two environments, as in an artist's life: .venv (Blender's side) and .venv-engine (the engine's).

    python environments.py [--dev] [--wheels]

``--wheels`` makes two more, .venv-bpy-4.2 and .venv-bpy-4.5, for the tests on older Blenders; where no Python 3.11 is found
it says so. Standard library only. Does nothing where an environment already holds what its requirements say.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
BPY_PYTHONS = ("3.11", "3.13")
"""The Pythons that a pinned bpy wheel exists for."""
OLDER_BLENDERS = ("4.2", "4.5")
WHEEL_PYTHONS = ("3.11",)
ENGINE_PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def version_of(command: list[str]) -> str | None:
    """'3.11' of a Python command that runs, else None."""
    try:
        ask = [*command, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        answer = subprocess.run(ask, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def python_for(versions: tuple[str, ...]) -> list[str] | None:
    """A command that runs one of ``versions``, this Python first."""
    commands = [[sys.executable]]
    for version in versions:
        commands += [[f"python{version}"], ["py", f"-{version}"]]
        commands += [[str(path)] for path in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    return next((command for command in commands if version_of(command) in versions), None)


def interpreter(environment: Path) -> Path:
    """The Python inside an environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


LOCK = "engine/requirements/core.lock"
"""What an artist's engine holds: every package with its hash, and none that is only asked for by another."""


def make(name: str, versions: tuple[str, ...], requirements: list[str], lock: str | None = None) -> None:
    """Make ``name`` and install ``lock`` and ``requirements`` into it, unless that was done before."""
    environment = ROOT / name
    wanted = hashlib.sha256(
        b"".join((ROOT / file).read_bytes() for file in [*filter(None, [lock]), *requirements])
    ).hexdigest()
    stamp = environment / "requirements.sha256"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not interpreter(environment).is_file():
        command = python_for(versions)
        if command is None:
            raise SystemExit(f"{name} needs Python {' or '.join(versions)}; none was found. Install one and try again.")
        subprocess.run([*command, "-m", "venv", str(environment)], check=True)
    install = [str(interpreter(environment)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    listed = [word for file in requirements for word in ("-r", str(ROOT / file))]
    print(f"installing into {name} (about 1 GB on the first run)", flush=True)
    if lock is not None:
        subprocess.run([*install, "--no-deps", "--require-hashes", "-r", str(ROOT / lock)], check=True)
    if listed:
        subprocess.run([*install, *listed], check=True)
    stamp.write_text(wanted)


def main() -> None:
    """The environments asked for."""
    development = (
        ["requirements-model.txt", "requirements-training.txt", "requirements-dev.txt"]
        if "--dev" in sys.argv[1:]
        else []
    )
    make(".venv", BPY_PYTHONS, ["requirements-addon.txt"])
    make(".venv-engine", ENGINE_PYTHONS, development, LOCK)
    if "--wheels" in sys.argv[1:]:
        if python_for(WHEEL_PYTHONS) is None:
            print("the tests on Blender 4.2 and 4.5 are skipped: their wheels need Python 3.11, and none was found")
            return
        for version in OLDER_BLENDERS:
            make(f".venv-bpy-{version}", WHEEL_PYTHONS, [f"requirements-bpy-{version}.txt"])


if __name__ == "__main__":
    main()
