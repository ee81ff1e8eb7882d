"""From Generate to strips in the scene that asked, whatever happens to it meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

from desk_for_tests import enabled, needs_engine, small_scene, ticks_until, undo_step  # noqa: E402
from export_scenes import save  # noqa: E402

from sora_addon import compat  # noqa: E402
from sora_addon.client.desk import Desk  # noqa: E402
from sora_addon.sequencer import takes_in  # noqa: E402
from sora_addon.ui.section_jobs import title  # noqa: E402

pytestmark = [pytest.mark.bpy, needs_engine]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with enabled(tmp_path / "home", monkeypatch) as desk:
        yield desk


def generate() -> str:
    assert bpy.ops.sora.generate() == {"FINISHED"}
    return bpy.context.scene.sora.id


def test_generate_export_take_strips(desk, tmp_path) -> None:
    scene = small_scene()
    save(tmp_path / "film.blend")
    generate()
    row = desk.board.rows(scene.sora.id)[0]
    assert row.job.state == "exporting"
    ticks_until(lambda: row.laid)
    assert [strip.take for strip in takes_in(scene)] == [row.job.take]
    assert Path(row.job.order.shot, "shot.json").is_file()
    assert row.job.order.shot.startswith(str(tmp_path / "sora" / "film"))
    assert scene.sora.takes[0].take == row.job.take
    assert not any(compat.shows_no_timeline(workspace) for workspace in bpy.data.workspaces)
    assert title(row, scene).startswith("Scene, take 1: done in 0:")
    assert Path(bpy.utils.system_resource("SCRIPTS", path=compat.VIDEO_EDITING_FOLDER), "startup.blend").is_file()


def test_the_take_comes_to_its_scene_after_undo_rename_and_another_scene(desk) -> None:
    scene = small_scene()
    undo_step("before")
    identity = generate()
    undo_step("Generate")
    bpy.ops.ed.undo()
    scene = bpy.context.scene
    assert scene.sora.id == identity, "an undo takes nobody's identity away"
    scene.name = "Renamed"
    bpy.ops.scene.new(type="EMPTY")
    other = bpy.data.scenes[-1]
    row = desk.board.rows(identity)[0]
    ticks_until(lambda: row.laid)
    assert len(takes_in(bpy.data.scenes["Renamed"])) == 1
    assert takes_in(other) == []


def test_a_copied_scene_becomes_one_of_its_own_when_it_asks(desk) -> None:
    first = small_scene()
    identity = generate()
    bpy.ops.scene.new(type="LINK_COPY")
    second = next(scene for scene in bpy.data.scenes if scene != first)
    assert second.sora.id == identity
    with bpy.context.temp_override(scene=second, view_layer=second.view_layers[0]):
        bpy.ops.sora.generate()
    assert (first.sora.id, second.sora.id != identity) == (identity, True)
    ticks_until(lambda: len([row for row in desk.board.rows() if row.laid]) == 2)
    assert len(takes_in(first)) == len(takes_in(second)) == 1
    assert takes_in(first) != takes_in(second)


def test_a_take_waits_for_its_file(desk, tmp_path) -> None:
    small_scene()
    save(tmp_path / "film.blend")
    generate()
    bpy.ops.wm.save_mainfile()
    row = desk.board.rows()[0]
    bpy.ops.wm.read_homefile(use_empty=True)
    ticks_until(lambda: row.job.state == "done" and not desk.busy)
    assert takes_in(bpy.context.scene) == []
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "film.blend"))
    ticks_until(lambda: row.laid)
    assert len(takes_in(bpy.context.scene)) == 1
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "film.blend"))
    ticks_until(lambda: row.laid)
    assert len(takes_in(bpy.context.scene)) == 1, "laid once for good"


def test_an_undo_of_the_laying_is_the_artists_wish(desk) -> None:
    small_scene()
    undo_step("before")
    generate()
    row = desk.board.rows()[0]
    ticks_until(lambda: row.laid)
    bpy.ops.ed.undo()
    assert takes_in(bpy.context.scene) == []
    desk.look_for(bpy.context.scene)
    ticks_until(lambda: not desk.busy)
    assert takes_in(bpy.context.scene) == []
    bpy.ops.ed.redo()
    assert len(takes_in(bpy.context.scene)) == 1


def test_cancel_while_the_shot_is_written_leaves_nothing(desk, tmp_path) -> None:
    small_scene()
    save(tmp_path / "film.blend")
    generate()
    row = desk.board.rows()[0]
    assert bpy.ops.sora.cancel_job(job=row.id) == {"FINISHED"}
    assert row.stopping
    ticks_until(lambda: not row.open and not desk.exports.running())
    assert row.job.state == "cancelled"
    assert not Path(row.job.order.shot).exists()
    assert not list(tmp_path.glob(".*sora*"))


def test_a_scene_without_a_camera_says_what_to_do(desk) -> None:
    assert not bpy.ops.sora.generate.poll()
    with pytest.raises(RuntimeError, match="no camera"):
        bpy.ops.sora.generate()


def test_a_job_that_does_not_exist_is_refused(desk) -> None:
    with pytest.raises(RuntimeError, match="no such job"):
        bpy.ops.sora.cancel_job(job=str(uuid.uuid4()))
