"""What a seed draws: balanced, the same each time, and nothing of the held-out clips in those that are learnt from."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import engine.training
from engine.words.style import STYLES
from sora_addon.contract import SOUNDS
from sora_addon.scenes.training import vocabulary as known
from sora_addon.scenes.training.recipe import Set, recipe, styles_of
from sora_addon.scenes.training.words import prompt

HELD_OUT = json.loads((Path(engine.training.__file__).parent / "held_out.json").read_text(encoding="utf-8"))
MANY = range(440)


@pytest.mark.parametrize("which", ["look", "sync", "held", "heard"])
def test_every_value_comes_up_about_as_often(which: Set) -> None:
    drawn = [recipe(seed, which) for seed in MANY]
    for name, values in (("hour", known.HOURS), ("event", known.EVENTS), ("move", known.MOVES)):
        counts = Counter(getattr(one, name) for one in drawn)
        assert set(counts) == set(values)
        assert max(counts.values()) - min(counts.values()) <= 1, name
    for name, values in (("place", known.PLACES), ("room", known.ROOMS), ("air", known.AIRS)):
        counts = Counter(getattr(one, name) for one in drawn)
        assert set(counts) == set(values)
        assert min(counts.values()) >= len(MANY) / 40, name
    materials = Counter(material for one in drawn for material in one.materials)
    assert set(materials) == set(known.BODY_MATERIALS)
    assert max(materials.values()) - min(materials.values()) <= 1


def test_the_same_seed_draws_the_same() -> None:
    assert [recipe(seed, "look") for seed in range(40)] == [recipe(seed, "look") for seed in range(40)]
    assert prompt(recipe(7, "look")) == prompt(recipe(7, "look"))
    assert len({prompt(recipe(seed, "look")) for seed in range(200)}) > 195


def test_a_recipe_is_plain_json() -> None:
    for seed in range(20):
        one = recipe(seed, "look").as_dict()
        assert type(one["clay"]) is bool
        assert json.loads(json.dumps(one))["seed"] == seed


def test_what_is_held_out_is_never_learnt_from() -> None:
    assert HELD_OUT["recipe"] == known.VERSION
    assert not set(known.HELD_SHAPES) & set(known.SHAPES)
    for which in ("held", "heard"):
        listed = HELD_OUT[which]
        assert len(set(listed["seeds"])) >= 40
        drawn = [recipe(seed, which) for seed in listed["seeds"]]
        shapes = {shape for one in drawn for shape in one.shapes}
        assert shapes == set(known.HELD_SHAPES)
        assert {one.frames for one in drawn} == {listed["frames"]}
        assert {one.samples for one in drawn} == {listed["samples"]}
        assert {one.size for one in drawn} == {tuple(listed["size"])}
    assert all(one.held for one in [recipe(0, "held"), recipe(0, "heard")])
    assert not recipe(0, "look").held


def test_weather_is_in_the_open_and_water_under_it() -> None:
    for seed in MANY:
        one = recipe(seed, "look")
        if one.air in ("rain", "snow"):
            assert one.place in known.OPEN_PLACES
        assert (one.air == "underwater") == (one.place == "underwater") == (one.room == "underwater")
        assert (one.hour == "studio") == (one.place == "studio")
        assert one.air != "rain" or one.ambience == "rain"


def test_clay_is_taught_where_clay_was_rendered() -> None:
    drawn = [recipe(seed, "look") for seed in MANY]
    assert 0.25 < sum(one.clay for one in drawn) / len(drawn) < 0.42
    for one in drawn:
        assert ("clay" in styles_of(one)) == one.clay
    assert styles_of(recipe(0, "sync")) == ()
    assert set(styles_of(recipe(0, "held"))) == set(STYLES)


def test_every_material_sounds() -> None:
    assert set(known.SOUND_OF.values()) <= set(SOUNDS)
    assert set(known.MATERIALS) | set(known.GROUNDS) <= set(known.SOUND_OF)
