"""A real Blender in a real window on a screen of its own, with the BUILT extension in a throw-away profile.

An artist's session is a script of ``in_blender/`` that runs inside Blender and leaves pictures and a record of what it
saw; what is judged is judged outside, by the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..real_blender import ROOT

SESSIONS = Path(__file__).with_name("in_blender")
PICTURES = Path(os.environ.get("SORA_PICTURES", ROOT / "out" / "pictures"))
"""Where the pictures of windows go; docs/pictures is made of them."""
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sora-windows"
SIZE = (1440, 900)
TOOLS = ("Xvfb", "import", "compare")


def missing_tools() -> list[str]:
    """What this machine lacks to show and to photograph a window."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


@contextmanager
def screen() -> Iterator[str]:
    """A screen nobody sees; its name for DISPLAY."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


@dataclass
class Studio:
    """A profile with the extension installed from its zip."""

    blender: str
    folder: Path
    zip: Path
    environment: dict[str, str] = field(default_factory=dict)

    def install(self) -> None:
        """Install the zip as an artist does, from the command line of the same Blender."""
        done = subprocess.run(
            [
                self.blender,
                "--command",
                "extension",
                "install-file",
                "--repo",
                "user_default",
                "--enable",
                str(self.zip),
            ],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        self.whisper("bpy.context.preferences.view.show_splash = False", "bpy.ops.wm.save_userpref()")

    def whisper(self, *lines: str) -> str:
        """Run lines of Python in a Blender without a window, in this profile; what it said."""
        done = subprocess.run(
            [
                self.blender,
                "--background",
                "--python-exit-code",
                "9",
                "--python-expr",
                "; ".join(["import bpy", *lines]),
            ],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        return done.stdout

    def play(self, session: str, *words: str, display: str, files: list[Path] | None = None) -> dict[str, Any]:
        """Run a session to its end; its record. Raises AssertionError with Blender's own words where it does not end well."""
        record = self.folder / f"{session}.json"
        record.unlink(missing_ok=True)
        command = [
            self.blender, "--window-geometry", "0", "0", str(SIZE[0]), str(SIZE[1]), "--enable-event-simulate",
            "--no-window-focus", "--python-exit-code", "9", *map(str, files or []),
            "--python", str(SESSIONS / f"{session}.py"), "--", str(record), str(PICTURES), *words,
        ]  # fmt: skip
        log = self.folder / f"{session}.log"
        with log.open("wb") as said:
            running = subprocess.Popen(
                command,
                env=self._environment() | {"DISPLAY": display},
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
            try:
                code = running.wait(float(os.environ.get("SORA_SESSION_SECONDS", "900")))
            except subprocess.TimeoutExpired:
                code = None
            finally:
                if running.poll() is None:
                    os.killpg(running.pid, signal.SIGKILL)
                    running.wait()
        tail = log.read_text(errors="replace")[-6000:]
        assert code == 0, f"{session}: Blender ended with {code}\n{tail}"
        assert record.is_file(), f"{session} left no record\n{tail}"
        return json.loads(record.read_text(encoding="utf-8"))

    def _environment(self) -> dict[str, str]:
        cleaned = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SORA_"))}
        profile = {
            "BLENDER_USER_RESOURCES": str(self.folder / "profile"),
            "HOME": str(self.folder / "home"),
            # Kept from run to run, for compiled shaders; each Blender brings a Mesa of its own, and they map the same files.
            "XDG_CACHE_HOME": str(CACHE / Path(self.blender).parent.name),
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return cleaned | profile | self.environment


@contextmanager
def studio(blender: str, zip_file: Path, **environment: str) -> Iterator[Studio]:
    """A studio in a folder of its own, with a space and a letter beyond ASCII in its path; the extension is installed."""
    with tempfile.TemporaryDirectory(prefix="sora studio é ", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "home").mkdir()
        PICTURES.mkdir(parents=True, exist_ok=True)
        made = Studio(blender, folder, zip_file, environment)
        made.install()
        yield made


if __name__ == "__main__":  # python -m tests.blender.window.studio BLENDER ZIP SESSION: for a look at one session
    engine = str(ROOT / ".venv-engine" / "bin" / "python")
    with screen() as shown, studio(sys.argv[1], Path(sys.argv[2]), SORA_ENGINE_PYTHON=engine) as here:
        print(json.dumps(here.play(sys.argv[3], *sys.argv[4:], display=shown), indent=1))
