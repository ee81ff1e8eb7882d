"""A body has one colour, whatever it is called and whatever stands beside it."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace

import numpy as np
import pytest
from made_shot import MadeShot

from engine.controls.segments import PALETTE, body_colours, segmentation
from sora_addon.contract import Body

BODIES = MadeShot(width=16, height=16, frames=1).shot().bodies


def many(count: int) -> list[Body]:
    one = BODIES[0]
    return [replace(one, id=str(uuid.uuid5(uuid.NAMESPACE_OID, str(i))), index=i + 1) for i in range(count)]


def test_a_rename_another_index_and_other_company_change_nothing() -> None:
    colours = body_colours(BODIES)
    moved = [replace(body, name="else", index=body.index + 40) for body in reversed(BODIES)]
    assert {index - 40: colour for index, colour in body_colours(moved).items()} == colours
    alone = body_colours([BODIES[2]])
    assert alone[BODIES[2].index] == colours[BODIES[2].index]


def test_colours_differ_as_long_as_there_are_any() -> None:
    colours = body_colours(many(len(PALETTE)))
    assert len(set(colours.values())) == len(PALETTE)
    assert len(body_colours(many(len(PALETTE) + 5))) == len(PALETTE) + 5
    assert body_colours(reversed(many(60))) == body_colours(many(60)), "whatever order they are listed in"


def test_the_palette_is_far_apart_and_far_from_black() -> None:
    codes = np.array(PALETTE)
    apart = np.abs(codes[:, None] - codes[None]).max(-1)
    assert apart[~np.eye(len(codes), dtype=bool)].min() >= 63
    assert codes.max(-1).min() >= 128
    assert len(PALETTE) > 100


def test_every_pixel_has_its_bodys_colour_and_nothing_is_black() -> None:
    colours = body_colours(BODIES)
    body = np.array([[0, 1, 2], [3, 4, 4]], np.uint32)
    shown = segmentation(body, colours)
    for (row, column), index in np.ndenumerate(body):
        assert tuple(shown[row, column]) == (colours[int(index)] if index else (0, 0, 0))
    for one, other in itertools.combinations(colours.values(), 2):
        assert one != other


def test_a_body_without_a_colour_is_an_error() -> None:
    with pytest.raises(KeyError):
        segmentation(np.array([[9]], np.uint32), body_colours(BODIES))
