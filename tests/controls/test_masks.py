"""Bodies by what is said of them or where they are, and their mattes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_shot import FALLING, FLOOR, RESTING, WALL, MadeShot

from engine.controls.masks import bodies_said, body_picked, body_weights, grown, matte, seen, softened
from sora_addon.contract import ContractError, Shot

SHOT = MadeShot(width=16, height=16, frames=1).shot()


def spoken(**words: str) -> Shot:
    return replace(SHOT, bodies=[replace(body, words=words.get(f"of_{body.index}", "")) for body in SHOT.bodies])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("falling ball", (FALLING,)),
        ("the Balls", (RESTING, FALLING)),
        ("wall, floor", (WALL, FLOOR)),
        ("ball, falling ball", (RESTING, FALLING)),
        ("steel", (FALLING,)),
        ("bola merah", (RESTING,)),
        ("a rusty anchor", (WALL,)),
        ("", ()),
    ],
)
def test_names_words_and_materials_tell(said: str, meant: tuple[int, ...]) -> None:
    shot = spoken(of_3="bola yang merah", of_2="rusty old anchors on it")
    assert bodies_said(shot, said) == meant


def test_who_is_called_so_comes_before_who_is_described_so() -> None:
    assert bodies_said(spoken(of_1="a floor for the ball"), "ball") == (RESTING, FALLING)


def test_what_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(ContractError, match=r"'green ball'.*there are: Floor, Wall"):
        bodies_said(SHOT, "floor, green ball")


def test_a_pick_is_the_body_under_it() -> None:
    body = np.zeros((10, 20), np.uint32)
    body[4:, 7:] = 3
    assert body_picked(body, 7.0, 4.0) == 3
    for x, y, problem in ((6.9, 4.0, "nothing"), (20.0, 4.0, "outside"), (3.0, -0.1, "outside")):
        with pytest.raises(ContractError, match=problem):
            body_picked(body, x, y)


def square() -> np.ndarray:
    mask = np.zeros((41, 41), bool)
    mask[15:26, 15:26] = True
    return mask


def test_seen_is_where_the_bodies_are() -> None:
    assert np.array_equal(seen(np.array([[0, 1, 2, 3]], np.uint32), (1, 3)), [[False, True, False, True]])


def test_grown_by_a_distance_and_back() -> None:
    point = np.zeros((41, 41), bool)
    point[20, 20] = True
    j, i = np.mgrid[-20:21, -20:21]
    assert np.array_equal(grown(point, 5), np.hypot(i, j) <= 5)
    assert np.array_equal(grown(square(), -2), np.pad(np.ones((7, 7), bool), 17))
    assert not grown(np.zeros((5, 5), bool), 3).any()
    assert np.array_equal(grown(square(), 0), square())


def test_a_matte_keeps_its_size_and_its_rim() -> None:
    soft = matte(square())
    assert soft.sum() == pytest.approx(121)
    assert soft[20, 15] == 0.75
    assert soft[20, 14] == 0.25
    assert soft[20, 20] == 1


def test_a_feathered_rim_is_the_integral_of_the_gaussian() -> None:
    from scipy.special import ndtr

    half = np.zeros((5, 80), np.float32)
    half[:, 40:] = 1
    x = np.arange(80) + 0.5 - 40
    assert np.abs(softened(half, 4.0)[2] - ndtr(x / 4.0)).max() < 5e-3
    assert softened(half, 0.0) is half


def test_weights_by_body() -> None:
    body = np.array([[0, 1, 2]], np.uint32)
    assert np.allclose(body_weights(body, {2: 0.25}), [[1, 1, 0.25]])
    assert np.allclose(body_weights(body, {2: 0.25}, others=0.0), [[0, 0, 0.25]])
