"""Jobs that are cancelled, that fail, and whose worker or engine dies; real processes, really killed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from made_shot import MadeShot
from mutant_messages import resident
from stand_in import ROOT, Refusal, StandIn, leftovers

from sora_addon.contract import Words, read_take
from sora_addon.contract.messages import SILENCE

STAGES = ("", "admit", "foley", "sketch", "encode", "measure")


def at_stage(blender: StandIn, job: str, stage: str) -> bool:
    told = blender.jobs[job]
    return told["state"] == "running" and STAGES.index(told["stage"]) >= STAGES.index(stage)


def test_cancel_at_each_stage_leaves_nothing(blender: StandIn, long_shot: Path, tmp_path: Path) -> None:
    for stage in STAGES:
        out = tmp_path / "takes" / f"take{stage}"
        job = blender.submit(long_shot, out)
        blender.until(lambda job=job, stage=stage: at_stage(blender, job, stage))
        began = time.monotonic()
        blender.call("cancel", job=job)
        assert blender.until_ended(job)["state"] == "cancelled", stage
        assert time.monotonic() - began < 2.0, stage  # the promise itself, not a measure of speed
        assert not out.exists()
        assert leftovers(tmp_path) == []
    assert blender.workers[-1]["state"] == "warm"
    assert len({worker["process"] for worker in blender.workers}) == 1, "a cancel cost the warm worker"
    again = blender.call("retry", job=job)
    assert (again["state"], again["attempt"], again["share"]) == ("queued", 2, 0.0)
    assert blender.until_ended(job)["state"] == "done"


@pytest.mark.skipif(sys.platform == "win32", reason="SIGSTOP is POSIX")
def test_a_worker_that_does_not_answer_a_cancel_is_ended(blender: StandIn, long_shot: Path, tmp_path: Path) -> None:
    job = blender.submit(long_shot, tmp_path / "takes" / "take")
    blender.until(lambda: at_stage(blender, job, "foley"))
    frozen = blender.worker["process"]
    os.kill(frozen, signal.SIGSTOP)
    began = time.monotonic()
    blender.call("cancel", job=job)
    assert blender.until_ended(job)["state"] == "cancelled"
    assert time.monotonic() - began < 2.0
    assert leftovers(tmp_path) == []
    assert list((tmp_path / "takes").iterdir()) == []
    assert blender.call("cancel", job=job)["state"] == "cancelled"
    after = blender.submit(long_shot, tmp_path / "takes" / "next")
    assert blender.until_ended(after)["state"] == "done"
    assert blender.worker["process"] != frozen


def test_cancelled_before_its_turn(blender: StandIn, long_shot: Path, tmp_path: Path) -> None:
    first, second = (blender.submit(long_shot, tmp_path / name) for name in "ab")
    assert blender.call("cancel", job=second)["state"] == "cancelled"
    assert blender.until_ended(first)["state"] == "done"
    assert not (tmp_path / "b").exists()


def test_a_broken_shot_fails_with_the_file_named(blender: StandIn, shot: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(shot, broken)
    passes = sorted((broken / "passes").iterdir())
    passes[2].write_bytes(passes[2].read_bytes()[:500])
    job = blender.submit(broken, tmp_path / "take")
    failed = blender.until_ended(job)
    assert failed["state"] == "failed"
    assert passes[2].name in failed["problem"]
    assert failed["field"]
    assert "Traceback" in Path(failed["log"]).read_text()
    shutil.copy(sorted((shot / "passes").iterdir())[2], passes[2])
    blender.call("retry", job=job)
    assert blender.until_ended(job)["state"] == "done"


def test_the_worker_dies_and_the_next_job_has_a_new_one(blender: StandIn, long_shot: Path, tmp_path: Path) -> None:
    job = blender.submit(long_shot, tmp_path / "takes" / "take")
    blender.until(lambda: at_stage(blender, job, "sketch"))
    dead = blender.worker["process"]
    blender.kill_worker()
    interrupted = blender.until_ended(job)
    assert interrupted["state"] == "interrupted"
    assert "SIGKILL" in interrupted["problem"]
    assert "Retry" in interrupted["problem"]
    assert leftovers(tmp_path) == []
    assert list((tmp_path / "takes").iterdir()) == []
    assert any(worker["state"] == "dead" and worker["process"] == dead for worker in blender.workers)
    blender.call("retry", job=job)
    assert blender.until_ended(job)["state"] == "done"
    assert blender.worker["process"] != dead


HOG = """
from engine.backends.sketch import Sketch
made, held = Sketch.frames, []

