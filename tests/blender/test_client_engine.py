"""The whole way with the real engine: from Generate in Blender to a take in its timeline, and an engine that is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

from desk_for_tests import enabled, needs_engine, small_scene, ticks_until  # noqa: E402
from export_scenes import save  # noqa: E402

from sora_addon import compat  # noqa: E402
from sora_addon.client import contacts  # noqa: E402
from sora_addon.client.desk import Desk  # noqa: E402
from sora_addon.client.session import Session  # noqa: E402
from sora_addon.contract import read_take  # noqa: E402
from sora_addon.sequencer import takes_in  # noqa: E402

pytestmark = [pytest.mark.bpy, needs_engine]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with enabled(tmp_path / "home", monkeypatch) as desk:
        small_scene()
        save(tmp_path / "film.blend")
        yield desk


def test_the_whole_way_and_again_after_the_engine_was_killed(desk) -> None:
    scene = bpy.context.scene
    bpy.ops.sora.generate()
    row = desk.board.rows()[0]
    ticks_until(lambda: not row.open and not desk.busy)
    assert (row.job.state, row.job.problem, row.trouble) == ("done", "", "")
    assert [strip.take for strip in takes_in(scene)] == [row.job.take]
    assert read_take(Path(row.job.order.out)).words.prompt == "a box on a stone floor"

    assert desk.session.process is not None
    os.kill(desk.session.process, signal.SIGKILL)
    ticks_until(lambda: desk.engine_trouble)
    assert "signal 9" in desk.engine_trouble
    bpy.ops.sora.generate()
    again = desk.board.rows()[0]
    assert again is not row
    ticks_until(lambda: not again.open and not desk.busy)
    assert again.job.state == "done"
    assert len(takes_in(scene)) == 2
    assert desk.engine_trouble == ""


def test_an_engine_killed_while_it_works_interrupts_the_job_and_retry_makes_it(desk) -> None:
    bpy.ops.sora.generate()
    row = desk.board.rows()[0]
    ticks_until(lambda: row.job.state in ("queued", "running"))
    os.kill(desk.session.process, signal.SIGKILL)
    ticks_until(lambda: not row.open)
    assert row.job.state == "interrupted"
    assert bpy.ops.sora.retry_job(job=row.id) == {"FINISHED"}  # the next engine has not looked at that job by then
    ticks_until(lambda: row.job.state == "done" and row.laid)
    assert len(takes_in(bpy.context.scene)) == 1


def test_an_engine_killed_while_the_shot_is_written_costs_nothing(desk) -> None:
    bpy.ops.sora.generate()
    row = desk.board.rows()[0]
    (export,) = desk.exports._running.values()
    os.kill(export._process.pid, signal.SIGSTOP)  # the shot is not there before the engine is gone
    ticks_until(lambda: row.job.own)  # the engine has it on its list
    assert row.job.state == "exporting"
    os.kill(desk.session.process, signal.SIGKILL)
    ticks_until(lambda: desk.engine_trouble)
    os.kill(export._process.pid, signal.SIGCONT)
    ticks_until(lambda: row.job.state == "done")


def test_an_engine_that_dies_before_it_takes_the_whole_shot_costs_nothing(desk) -> None:
    bpy.ops.sora.generate()
    row = desk.board.rows()[0]
    (export,) = desk.exports._running.values()
    os.kill(export._process.pid, signal.SIGSTOP)  # the shot is not there before the engine hears no more
    ticks_until(lambda: row.job.own)
    stopped = desk.session.process
    os.kill(stopped, signal.SIGSTOP)  # it does not hear that the shot is there, and is ended for its silence
    os.kill(export._process.pid, signal.SIGCONT)
    ticks_until(lambda: row.job.state == "done")
    assert desk.session.process != stopped
    assert Path(row.job.order.shot, "shot.json").is_file()
    assert read_take(Path(row.job.order.out)).id == row.job.take


def test_two_engines_that_die_over_a_whole_shot_leave_it_to_the_artist(desk, monkeypatch) -> None:
    bpy.ops.sora.generate()
    row = desk.board.rows()[0]
    ticks_until(lambda: row.job.own)
    calls = Session._call
    dead = []

    def deaf(self, method: str, params) -> int:
        """The engine dies over every word of a whole shot."""
        number = calls(self, method, params)
        if method in ("ready", "retry"):
            dead.append(self.process)
            os.kill(self.process, signal.SIGSTOP)
        return number

    monkeypatch.setattr(Session, "_call", deaf)
    ticks_until(lambda: not row.open and not desk.session.runs)
    assert (row.job.state, len(set(dead))) == ("interrupted", 2)
    monkeypatch.setattr(Session, "_call", calls)
    assert bpy.ops.sora.retry_job(job=row.id) == {"FINISHED"}
    ticks_until(lambda: row.job.state == "done")


def test_contacts_are_found_and_sounded_without_a_picture(desk) -> None:
    scene = bpy.context.scene
    assert bpy.ops.sora.find_contacts() == {"FINISHED"}
    state = desk.state.contacts[scene.sora.id]
    ticks_until(lambda: not state.searching)
    assert state.problem == ""
    assert state.found is not None
    assert all(meeting.kind for meeting in state.found.meetings)
    assert bpy.ops.sora.preview_sound() == {"FINISHED"}
    ticks_until(lambda: not state.sounding)
    assert state.sound_problem == ""
    strip = contacts.sound_strip(scene)
    assert compat.strip_start(strip) == scene.frame_start
    assert bpy.ops.sora.remove_sound() == {"FINISHED"}
    assert contacts.sound_strip(scene) is None
