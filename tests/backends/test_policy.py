"""How a model is loaded: what fits, and of that what is expected to be the fastest. No torch here."""

from __future__ import annotations

import itertools

import pytest

from engine.backends.diffusing.policy import (
    CACHES,
    FEW_STEPS,
    MEMORY,
    PRECISION,
    SPEED,
    SWITCH,
    WAYS,
    Here,
    Memory,
    Needs,
    Plan,
    Wish,
    choose,
    fits,
    needed,
)

GIB = 1024**3
NEEDS = Needs({"transformer": 28 * GIB, "text_encoder": 10 * GIB, "vae": 1 * GIB}, 0, 30, "first_block")
PROCESSOR = Here("cpu", memory=64 * GIB)


def card(gib: float, memory: float | None = 128, compiles: bool = True) -> Here:
    return Here("cuda", round(gib * GIB), None if memory is None else round(memory * GIB), compiles)


@pytest.mark.parametrize(
    ("gib", "memory"), [(80, "card"), (48, "offload"), (12, "groups"), (3, "lowest"), (0.5, "lowest")]
)
def test_weights_lie_as_near_as_there_is_room(gib: float, memory: Memory) -> None:
    assert choose(NEEDS, card(gib), Wish(), {}) == Plan("cuda", memory, "half")


@pytest.mark.parametrize("gib", [1, 3, 7, 12, 20, 36, 48, 80])
def test_a_plan_is_as_it_is_wished_and_fits_where_one_can(gib: float) -> None:
    for wish in (Wish(*one) for one in itertools.product(MEMORY, PRECISION, SPEED, SWITCH, SWITCH)):
        plan = choose(NEEDS, card(gib), wish, {})
        if wish.memory == "auto" and wish.precision == "auto" and gib >= 3:
            assert fits(plan, NEEDS, card(gib)), wish
        if wish.memory != "auto" and (wish.memory, wish.precision) != ("lowest", "eight"):
            assert plan.memory == wish.memory
        if wish.precision != "auto":
            assert plan.precision == wish.precision
        if wish.speed == "exact":
            assert wish.precision == "eight" or plan.precision != "eight"
            assert wish.cache == "on" or plan.cache == "none"
            assert wish.compiled == "on" or not plan.compiled
        assert wish.cache != "on" or plan.cache == "first_block"
        assert not (plan.compiled and (plan.memory != "card" or plan.cache != "none"))
        assert (plan.memory, plan.precision) != ("lowest", "eight")


def test_the_processor_keeps_all_where_it_is() -> None:
    for memory in MEMORY:
        assert choose(NEEDS, PROCESSOR, Wish(memory, speed="fast", cache="off"), {}) == Plan("cpu", "card", "full")
    assert choose(NEEDS, PROCESSOR, Wish(precision="half"), {}) == Plan("cpu", "card", "half")


def test_what_is_off_the_card_needs_the_machines_memory() -> None:
    assert choose(NEEDS, card(60, memory=16), Wish(), {}).memory == "card"
    assert not any(fits(Plan("cuda", way, "half"), NEEDS, card(40, memory=16)) for way in WAYS)
    # Nothing fits: what needs the least of the card is tried.
    assert choose(NEEDS, card(40, memory=16), Wish(), {}).memory == "lowest"
    assert choose(NEEDS, card(40, memory=None), Wish(), {}).memory == "offload"


def test_fast_leaves_out_work_where_there_is_enough_of_it() -> None:
    assert choose(NEEDS, card(80), Wish(speed="fast"), {}) == Plan("cuda", "card", "half", "first_block")
    few = Needs(NEEDS.parts, 0, FEW_STEPS - 1, "first_block")
    assert choose(few, card(80), Wish(speed="fast"), {}) == Plan("cuda", "card", "half")
    none = Needs(NEEDS.parts, 0, 30)
    assert choose(none, card(80), Wish(speed="fast"), {}) == Plan("cuda", "card", "half", "none", True)
    assert choose(none, card(80, compiles=False), Wish(speed="fast"), {}) == Plan("cuda", "card", "half")


def test_fast_keeps_weights_in_8_bits_where_they_stay_on_the_card_for_it() -> None:
    plan = choose(NEEDS, card(30), Wish(speed="fast", cache="off", compiled="off"), {})
    assert plan == Plan("cuda", "card", "eight")
    assert needed(plan, NEEDS) < 30 * GIB < needed(Plan("cuda", "card", "half"), NEEDS)


def test_what_was_measured_here_decides() -> None:
    here, wish = card(48), Wish()
    assert choose(NEEDS, here, wish, {}).memory == "offload"
    slow = {"cuda offload half none": 9.0, "cuda groups half none": 4.0}
    assert choose(NEEDS, here, wish, slow).memory == "groups"
    # The other way was never tried: it is expected to be as far off its guess as this one is.
    assert choose(NEEDS, here, wish, {"cuda offload half none": 9.0}).memory == "offload"
    assert choose(NEEDS, card(80), Wish(speed="fast", cache="off"), {}).compiled
    measured = {"cuda card half none": 2.0, "cuda card half none compiled": 2.1}
    assert not choose(NEEDS, card(80), Wish(speed="fast", cache="off"), measured).compiled
    # Times of plans that are known no more are passed over.
    assert choose(NEEDS, here, wish, {"cuda sideways half none": 0.1, "": 1.0}).memory == "offload"


def test_a_way_that_does_not_work_for_a_model_is_not_taken() -> None:
    needs = Needs({"transformer": 4 * GIB, "text_encoder": GIB}, ways=("card", "offload"))
    for memory in ("groups", "lowest"):
        assert choose(needs, card(80), Wish(memory), {}).memory == "offload"
    assert choose(needs, card(1), Wish(), {}).memory == "offload"


def test_names_tell_plans_apart_and_the_record_tells_all() -> None:
    plans = [
        Plan(device, memory, precision, cache, compiled)
        for device in ("cpu", "cuda")
        for memory in WAYS
        for precision in ("half", "full", "eight")
        for cache in CACHES
        for compiled in (False, True)
    ]
    assert len({plan.name for plan in plans}) == len(plans) == len({tuple(plan.told().values()) for plan in plans})
