"""The client's core against a made-up engine in a real process, for what a real one does not do when asked."""

from __future__ import annotations

import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sora_addon.client.engine import NoEngine, engine_environment
from sora_addon.client.link import Launch, Lost
from sora_addon.client.session import Session
from sora_addon.client.wire import Answer, Refusal, Told
from sora_addon.contract.messages import Job, Order, Origin, Welcome

MADE_UP = Path(__file__).with_name("made_up_engine.py")


def order(**changes: Any) -> Order:
    scene = str(uuid.uuid4())
    values = {"id": str(uuid.uuid4()), "shot": "/shot", "out": "/take", "backend": "sketch", "origin": Origin(scene)}
    return Order(**(values | changes))


def until(session: Session, wanted: Callable[[Any], bool]) -> list[Any]:
    """Everything heard up to and with the first event that is wanted."""
    heard: list[Any] = []
    pause = threading.Event()
    while not pause.wait(0.005):
        for event in session.drain(1.0):
            heard.append(event)
            if wanted(event):
                return heard
    raise AssertionError


@pytest.fixture
def start() -> Iterator[Callable[..., Session]]:
    sessions: list[Session] = []

    def started(*how: str) -> Session:
        launch = Launch([sys.executable, str(MADE_UP), *how], engine_environment())
        sessions.append(Session(lambda: launch, "a test"))
        return sessions[-1]

    yield started
    for session in sessions:
        session.close(finish=False)


def told_state(state: str) -> Callable[[Any], bool]:
    return lambda event: isinstance(event, Told) and isinstance(event.value, Job) and event.value.state == state


def test_nothing_runs_before_the_first_call(start) -> None:
    session = start()
    assert not session.runs
    session.list()
    heard = until(session, lambda event: isinstance(event, Answer) and event.method == "list")
    assert isinstance(heard[0].value, Welcome)
    assert session.welcome == heard[0].value


def test_a_job_is_told_from_its_order_to_its_end(start) -> None:
    session = start()
    asked = order()
    session.submit(asked)
    heard = until(session, told_state("failed"))
    jobs = [event.value for event in heard if isinstance(event, Told) and isinstance(event.value, Job)]
    assert jobs[0].order == asked
    assert [job.step for job in jobs if job.state == "running"] == [0, 1, 2, 3]


def test_a_refusal_names_the_field_and_the_mend(start) -> None:
    session = start("refuses")
    session.submit(order())
    refusal = until(session, lambda event: isinstance(event, Refusal))[-1]
    assert (refusal.field, refusal.text) == ("backend", "There is no such backend; choose sketch.")


def test_an_engine_that_dies_tells_its_last_words_and_every_call_gets_an_end(start) -> None:
    session = start("dies")
    number = session.submit(order())
    heard = until(session, lambda event: isinstance(event, Lost))
    assert [event.number for event in heard if isinstance(event, Refusal)] == [number]
    assert heard[-1].sentence == "The engine ended with code 9: out of memory."
    assert not session.runs


def test_the_next_call_after_a_death_starts_another(start) -> None:
    session = start("dies")
    session.list()
    until(session, lambda event: isinstance(event, Lost))
    first = session.process
    session.list()
    until(session, lambda event: isinstance(event, Lost))
    assert session.process != first


def test_an_engine_that_says_nothing_more_is_ended(start) -> None:
    session = start("mute")
    session.list()
    assert "said nothing" in until(session, lambda event: isinstance(event, Lost))[-1].sentence


def test_an_engine_that_talks_nonsense_is_ended(start) -> None:
    session = start("nonsense")
    session.list()
    assert "nobody understands" in until(session, lambda event: isinstance(event, Lost))[-1].sentence


def test_an_engine_of_another_protocol_is_not_used(start) -> None:
    session = start("other")
    session.list()
    assert "install the engine again" in until(session, lambda event: isinstance(event, Lost))[-1].sentence


def test_no_engine_is_said_with_what_to_do() -> None:
    def none() -> Launch:
        raise NoEngine("There is no engine; press Install Engine.")

    session = Session(none, "a test")
    session.submit(order())
    heard = until(session, lambda event: isinstance(event, Lost))
    assert heard[-1].sentence == "There is no engine; press Install Engine."


def test_words_longer_than_a_message_are_refused_here(start) -> None:
    session = start()
    session.submit(order(settings={"much": "x" * (1 << 20)}))
    refusal = until(session, lambda event: isinstance(event, Refusal))[-1]
    assert "more than a message holds" in refusal.sentence
    session.list()
    until(session, lambda event: isinstance(event, Answer) and event.method == "list")


def test_a_farewell_ends_the_engine(start) -> None:
    session = start()
    session.list()
    until(session, lambda event: isinstance(event, Answer) and event.method == "list")
    link = session._link
    assert link is not None
    session.close(finish=False)
    assert link.ended.wait()
    assert not session.runs
