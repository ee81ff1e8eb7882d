"""How long the main thread was held, told apart by what held it."""

from __future__ import annotations

import time

import pytest

from sora_addon import stalls


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that goes on when it is told to."""
    hands = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: hands[0])
    monkeypatch.setattr(time, "thread_time", lambda: hands[0] / 4)
    monkeypatch.setattr(stalls, "longest", {})
    monkeypatch.setattr(stalls, "worked", {})
    return hands


def held(clock: list[float], kind: str, seconds: float) -> None:
    with stalls.held(kind):
        clock[0] += seconds


def test_the_longest_of_each_kind_is_kept(clock: list[float]) -> None:
    for seconds in (0.01, 0.03, 0.02):
        held(clock, "tick", seconds)
    held(clock, "overlay", 0.005)
    assert stalls.longest == {"tick": pytest.approx(0.03), "overlay": pytest.approx(0.005)}
    assert stalls.worst() == ("tick", pytest.approx(0.03))
    assert stalls.worked == {"tick": pytest.approx(0.0075), "overlay": pytest.approx(0.00125)}


def test_what_counts_by_itself_is_not_counted_twice(clock: list[float]) -> None:
    with stalls.held("generate"):
        clock[0] += 0.01
        held(clock, stalls.SNAPSHOT, 4.0)
        clock[0] += 0.02
    assert stalls.longest == {"generate": pytest.approx(0.03), "snapshot": pytest.approx(4.0)}
    assert stalls.worst() == ("generate", pytest.approx(0.03)), "the snapshot is Blender's own"
    assert stalls.worked == {"generate": pytest.approx(0.0075), "snapshot": pytest.approx(1.0)}


def test_a_moment_that_ends_in_an_error_counts(clock: list[float]) -> None:
    def fail() -> None:
        clock[0] += 0.04
        raise KeyError

    with pytest.raises(KeyError), stalls.held("tick"):
        fail()
    held(clock, "overlay", 0.01)
    assert stalls.worst() == ("tick", pytest.approx(0.04))
    stalls.forget()
    assert stalls.worst() == ("", 0.0)
    assert stalls.worked == {}
