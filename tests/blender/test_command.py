"""The verbs, as an artist's terminal sees them: words, exit codes, and nothing half done."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import bpy
import pytest
from export_scenes import add_camera, empty_scene, little_shot, save
from real_blender import ROOT, SCRIPTS, in_real_blender, needs_blender
from takes_for_tests import HEIGHT, WIDTH, make_take

from sora_addon import command, compat
from sora_addon.client import engine
from sora_addon.contract import Time, read_report, read_shot, read_take
from sora_addon.export.options import frame_rate, timecode
from sora_addon.export.scene_files import NoScene, open_scene, set_rate

pytestmark = pytest.mark.bpy


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "VERB"),
        (["export", "x.blend"], "--out"),
        (["export", "x.blend", "--out", "o", "--frames", "one"], "'one' is not a range"),
        (["export", "x.blend", "--out", "o", "--size", "512"], "'512' is not a size"),
        (["export", "x.glb", "--out", "o", "--fps", "0"], "'0' is not a rate"),
        (["export", "nowhere.blend", "--out", "o"], "There is no scene file nowhere.blend"),
    ],
)
def test_bad_usage_is_told_with_exit_code_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(arguments) == 2
    assert words in said(capsys)


def test_help_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["generate", "--help"]) == 0
    assert "--backend" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "frames"), [("1-48", (1, 48)), ("-5:-2", (-5, -2)), ("7", (7, 7)), ("-5..10", (-5, 10))]
)
def test_ranges_of_frames(text: str, frames: tuple[int, int]) -> None:
    assert command._frames(text) == frames


def test_scene_without_a_camera_is_refused_before_any_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty_scene()
    save(tmp_path / "empty.blend")
    assert command.main(["export", str(tmp_path / "empty.blend"), "--out", str(tmp_path / "shot")]) == 2
    assert "has no camera" in said(capsys)
    assert not (tmp_path / "shot").exists()


def test_file_that_is_no_scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "scene.blend").write_text("not a scene")
    assert command.main(["export", str(tmp_path / "scene.blend"), "--out", str(tmp_path / "shot")]) == 2
    assert "scene.blend cannot be opened" in said(capsys)
    (tmp_path / "scene.fbx").touch()
    with pytest.raises(NoScene, match="neither a"):
        open_scene(tmp_path / "scene.fbx", trust=False)


def test_generate_looks_for_the_engine_before_it_exports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    little_shot()
    save(tmp_path / "shot.blend")
    monkeypatch.setenv(engine.VARIABLE, str(tmp_path / "python"))
    assert command.main(["generate", str(tmp_path / "shot.blend"), "--out", str(tmp_path / "out")]) == 2
    assert engine.VARIABLE in said(capsys)
    assert not (tmp_path / "out").exists()


def test_engine_is_found_beside_the_add_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(engine.VARIABLE, raising=False)
    monkeypatch.setattr(engine, "ROOT", tmp_path)
    with pytest.raises(engine.NoEngine, match="not installed"):
        engine.engine_python()
    python = tmp_path / ".venv-engine" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    python.parent.mkdir(parents=True)
    python.touch()
    assert engine.engine_python() == python
    assert engine.engine_command(["backends"])[1:] == ["-m", "engine", "backends"]


def test_scripts_of_the_file_run_only_with_trust(tmp_path: Path) -> None:
    scene = empty_scene()
    camera = add_camera(scene)
    text = bpy.data.texts.new("rig.py")
    text.write("import bpy\nbpy.app.driver_namespace['where'] = lambda x: float(x)\n")
    text.use_module = True
    camera.driver_add("location", 0).driver.expression = "where(2)"
    save(tmp_path / "driven.blend")
    notes = open_scene(tmp_path / "driven.blend", trust=False)
    assert "--trust" in notes[0]
    assert camera_x() == pytest.approx(0.0)
    assert open_scene(tmp_path / "driven.blend", trust=True) == []
    assert camera_x() == pytest.approx(2.0)


def camera_x() -> float:
    bpy.context.scene.frame_set(1)
    return bpy.context.scene.camera.matrix_world.translation.x


def moving_box(rate: Fraction) -> None:
    scene = little_shot()
    set_rate(scene, rate)
    scene.objects["Box"].keyframe_insert("location", frame=12)
    scene.frame_end = 12


def test_gltf_brings_its_camera_and_range(tmp_path: Path) -> None:
    moving_box(Fraction(25))
    bpy.ops.export_scene.gltf(filepath=str(tmp_path / "scene.glb"), export_cameras=True, export_lights=True)
    assert open_scene(tmp_path / "scene.glb", trust=False, rate=Fraction(25)) == []
    scene = bpy.context.scene
    assert scene.camera.type == "CAMERA"
    assert frame_rate(scene) == 25
    assert (scene.frame_start, scene.frame_end) == (1, 12)
    assert hasattr(scene, "sora")


def test_usd_brings_its_range_and_rate(tmp_path: Path) -> None:
    moving_box(Fraction(30))
    bpy.ops.wm.usd_export(filepath=str(tmp_path / "scene.usda"), export_animation=True)
    bpy.ops.wm.usd_export(filepath=str(tmp_path / "scene.usdc"), export_animation=True)
    assert open_scene(tmp_path / "scene.usda", trust=False) == []
    assert frame_rate(bpy.context.scene) == 30
    assert (bpy.context.scene.frame_start, bpy.context.scene.frame_end) == (1, 12)
    assert "--fps" in open_scene(tmp_path / "scene.usdc", trust=False)[0]
    assert frame_rate(bpy.context.scene) == 24
    assert open_scene(tmp_path / "scene.usdc", trust=False, rate=Fraction(25)) == []
    assert bpy.context.scene.camera is not None


@pytest.mark.parametrize(
    ("fps", "base", "rate"),
    [
        (24, 1.001, Fraction(24000, 1001)),
        (30, 1.001, Fraction(30000, 1001)),
        (60, 1.001, Fraction(60000, 1001)),
        (24, 24 / 23.976, Fraction(24000, 1001)),
        (24, 1.0, Fraction(24)),
        (25, 0.5, Fraction(50)),
        (30, 2.4, Fraction(25, 2)),
    ],
)
def test_rates_are_exact(fps: int, base: float, rate: Fraction) -> None:
    scene = empty_scene()
    scene.render.fps, scene.render.fps_base = fps, base
    assert frame_rate(scene) == rate
    set_rate(scene, rate)
    assert frame_rate(scene) == rate


def test_timecode_counts_whole_frames() -> None:
    assert timecode(0, Fraction(24)) == "00:00:00:00"
    assert timecode(1001, Fraction(24)) == "00:00:41:17"
    assert timecode(30, Fraction(30000, 1001)) == "00:00:01:00"
    assert timecode(-1, Fraction(25)) == "23:59:59:24"


needs_engine = pytest.mark.skipif(
    not (ROOT / ".venv-engine").is_dir() and engine.VARIABLE not in os.environ, reason="no engine Python"
)


def test_a_take_is_laid_into_another_file_and_rendered(tmp_path: Path) -> None:
    scene = little_shot()
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.view_settings.view_transform = "AgX"
    save(tmp_path / "scene.blend")
    make_take(tmp_path / "take", time=Time((24, 1), 1, 12))
    words = ["lay", str(tmp_path / "scene.blend"), str(tmp_path / "take"), "--out", str(tmp_path / "edit.blend")]
    assert command.main([*words, "--render", str(tmp_path / "film.mp4")]) == 0
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "edit.blend"))
    (meta,) = compat.strips_of(bpy.context.scene.sequence_editor)
    assert (compat.strip_start(meta), compat.strip_length(meta)) == (1, 12)
    assert bpy.context.scene.view_settings.view_transform == "Standard"
    assert bpy.data.movieclips.load(str(tmp_path / "film.mp4")).frame_duration == 12


def test_lay_refuses_a_folder_that_is_no_take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    little_shot()
    save(tmp_path / "scene.blend")
    words = ["lay", str(tmp_path / "scene.blend"), str(tmp_path), "--out", str(tmp_path / "edit.blend")]
    assert command.main(words) == 1
    assert "take.json" in said(capsys)
    assert not (tmp_path / "edit.blend").exists()


@needs_engine
def test_from_a_scene_to_a_take(tmp_path: Path) -> None:
    little_shot()
    save(tmp_path / "scene.blend")
    words = ["generate", str(tmp_path / "scene.blend"), "--out", str(tmp_path / "out"), "--prompt", "a box of wood"]
    assert command.main([*words, "--style", "noir", "--seed", "7"]) == 0
    shot, take = read_shot(tmp_path / "out" / "shot"), read_take(tmp_path / "out" / "take")
    assert (take.shot, take.time.frames, take.samples) == (shot.id, 3, 6000)
    assert (take.words.prompt, take.words.style, take.words.seed) == ("a box of wood", "noir", 7)
    assert {measure.name for measure in read_report(tmp_path / "out" / "take", take).measures} >= {"sound.onset"}
    assert command.main(words) == 1  # it is there already
    assert command.main([*words, "--overwrite", "--frames", "1-2"]) == 0
    assert read_take(tmp_path / "out" / "take").time.frames == 2


@needs_blender
@needs_engine
def test_blender_has_the_same_verbs(tmp_path: Path) -> None:
    little_shot()
    save(tmp_path / "scene.blend")
    done = in_real_blender(
        tmp_path / "scene.blend", "--python", SCRIPTS / "register_command.py",
        "--command", "sora", "generate", "--out", tmp_path / "out", "--frames", "1-2",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert read_take(tmp_path / "out" / "take").time.frames == 2


def test_a_python_without_bpy_gets_one_sentence() -> None:
    script = "import sys; sys.modules['bpy'] = None; import runpy; runpy.run_module('sora_addon', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", script, "export"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "has no bpy" in done.stderr
    assert "Python 3.11" in done.stderr
