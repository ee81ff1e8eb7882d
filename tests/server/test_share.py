"""Progress by time: it never falls, and knows the stages of an earlier job."""

from __future__ import annotations

import pytest

from engine.server.share import Progress

EARLIER = {"admit": 1.0, "foley": 1.0, "dream": 96.0, "encode": 1.0, "measure": 1.0}


def test_weighted_by_the_seconds_of_an_earlier_job() -> None:
    progress = Progress(EARLIER, 0.0)
    progress.note("admit", 0, 1, 0.0)
    assert (progress.share, progress.seconds_left) == (0.0, None)
    progress.note("dream", 0, 4, 2.0)
    assert progress.share == pytest.approx(0.02)
    progress.note("dream", 2, 4, 50.0)
    assert progress.share == pytest.approx(0.5)
    assert progress.seconds_left == pytest.approx(50.0)


def test_never_falls_and_never_ends_early() -> None:
    progress = Progress({}, 0.0)
    seen = []
    steps = [
        ("admit", 0, 1),
        ("unheard", 5, 5),
        ("foley", 1, 2),
        ("surprise", 3, 1),
        ("encode", 0, 0),
        ("measure", 9, 9),
    ]
    for at, (stage, step, total) in enumerate(steps):
        progress.note(stage, step, total, float(at))
        seen.append(progress.share)
    assert seen == sorted(seen)
    assert 0.99 < seen[-1] < 1.0


def test_what_it_measured_weighs_the_next_job() -> None:
    progress = Progress({}, 0.0)
    for stage, at in (("admit", 0.0), ("foley", 1.0), ("dream", 2.0), ("encode", 98.0), ("measure", 99.0)):
        progress.note(stage, 0, 1, at)
    assert progress.seconds(100.0) == EARLIER
