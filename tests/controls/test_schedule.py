"""When a control speaks, how strongly, for whom, and who cannot hear it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_shot import FALLING, MadeShot

from engine.backends.capabilities import WAN_VACE
from engine.controls.schedule import refuse_unheard, steered, weight_map, weights
from sora_addon.contract import BodyWeight, ContractError, Shot, Steer, Words

VACE = replace(
    WAN_VACE,
    name="vace",
    controls=frozenset({"depth", "edges", "camera"}),
    steers=frozenset({"depth", "edges"}),
    timed=frozenset({"depth"}),
    by_body=frozenset({"depth"}),
)
SHOT = MadeShot(width=16, height=16, frames=1).shot()


def asking(*controls: Steer) -> Shot:
    return replace(SHOT, words=Words(controls=list(controls)))


def test_what_is_not_said_has_the_backends_measure() -> None:
    shot = asking(Steer("depth", 0.4))
    assert steered(shot, "depth").weight == 0.4
    assert steered(shot, "edges", 0.6) == Steer("edges", 0.6)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0.0, 1.0, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        (0.0, 0.5, [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]),
        (0.3, 1.0, [0, 0, 0, 1, 1, 1, 1, 1, 1, 1]),
        (0.25, 0.75, [0, 0, 0, 1, 1, 1, 1, 0, 0, 0]),
        (0.2, 0.8, [0, 0, 1, 1, 1, 1, 1, 1, 0, 0]),
    ],
)
def test_from_start_to_end(start: float, end: float, expected: list[int]) -> None:
    assert weights(Steer("depth", 0.5, start, end), 10) == tuple(0.5 * one for one in expected)


def test_of_any_number_of_steps_each_whole_one_within_counts() -> None:
    for steps in range(1, 60):
        kept = weights(Steer("depth", 1.0, 0.2, 0.6), steps)
        inside = [k for k in range(steps) if 5 * k >= steps and 5 * (k + 1) <= 3 * steps]
        assert [k for k, weight in enumerate(kept) if weight] == inside


def test_a_weight_a_body() -> None:
    steer = Steer("ids", 0.8, bodies=[BodyWeight(FALLING, 0.25)])
    body = np.array([[0, 1, FALLING]], np.uint32)
    assert np.allclose(weight_map(steer, body), [[1, 1, 0.25]])


def test_what_a_backend_cannot_hear_is_refused_by_field() -> None:
    cases = [
        (Steer("camera", 0.5), r"words\.controls\[0\]\.weight.*vace follows camera as it is.*weight 1"),
        (Steer("camera", 0.0), r"words\.controls\[0\]\.weight.*vace follows camera as it is"),
        (Steer("motion"), r"words\.controls\[0\]\.control.*vace does not take motion.*weight 0"),
        (Steer("edges", start=0.1), r"words\.controls\[0\]\.start.*from start to end"),
        (Steer("edges", bodies=[BodyWeight(1, 0.5)]), r"words\.controls\[0\]\.bodies.*one weight of edges"),
    ]
    for steer, problem in cases:
        with pytest.raises(ContractError, match=problem):
            refuse_unheard(asking(steer), VACE)


def test_what_it_can_is_let_through() -> None:
    depth = Steer("depth", 0.5, 0.1, 0.9, [BodyWeight(1, 0.5)])
    refuse_unheard(asking(depth, Steer("motion", 0.0), Steer("edges", 1.5), Steer("camera", 1.0)), VACE)
