"""Finds Pythons that an environment can be made from."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

VERSIONS = ("3.13", "3.12", "3.11", "3.14")
"""In the order in which they are tried after Blender's own."""
USUAL_FOLDERS = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
"""Looked into besides the PATH: a Blender that was started from a desktop has a short one."""

Command = tuple[str, ...]


def candidates(own: Sequence[str]) -> Iterator[Command]:
    """Commands that may start a Python, the best first. ``own`` is that of this process, with its arguments."""
    seen: set[str] = set()
    for command in (tuple(own), *_others()):
        key = os.path.realpath(command[0]) + " ".join(command[1:])
        if command and key not in seen:
            seen.add(key)
            yield command


def _others() -> Iterator[Command]:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = os.pathsep.join([os.environ.get("PATH", ""), *USUAL_FOLDERS])
    for version in VERSIONS:
        if sys.platform == "win32":
            if launcher := shutil.which("py"):
                yield (launcher, f"-{version}")
            yield from ((str(path),) for path in sorted(pyenv.glob(f"pyenv-win/versions/{version}.*/python.exe")))
        yield from ((str(path),) for path in sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True))
        # A pyenv shim is a script that fails where that version is not the chosen one; the real ones were named above.
        found = shutil.which(f"python{version}", path=folders)
        if found is not None and Path(found).parent != pyenv / "shims":
            yield (found,)
        elif found is not None and (system := shutil.which(f"python{version}", path=os.pathsep.join(USUAL_FOLDERS))):
            yield (system,)