def frames(self, request):
    if request.shot.words.prompt == "a very large hall":
        held.append(b"x" * 400_000_000)
        raise MemoryError
    yield from made(self, request)

Sketch.frames = frames
"""
"""Of the worker's Python: what it asks for once it has got, and keeps, as a library's cache would."""


def test_where_memory_runs_out_the_worker_is_another_and_what_it_held_is_given_back(tmp_path: Path) -> None:
    MadeShot(width=64, height=32, frames=4, words=Words(prompt="a very large hall")).write(tmp_path / "large")
    MadeShot(width=64, height=32, frames=4).write(tmp_path / "small")
    (tmp_path / "sitecustomize.py").write_text(HOG)
    paths = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    with StandIn(tmp_path / "home", paths) as blender:
        first = blender.submit(tmp_path / "small", tmp_path / "takes" / "first")
        assert blender.until_ended(first)["state"] == "done"
        before, full = resident(blender.worker["process"]), blender.worker["process"]
        job = blender.submit(tmp_path / "large", tmp_path / "takes" / "take")
        ended = blender.until_ended(job)
        assert (ended["state"], ended["field"]) == ("failed", "memory")
        assert "Memory ran out" in ended["problem"]
        after = blender.submit(tmp_path / "small", tmp_path / "takes" / "next")
        assert blender.until_ended(after)["state"] == "done"
        assert blender.worker["process"] != full
        assert not Path(f"/proc/{full}").exists()
        assert resident(blender.worker["process"]) < before + 100_000_000


def test_the_folder_of_takes_goes_away_meanwhile(blender: StandIn, long_shot: Path, tmp_path: Path) -> None:
    takes = tmp_path / "takes"
    job = blender.submit(long_shot, takes / "take")
    blender.until(lambda: at_stage(blender, job, "encode"))
    takes.rename(tmp_path / "elsewhere")
    failed = blender.until_ended(job)
    assert failed["state"] in ("failed", "unknown")
    assert str(takes) in failed["problem"]
    blender.call("retry", job=job)
    assert blender.until_ended(job)["state"] == "done"


def test_a_shot_that_was_removed_while_it_waited(blender: StandIn, shot: Path, long_shot: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(shot, copy)
    first, second = blender.submit(long_shot, tmp_path / "a"), blender.submit(copy, tmp_path / "b")
    shutil.rmtree(copy)
    failed = blender.until_ended(second)
    assert (failed["state"], failed["field"]) == ("failed", str(copy))
    with pytest.raises(Refusal) as caught:
        blender.call("retry", job=second)
    assert caught.value.field == "shot"
    assert blender.until_ended(first)["state"] == "done"


def test_the_engine_is_killed_and_the_next_one_offers_its_jobs(long_shot: Path, tmp_path: Path) -> None:
    with StandIn(tmp_path / "home") as blender:
        running, waiting = (blender.submit(long_shot, tmp_path / "takes" / name) for name in "ab")
        exporting = blender.submit(tmp_path / "later", tmp_path / "takes" / "c", exporting=True)
        blender.until(lambda: at_stage(blender, running, "sketch"))
        blender.engine.kill()
    with StandIn(tmp_path / "home") as again:
        assert len(again.call("list")["jobs"]) == 3
        again.jobs |= {job["order"]["id"]: job for job in again.call("list")["jobs"]}
        assert again.until_ended(running)["state"] == "interrupted"
        assert "Retry" in again.jobs[running]["problem"]
        assert "Generate again" in again.until_ended(exporting)["problem"]
        assert again.until_ended(waiting)["state"] == "done"
        assert again.jobs[waiting]["own"]
        assert leftovers(tmp_path) == []
        again.call("retry", job=running)
        assert again.until_ended(running)["state"] == "done"
        assert read_take(tmp_path / "takes" / "a").id == again.jobs[running]["take"]


def test_a_retry_that_comes_before_the_next_engine_has_looked_around_is_kept(long_shot: Path, tmp_path: Path) -> None:
    with StandIn(tmp_path / "home") as blender:
        job, stopped = (blender.submit(long_shot, tmp_path / "takes" / name) for name in "ab")
        blender.until(lambda: at_stage(blender, job, "sketch"))
        blender.engine.kill()
    with StandIn(tmp_path / "home") as again:
        assert again.call("retry", job=job)["own"]
        assert again.until_ended(job)["state"] in ("done", "interrupted")
        again.until(lambda: again.state(job) == "done")
        assert again.jobs[job]["attempt"] == 2
        assert read_take(tmp_path / "takes" / "a").id == again.jobs[job]["take"]
        assert again.until_ended(stopped)["state"] == "done"


def test_a_cancel_takes_back_a_retry_that_waits(long_shot: Path, tmp_path: Path) -> None:
    with StandIn(tmp_path / "home") as blender:
        job = blender.submit(long_shot, tmp_path / "takes" / "take")
        blender.until(lambda: at_stage(blender, job, "foley"))
        blender.engine.kill()
    with StandIn(tmp_path / "home") as again:
        again.begin("retry", job=job)
        again.call("cancel", job=job)
        assert again.until_ended(job)["state"] == "cancelled"
        after = again.submit(long_shot, tmp_path / "takes" / "next")
        assert again.until_ended(after)["state"] == "done"
        assert again.call("status", job=job)["state"] == "cancelled"


def test_blender_dies_and_the_engine_finishes_its_job(long_shot: Path, tmp_path: Path) -> None:
    blender = StandIn(tmp_path / "home")
    running, waiting = (blender.submit(long_shot, tmp_path / name) for name in "ab")
    blender.until(lambda: at_stage(blender, running, "foley"))
    blender.hang_up()
    assert blender.engine.wait(60) == 0
    assert read_take(tmp_path / "a")
    assert not (tmp_path / "b").exists()
    with StandIn(tmp_path / "home") as again:
        assert again.call("status", job=running)["state"] == "done"
        again.jobs[waiting] = again.call("status", job=waiting)
        assert again.until_ended(waiting)["state"] == "done"


def test_farewell_with_finish_makes_what_is_open_in_the_background(long_shot: Path, tmp_path: Path) -> None:
    blender = StandIn(tmp_path / "home")
    jobs = [blender.submit(long_shot, tmp_path / name) for name in "abc"]
    exporting = blender.submit(tmp_path / "later", tmp_path / "d", exporting=True)
    blender.until(lambda: at_stage(blender, jobs[0], ""))
    blender.begin("shutdown", finish=True)
    blender.hang_up()
    with StandIn(tmp_path / "home") as again:
        again.jobs |= {job["order"]["id"]: job for job in again.call("list")["jobs"]}
        for job in jobs:
            assert again.until_ended(job)["state"] == "done"
            assert again.jobs[job]["own"]
        assert again.until_ended(exporting)["state"] == "interrupted"
        assert again.call("list")["jobs"][0]["order"]["id"] == exporting
    assert blender.engine.wait(60) == 0
    assert [read_take(tmp_path / name).id for name in "abc"] == [again.jobs[job]["take"] for job in jobs]


def test_farewell_without_finish_stops_and_says_so(long_shot: Path, tmp_path: Path) -> None:
    blender = StandIn(tmp_path / "home")
    jobs = [blender.submit(long_shot, tmp_path / "takes" / name) for name in "ab"]
    blender.until(lambda: at_stage(blender, jobs[0], "foley"))
    blender.call("shutdown", finish=False)
    assert blender.engine.wait(60) == 0
    assert leftovers(tmp_path) == []
    with StandIn(tmp_path / "home") as again:
        told = [again.call("status", job=job) for job in jobs]
        assert [job["state"] for job in told] == ["interrupted", "interrupted"]
        assert all("Blender was closed" in job["problem"] for job in told)
        again.call("retry", job=jobs[1])
        assert again.until_ended(jobs[1])["state"] == "done"


def test_silence_alone_ends_nothing(blender: StandIn, shot: Path, tmp_path: Path) -> None:
    """Blender says nothing for long while it bakes or renders; its engine waits."""
    blender._beating.set()
    end = time.monotonic() + SILENCE * 1.5
    while time.monotonic() < end:
        blender.heard.get(timeout=10)
    job = blender.submit(shot, tmp_path / "take")
    assert blender.until_ended(job)["state"] == "done"
