"""Blender takes credentials off whatever it renders: what comes out of the sequencer is signed again, with its takes."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from ..client import desk
from ..client.engine import NoEngine, engine_command, engine_environment
from ..install.preferences import preferences
from .takes import FOLDER, TAKE, shot_metas, strips_by_take

SIGNED = (".mp4", ".wav", ".png")
ACCEPTED = ("tampered", "truncated", "expired")
"""States of takes that are signed with where the artist accepts them."""
LATE = 2.0
"""Seconds by which the clock of a disk may be behind."""
_began: dict[str, float] = {}
"""When each scene's render began."""
last_word = ""
"""What became of the signing after the last render; a sentence."""


def take_folders(scene: Any) -> list[Path]:
    """Folders of the takes that play in the timeline, each once."""
    found: dict[Path, None] = {}
    for meta in shot_metas(scene):
        strips = strips_by_take(meta).get(meta.get(TAKE, ""), [])
        if strips and not meta.mute:
            found[Path(bpy.path.abspath(strips[0][FOLDER]))] = None
    return list(found)


def rendered(scene: Any, since: float) -> list[Path]:
    """What the scene's render has written since then: a film, pictures, or a folder of EXR frames."""
    frames = range(scene.frame_start, scene.frame_end + 1, scene.frame_step)
    paths = dict.fromkeys(Path(bpy.path.abspath(scene.render.frame_path(frame=frame))) for frame in frames)
    fresh = [path for path in paths if path.is_file() and path.stat().st_mtime >= since - LATE]
    signed = [path for path in fresh if path.suffix.lower() in SIGNED]
    return signed + sorted({path.parent for path in fresh if path.suffix.lower() == ".exr"})


def sign(files: Sequence[Path], takes: Sequence[Path], accept: bool = False) -> str:
    """Let the engine sign; empty, or why it did not. Takes a second or two: not for Blender's main thread with a window.

    ``accept``: takes that are not intact too; what is signed then says so.
    """
    named = [word for folder in takes for word in ("--take", str(folder))]
    named += [word for state in ACCEPTED if accept for word in ("--accept", state)]
    software = f"Blender {bpy.app.version_string}"
    return _engine(["sign", *map(str, files), *named, "--software", software])[1]


def verify(path: Path) -> tuple[str, str]:
    """The page on a file or a take's folder, or '' and why there is none. As slow as ``sign``."""
    return _engine(["verify", str(path)])


def start() -> None:
    """Sign after each render of the sequencer; once, however often this is called."""
    stop()
    bpy.app.handlers.render_init.append(_begins)
    bpy.app.handlers.render_complete.append(_ends)


def stop() -> None:
    for handlers, handler in ((bpy.app.handlers.render_init, _begins), (bpy.app.handlers.render_complete, _ends)):
        if handler in handlers:
            handlers.remove(handler)


@bpy.app.handlers.persistent
def _begins(scene: Any, *_: Any) -> None:
    _began[scene.name] = time.time()


@bpy.app.handlers.persistent
def _ends(scene: Any, *_: Any) -> None:
    since = _began.pop(scene.name, None)
    page = preferences()
    wanted = page is None or page.sign_renders
    if since is None or not wanted or not scene.render.use_sequencer or scene.sequence_editor is None:
        return
    takes, files = take_folders(scene), rendered(scene, since)
    if not takes or not files:
        return
    if bpy.app.background:
        _said(sign(files, takes))
    else:
        desk.desk().aside.do(lambda: sign(files, takes), _said)


def _said(problem: str) -> None:
    global last_word
    last_word = problem or "signed"
    if problem:
        print(f"sora: what was rendered is not signed: {problem}")


def _engine(arguments: Sequence[str]) -> tuple[str, str]:
    """What the engine printed, and why it failed; ``verify`` prints its page whatever it finds."""
    try:
        done = subprocess.run(
            engine_command(arguments),
            env=engine_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (NoEngine, OSError) as error:
        return "", str(error)
    page = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode == 0 or (arguments[0] == "verify" and page):
        return page, ""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return "", said[-1] if said else f"The engine ended with code {done.returncode}."
