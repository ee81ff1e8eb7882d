"""A shot folder from a scene: whole and readable by the engine, or not there at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
import pytest
from export_scenes import add, box_mesh, little_shot, options
from real_blender import ROOT

from sora_addon.contract import ContractError, Shot, Words, pass_file, read_shot
from sora_addon.export import frame_writer, painter
from sora_addon.export.exporter import Exporter
from sora_addon.export.options import ReferenceFile
from sora_addon.export.progress import Message

pytestmark = pytest.mark.bpy


def export(scene: Any, target: Path, overwrite: bool = False, **changes: Any) -> tuple[Shot, list[Message]]:
    job = Exporter(scene, scene.view_layers[0], target, options(scene, **changes), overwrite)
    messages = list(job.run())
    assert messages[-1].kind == "done"
    return read_shot(target, passes=changes.get("passes", True)), messages


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_shot_is_whole_and_the_scene_as_it_was(tmp_path: Path) -> None:
    scene = little_shot()
    scene.frame_set(2)
    scene.render.fps_base = 1.001
    shot, messages = export(scene, tmp_path / "shot", words=Words(prompt="a box"))
    assert names(tmp_path) == {"shot"}
    assert scene.frame_current == 2
    assert shot.time.fps == (24000, 1001)
    assert shot.time.timecode == "00:00:00:01"
    assert shot.words.prompt == "a box"
    assert [row.camera for row in shot.camera] == ["Camera"] * 3
    assert {body.name for body in shot.bodies} == {"Box", "Floor"}
    box = next(body for body in shot.bodies if body.name == "Box")
    assert [row.world[3] for row in box.rows] == pytest.approx([-0.5, 0.0, 0.5], abs=1e-5)
    assert [light.name for light in shot.lights] == ["Lamp"]
    assert len(shot.lights[0].rows) == 3
    assert shot.source.passes == "gpu"
    assert not shot.source.snapshot
    assert shot.view.transform == scene.view_settings.view_transform
    assert shot.room is not None
    assert not shot.room.enclosed
    steps = [message.step for message in messages if message.stage == "frames"]
    assert steps == [1, 2, 3]
    assert messages[-2].kind != "progress" or messages[-2].seconds_left in (None, 0.0)


def engine_python() -> str | None:
    named = os.environ.get("SORA_ENGINE_PYTHON")
    beside = ROOT / ".venv-engine" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    return named or (str(beside) if beside.is_file() else None)


@pytest.mark.skipif(engine_python() is None, reason="no engine Python")
def test_the_engine_reads_every_pass(tmp_path: Path) -> None:
    export(little_shot(), tmp_path / "shot")
    script = (
        "import sys; from pathlib import Path; from sora_addon.contract import read_shot;"
        "from engine.media.passes import Passes; folder = Path(sys.argv[1]); shot = read_shot(folder);"
        "passes = Passes(folder, shot); frames = [passes.frame(n) for n in (1, 2, 3)];"
        "print(sorted(frames[0]), frames[1]['body'].max(), frames[2]['light_000'].max() > 0)"
    )
    done = subprocess.run(
        [str(engine_python()), "-c", script, str(tmp_path / "shot")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "'preview'" in done.stdout
    assert done.stdout.split()[-2:] == ["2", "True"]


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_cancelled_at_any_frame_leaves_nothing(tmp_path: Path, steps: int) -> None:
    scene = little_shot()
    scene.frame_set(2)
    running = Exporter(scene, scene.view_layers[0], tmp_path / "shot", options(scene)).run()
    for _ in range(steps):
        assert next(running).kind == "progress"
    running.close()
    assert names(tmp_path) == set()
    assert scene.frame_current == 2
    assert not [handler for handler in bpy.app.handlers.frame_change_post if "Reader" in repr(handler)]


def test_full_disk_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(frame_writer, "write_exr", full)
    with pytest.raises(OSError, match="No space left"):
        export(little_shot(), tmp_path / "shot")
    assert names(tmp_path) == set()


def test_an_earlier_shot_is_replaced_only_when_asked(tmp_path: Path) -> None:
    scene = little_shot()
    first, _ = export(scene, tmp_path / "shot")
    with pytest.raises(ContractError, match="exists already"):
        export(scene, tmp_path / "shot")
    second, _ = export(scene, tmp_path / "shot", overwrite=True, last=2)
    assert (first.time.frames, second.time.frames) == (3, 2)
    assert not (tmp_path / "shot" / pass_file(3)).exists()
    assert names(tmp_path) == {"shot"}


def test_without_passes(tmp_path: Path) -> None:
    shot, _ = export(little_shot(), tmp_path / "shot", passes=False)
    assert shot.source.passes == "none"
    assert len(shot.camera) == 3
    assert names(tmp_path / "shot") == {"shot.json"}


def test_markers_switch_the_camera_and_one_asked_for_wins(tmp_path: Path) -> None:
    scene = little_shot()
    front = scene.camera
    side = add(scene, "Side", bpy.data.cameras.new("Side"), (6.0, 0.0, 1.0))
    scene.timeline_markers.new("one", frame=1).camera = front
    scene.timeline_markers.new("two", frame=3).camera = side
    shot, _ = export(scene, tmp_path / "cut", passes=False)
    assert [row.camera for row in shot.camera] == ["Camera", "Camera", "Side"]
    shot, _ = export(scene, tmp_path / "asked", passes=False, camera="Side")
    assert [row.camera for row in shot.camera] == ["Side"] * 3
    assert [marker.camera for marker in scene.timeline_markers] == [front, side]
    assert scene.camera == front


def test_a_simulation_that_is_not_baked_is_played_up_to_the_shot(tmp_path: Path) -> None:
    scene = little_shot()
    ball = add(scene, "Ball", box_mesh(0.2), (2.0, 0.0, 5.0))
    scene.view_layers[0].update()
    with bpy.context.temp_override(object=ball, active_object=ball, selected_objects=[ball]):
        bpy.ops.rigidbody.object_add()
    scene.frame_end = 20
    shot, messages = export(scene, tmp_path / "shot", passes=False, first=13, last=14)
    assert [message.stage for message in messages].count("simulate") >= 11
    rows = next(body for body in shot.bodies if body.name == "Ball").rows
    fallen = 5.0 - rows[0].world[11]
    assert fallen == pytest.approx(9.81 / 2 * (12 / 24) ** 2, rel=0.1)


def test_cues_and_references(tmp_path: Path) -> None:
    scene = little_shot()
    cue = scene.sora.cues.add()
    cue.kind, cue.words, cue.start, cue.end, cue.speaker = "dialogue", "Hello", 2.0, 3.5, scene.objects["Box"]
    late = scene.sora.cues.add()
    late.start = 30.0
    picture = tmp_path / "my still (1).png"
    picture.write_bytes(b"png")
    asked = [ReferenceFile("keyframe", str(picture), frame=1)]
    shot, _ = export(scene, tmp_path / "shot", passes=False, references=asked)
    assert len(shot.cues) == 1
    assert shot.cues[0].start == pytest.approx(1 / 24)
    assert shot.cues[0].end == pytest.approx(2.5 / 24)
    assert shot.body(shot.cues[0].speaker).name == "Box"
    assert shot.references[0].path == "references/000_my_still_1_.png"
    assert (tmp_path / "shot" / shot.references[0].path).read_bytes() == b"png"
    with pytest.raises(ContractError, match="is missing"):
        export(scene, tmp_path / "other", passes=False, references=[ReferenceFile("keyframe", "/nowhere.png", frame=1)])


def test_a_lamp_that_comes_later_is_told(tmp_path: Path) -> None:
    scene = little_shot()
    late = add(scene, "Late", bpy.data.lights.new("Late", "SUN"))
    for frame, hidden in ((1, True), (4, False)):
        late.hide_viewport = late.hide_render = hidden
        late.keyframe_insert("hide_viewport", frame=frame)
        late.keyframe_insert("hide_render", frame=frame)
    shot, messages = export(scene, tmp_path / "shot", last=5)
    assert len(shot.lights) in (1, 2)
    if len(shot.lights) == 1:
        assert any("'Late'" in message.text for message in messages if message.kind == "warning")


def test_cycles_where_there_is_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise painter.NoGpu("No GPU context can be made here")

    monkeypatch.setattr(painter, "start_gpu", none)
    scene = little_shot()
    engine = scene.render.engine
    shot, messages = export(scene, tmp_path / "shot")
    assert shot.source.passes == "cycles"
    assert scene.render.engine == engine
    assert any("Cycles" in message.text for message in messages if message.kind == "warning")
