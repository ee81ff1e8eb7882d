"""pip inside an environment: download exactly these wheels, install exactly these wheels."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .edition import CannotInstall, Wheel
from .plan import Pick
from .processes import Runner, clean_environment

SMALL = 2_000_000
"""Bytes; smaller wheels are asked for together, for each start of pip takes a second."""
HARMFUL = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_REQUIRE_HASHES")
"""Variables that would send packages elsewhere. Those that name a studio's own index or proxy are obeyed."""


@dataclass(frozen=True)
class Pip:
    """``python`` is the environment's; ``temporary`` holds what is half downloaded and may be emptied at any time."""

    python: Path
    temporary: Path
    runner: Runner

    def works(self) -> bool:
        """Whether the environment's Python starts and has its pip. Raises Stopped."""
        if not self.python.is_file():
            return False
        try:
            return self._run(["--version"], offline=True)[0] == 0
        except OSError:
            return False

    def download(self, picks: Sequence[Pick], into: Path, look: Callable[[], None]) -> None:
        """Fetch the wheels of ``picks`` from the package index. Raises CannotInstall, Stopped, OSError."""
        command = ["download", "--dest", str(into), "--no-cache-dir"]
        code, lines = self._run([*command, *self._exactly(picks)], look=look)
        lacking = [pick for pick in picks if not is_whole(into / pick.wheel.name, pick.wheel)]
        if code == 0 and not lacking:
            return
        names = ", ".join(pick.name for pick in lacking or picks)
        if any("DO NOT MATCH THE HASHES" in line for line in lines) or (code == 0 and lacking):
            raise CannotInstall(
                f"What came for {names} is not the file that this version of the add-on was made with, so it was refused;"
                " ask who runs your package index or proxy."
            )
        raise CannotInstall(f"{names} could not be downloaded ({reason(lines)}); press Resume to try again.")

    def install(self, picks: Sequence[Pick], source: Path, look: Callable[[], None], anew: bool = False) -> None:
        """Install the wheels of ``picks`` from a folder, and nothing else. Raises CannotInstall, Stopped, OSError."""
        command = ["install", "--no-index", "--find-links", str(source), "--no-warn-script-location", "--no-cache-dir"]
        if anew:
            command.append("--force-reinstall")
        code, lines = self._run([*command, *self._exactly(picks)], look=look, offline=True)
        if code != 0:
            raise CannotInstall(f"The packages could not be installed ({reason(lines)}); press Resume to try again.")

    def _exactly(self, picks: Iterable[Pick]) -> list[str]:
        listed = "".join(f"{pick.name}=={pick.version} --hash=sha256:{pick.wheel.sha256}\n" for pick in picks)
        self.temporary.mkdir(parents=True, exist_ok=True)
        path = self.temporary / "exactly.txt"
        path.write_text(listed, encoding="utf-8")
        return ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--requirement", str(path)]

    def _run(
        self, arguments: list[str], look: Callable[[], None] = lambda: None, offline: bool = False
    ) -> tuple[int, list[str]]:
        self.temporary.mkdir(parents=True, exist_ok=True)
        folder = str(self.temporary)
        environment = clean_environment(TMPDIR=folder, TEMP=folder, TMP=folder)
        for name in list(environment):
            if name in HARMFUL or (offline and name.upper().startswith("PIP_")):
                del environment[name]
        if offline:
            environment["PIP_CONFIG_FILE"] = os.devnull
        options = ["--disable-pip-version-check", "--no-input", "--no-color"]
        if "--version" not in arguments:
            arguments = [*arguments, "--progress-bar", "off"]
        command = [str(self.python), "-I", "-m", "pip", *arguments, *options]
        return self.runner.run(command, environment, look)


def is_whole(path: Path, wheel: Wheel) -> bool:
    """Whether a file is that wheel, byte for byte. Raises OSError where it is there and cannot be read."""
    if not path.is_file() or path.stat().st_size != wheel.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == wheel.sha256


def groups(picks: Iterable[Pick]) -> list[list[Pick]]:
    """Which wheels are asked for together: the small ones, then each large one by itself."""
    small = [pick for pick in picks if pick.wheel.size < SMALL]
    large = [[pick] for pick in picks if pick.wheel.size >= SMALL]
    return ([small] if small else []) + large


def size_under(folder: Path) -> int:
    """Bytes of the wheels, whole or half, in a folder that may change meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            if ".whl" in name:
                try:
                    total += os.stat(os.path.join(place, name)).st_size
                except FileNotFoundError:
                    continue
    return total


def empty(folder: Path) -> None:
    """Remove a folder of ours, if it is there. Raises OSError."""
    if folder.exists():
        shutil.rmtree(folder)


def reason(lines: Sequence[str]) -> str:
    """The line in which pip says why, else its last."""
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or [line for line in lines if line.strip()] or ["pip said nothing"])[-1].removeprefix("ERROR: ")
