"""One clip, blocked otherwise: its light, its lamps, its bodies, and the truth with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.training.clips import Clip, read_clip
from engine.training.variants import NONE, Variant, drawn
from sora_addon.scenes.training.plain import BLOCKED, GREY, SUN, plain_energy

GAIN = np.array([0.5, 0.4, 0.3], np.float32)


@pytest.fixture
def clip(made_clip: Path) -> Clip:
    return read_clip(made_clip)


def lamps(clip: Clip) -> list[str]:
    return [f"light_{index:03d}" for index in range(len(clip.shot.lights))]


def test_as_it_is_nothing_changes(clip: Clip) -> None:
    number = clip.frames[0]
    plain, same = clip.passes.frame(number), clip.blocked_as(Variant(NONE)).passes.frame(number)
    for name, plane in plain.items():
        assert np.allclose(same[name], plane, atol=1e-5, equal_nan=True), name
    assert np.array_equal(clip.truth(number).radiance, clip.blocked_as(Variant(NONE)).truth(number).radiance)


def test_other_light_is_the_same_in_passes_and_truth(clip: Clip) -> None:
    number, other = clip.frames[0], clip.blocked_as(Variant(GAIN))
    before, after = clip.passes.frame(number), other.passes.frame(number)
    for name in (*lamps(clip), "world_light"):
        assert np.allclose(after[name], before[name] * GAIN, rtol=1e-4), name
    lit = before["preview"] > 0.05
    assert np.allclose((after["preview"] / before["preview"])[lit], np.broadcast_to(GAIN, lit.shape)[lit], rtol=0.05)
    assert np.allclose(other.truth(number).radiance, clip.truth(number).radiance * GAIN)
    assert np.array_equal(after["base_color"], before["base_color"])


def test_plain_light_is_white_under_a_grey_world_and_the_truth_stays(clip: Clip) -> None:
    number, other = clip.frames[0], clip.blocked_as(Variant(NONE, plain=True))
    seen = other.passes.frame(number)
    for name in lamps(clip):
        assert np.ptp(seen[name], axis=-1).max() < 1e-5
    behind = seen["body"] == 0
    assert np.allclose(seen["preview"][behind], GREY)
    assert np.array_equal(other.truth(number).radiance, clip.truth(number).radiance)
    for light, was in zip(other.shot.lights, clip.shot.lights, strict=True):
        assert light.rows[0].color == (1, 1, 1)
        assert light.rows[0].energy == plain_energy(was.kind, was.rows[0].energy)
    assert plain_energy("SUN", 0.1) == plain_energy("sun", 9.0) == SUN
    assert (plain_energy("point", 20.0), plain_energy("point", 50.0), plain_energy("area", 20.0)) == (60.0, 50.0, 20.0)


def test_a_bare_body_is_grey_has_words_and_is_truly_what_it_was(clip: Clip) -> None:
    number = clip.frames[0]
    before = clip.passes.frame(number)
    body = int(np.bincount(before["body"].ravel())[1:].argmax()) + 1
    other = clip.blocked_as(Variant(NONE, bare=body, words="steel ball"))
    after, here = other.passes.frame(number), before["body"] == body
    assert np.allclose(after["base_color"][here], BLOCKED)
    for name in ("base_color", "preview", "material"):
        assert np.allclose(after[name][~here], before[name][~here], atol=1e-5), name
    assert not np.allclose(after["preview"][here], before["preview"][here], atol=0.01)
    assert {one.index: one.words for one in other.shot.bodies}[body] == "steel ball"
    assert np.array_equal(other.seen(number)["base_color"], before["base_color"])


def test_a_seed_draws_the_same_variants_and_of_four_frames_two_are_plain(clip: Clip) -> None:
    name = clip.shot.bodies[0].name
    about = {"name": name, "material": "steel", "shape": "ball", "words_only": False}
    document = {"seed": 7, "hour": "night", "bodies": [about]}
    turns = [drawn(clip.shot, document, turn) for turn in range(8)]
    assert [one.plain for one in turns] == [False, False, True, True] * 2
    assert [one.gain is NONE for one in turns] == [True, False] * 4
    assert {one.bare for one in turns} == {None, clip.shot.bodies[0].index}
    again = drawn(clip.shot, document, 1)
    assert np.array_equal(again.gain, turns[1].gain)
    hidden = {**document, "bodies": [about | {"words_only": True}]}
    assert {drawn(clip.shot, hidden, turn).bare for turn in range(8)} == {None}
    assert not any(drawn(clip.shot, {**document, "hour": "studio"}, turn).plain for turn in range(8))
    # light whose hour words alone tell has no colour in any of them
    assert np.ptp(turns[1].gain) > 0
    assert all(np.ptp(drawn(clip.shot, {**document, "words_light": True}, turn).gain) == 0 for turn in range(8))


def test_the_truth_of_a_variant_keeps_its_key(clip: Clip) -> None:
    dark = clip.blocked_as(Variant(np.full(3, 0.25, np.float32)))
    assert dark.keys().light == pytest.approx(clip.keys().light / 4, rel=1e-3)
    assert replace(clip, gain=NONE).keys() == clip.keys()
