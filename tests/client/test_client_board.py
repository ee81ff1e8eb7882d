"""The rows that the artist sees, from what is heard of jobs."""

from __future__ import annotations

import uuid
from dataclasses import replace

from sora_addon.client.board import EXPORT_SHARE, Board
from sora_addon.contract.messages import Job, Order, Origin

SCENE, OTHER = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


def order(number: int, scene: str = SCENE, exporting: bool = True) -> Order:
    return Order(str(uuid.UUID(int=number)), "/s", "/t", "sketch", Origin(scene), exporting=exporting)


def test_a_row_stands_before_the_engine_knows_of_it() -> None:
    board = Board()
    row = board.ask(order(1), exports=True)
    row.step, row.total = 5, 10
    assert (row.job.state, row.share) == ("exporting", EXPORT_SHARE / 2)
    assert board.rows(SCENE) == [row]
    assert board.rows(OTHER) == []


def test_a_bar_never_runs_back_within_a_stage_of_life() -> None:
    board = Board()
    row = board.ask(order(1), exports=True)
    running = Job(row.job.order, "running", share=0.5)
    board.hear(running)
    half = row.share
    board.hear(replace(running, share=0.3))
    assert row.share == half
    board.hear(replace(running, share=0.0, attempt=2))
    assert row.share < half


def test_a_dead_engine_leaves_nothing_running_but_exports() -> None:
    board = Board()
    running, exports = board.ask(order(1, exporting=False), exports=False), board.ask(order(2), exports=True)
    theirs = board.hear(Job(order(3), "running"))
    assert theirs is not None
    assert board.lost("The engine was ended by signal 9.") == [running]
    assert (running.job.state, exports.job.state, theirs.job.state) == ("interrupted", "exporting", "running")
    assert "Retry" in running.job.problem


def test_what_was_taken_off_the_list_stays_off() -> None:
    board = Board()
    row = board.ask(order(1), exports=False)
    board.forget(row.id)
    assert board.hear(Job(row.job.order, "cancelled")) is None
    assert board.rows() == []


def test_a_list_of_the_engine_is_sorted_by_when_it_was_asked() -> None:
    board = Board()
    jobs = [Job(order(n), "queued", created=f"2026-01-0{n}T00:00:00Z") for n in (3, 2, 1)]
    board.hear_all(jobs)
    assert [row.job.created[9] for row in board.rows()] == ["3", "2", "1"]
