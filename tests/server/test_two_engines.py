"""Two Blenders on one machine: one list, one job at a time, fair turns."""

from __future__ import annotations

import threading
from pathlib import Path

from stand_in import StandIn

from sora_addon.contract import read_take


def listen(blender: StandIn, until_ended: list[str]) -> None:
    for job in until_ended:
        blender.until_ended(job)


def test_they_take_turns_and_one_job_runs_at_a_time(shot: Path, tmp_path: Path) -> None:
    with StandIn(tmp_path / "home") as first, StandIn(tmp_path / "home") as second:
        for blender in (first, second):
            blender.until(lambda blender=blender: blender.worker.get("state") == "warm")
        many = [first.submit(shot, tmp_path / f"a{number}") for number in range(5)]
        few = [second.submit(shot, tmp_path / f"b{number}") for number in range(2)]
        other = threading.Thread(target=listen, args=(first, many + few))
        other.start()
        listen(second, many + few)
        other.join()
        for blender in (first, second):
            assert {blender.state(job) for job in many + few} == {"done"}
        assert all(first.jobs[job]["own"] for job in many)
        assert not any(first.jobs[job]["own"] for job in few)
        assert len({read_take(tmp_path / name).id for name in ("a0", "a4", "b0", "b1")}) == 4
        running: set[str] = set()
        order: list[str] = []
        for told in first.told:
            job = told["order"]["id"]
            if told["state"] == "running":
                running.add(job)
                order += [job] if job not in order else []
            elif told["state"] == "done":
                running.discard(job)
            assert len(running) <= 1
        # the second Blender came when five were waiting, and is not the last to be served
        assert max(order.index(job) for job in few) <= 4


def test_one_cancels_and_retries_what_the_other_makes(long_shot: Path, tmp_path: Path) -> None:
    with StandIn(tmp_path / "home") as first, StandIn(tmp_path / "home") as second:
        job = first.submit(long_shot, tmp_path / "take")
        second.until(lambda: second.state(job) == "running")
        second.call("cancel", job=job)
        assert second.until_ended(job)["state"] == "cancelled"
        assert first.until_ended(job)["state"] == "cancelled"
        second.call("retry", job=job)
        assert second.until_ended(job)["state"] == "done"
        assert second.jobs[job]["own"]
        assert [entry["order"]["id"] for entry in first.call("list")["jobs"]] == [job]


def test_the_living_one_looks_after_the_dead_ones_jobs(long_shot: Path, tmp_path: Path) -> None:
    with StandIn(tmp_path / "home") as living:
        with StandIn(tmp_path / "home") as dying:
            running, waiting = (dying.submit(long_shot, tmp_path / name) for name in "ab")
            dying.until(lambda: dying.jobs[running]["stage"] == "foley")
            dying.engine.kill()
        assert living.until_ended(running)["state"] == "interrupted"
        assert living.until_ended(waiting)["state"] == "done"


def test_an_engine_that_stands_still_holds_nobody_up(shot: Path, tmp_path: Path) -> None:
    import os
    import signal

    with StandIn(tmp_path / "home") as first, StandIn(tmp_path / "home") as second:
        first.until(lambda: first.worker.get("state") == "warm")
        os.kill(second.engine.pid, signal.SIGSTOP)
        try:
            jobs = [first.submit(shot, tmp_path / f"a{number}") for number in range(2)]
            for job in jobs:
                assert first.until_ended(job)["state"] == "done"
        finally:
            os.kill(second.engine.pid, signal.SIGCONT)
