"""The background Blender: it refuses a scene that is not the artist's, and leaves nothing behind however it ends."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import pytest
from export_scenes import add_camera, empty_scene, little_shot, options, save
from real_blender import SCRIPTS, in_real_blender, needs_blender

from sora_addon.contract import read_shot
from sora_addon.export.background import BackgroundExport, export_in_background
from sora_addon.export.preflight import Refused
from sora_addon.export.progress import Message

pytestmark = pytest.mark.bpy


def start(target: Path) -> BackgroundExport:
    running, _ = export_in_background(bpy.context, target, options(bpy.context.scene))
    return running


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def ended(running: BackgroundExport) -> Message:
    messages = running.wait()
    assert messages[-1] is running.result
    assert running.result is not None
    return running.result


def test_a_driver_that_only_the_artists_session_knows_stops_the_worker(tmp_path: Path) -> None:
    scene = empty_scene()
    camera = add_camera(scene)
    bpy.app.driver_namespace["where"] = lambda x: float(x)
    camera.driver_add("location", 0).driver.expression = "where(2)"
    scene.frame_set(1)
    save(tmp_path / "driven.blend")
    result = ended(start(tmp_path / "shot"))
    assert result.kind == "failed"
    assert "the camera 'Camera' stands 2 away" in result.text
    assert names(tmp_path) == {"driven.blend"}


def test_a_worker_that_dies_tells_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    little_shot()
    save(tmp_path / "shot.blend")
    script = tmp_path / "dies.py"
    script.write_text("import sys; sys.stdin.readline(); print('out of memory', flush=True); sys.exit(9)")
    monkeypatch.setattr("sora_addon.export.background.WORKER", script)
    result = ended(start(tmp_path / "shot"))
    assert result.kind == "failed"
    assert "code 9" in result.text
    assert result.details == ["out of memory"]
    assert names(tmp_path) == {"shot.blend", "dies.py"}


def test_a_worker_that_does_not_listen_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    little_shot()
    save(tmp_path / "shot.blend")
    script = tmp_path / "deaf.py"
    script.write_text(
        "import os, pathlib, threading\n"
        f"pathlib.Path({str(tmp_path)!r}, f'out.{{os.getpid()}}.partial').mkdir()\n"
        "threading.Event().wait()\n"
    )
    monkeypatch.setattr("sora_addon.export.background.WORKER", script)
    monkeypatch.setattr("sora_addon.export.background.GRACE", 0.0)
    running = start(tmp_path / "out")
    running.cancel()
    while running.result is None:
        running.poll()
    assert running.result.kind == "cancelled"
    assert names(tmp_path) == {"shot.blend", "deaf.py"}


def test_refused_before_anything_is_written(tmp_path: Path) -> None:
    scene = empty_scene()
    save(tmp_path / "empty.blend")
    with pytest.raises(Refused, match="has no camera"):
        start(tmp_path / "shot")
    assert names(tmp_path) == {"empty.blend"}
    assert scene.name == "Scene"


@needs_blender
def test_in_a_real_blender(tmp_path: Path) -> None:
    done = in_real_blender("--python", SCRIPTS / "background_export.py", "--", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    good, driven = json.loads(line.removeprefix("RESULT "))
    assert good["kind"] == "done", good
    assert good["steps"].count("frames") == 3
    shot = read_shot(tmp_path / "good" / "shot")
    assert shot.source.snapshot
    assert driven["kind"] == "failed"
    assert "'Camera' stands 2 away" in driven["text"]
    assert names(tmp_path / "driven") == {"driven.blend"}
    assert names(tmp_path / "good") == {"shot.blend", "shot"}
