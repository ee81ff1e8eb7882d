"""How a model is loaded and run on this machine: the way that is expected to be the fastest of those that fit.

What is expected comes from what was measured here: seconds of a step under plans of before. A plan that was never tried is
expected to take the guess of ``COST``, as far off as guesses about plans that were tried are. Pure; imports no torch.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Memory = Literal["auto", "card", "offload", "groups", "lowest"]
Precision = Literal["auto", "half", "full", "eight"]
Cache = Literal["none", "first_block", "taylorseer"]
Speed = Literal["exact", "fast"]
Switch = Literal["auto", "on", "off"]
MEMORY: tuple[Memory, ...] = ("auto", "card", "offload", "groups", "lowest")
PRECISION: tuple[Precision, ...] = ("auto", "half", "full", "eight")
CACHES: tuple[Cache, ...] = ("none", "first_block", "taylorseer")
SPEED: tuple[Speed, ...] = ("exact", "fast")
SWITCH: tuple[Switch, ...] = ("auto", "on", "off")
WAYS: tuple[Memory, ...] = ("card", "offload", "groups", "lowest")
"""Of keeping weights, by the memory of the card that they need."""

HEADROOM = 1.25
"""Weights times this, and the clip's own need, must fit into a card for all of them to stay there."""
SHARE = {"offload": 1.0, "groups": 0.15, "lowest": 0.05}
"""Of the largest component, at work on the card; the last two are guesses, for how many layers a model has is not known."""
EIGHT = 0.55
"""Of half precision's bytes: what is stored in 8 bits, and the norms that are not."""
FEW_STEPS = 20
"""With fewer, nothing is there to be skipped and a compiler does not earn its time."""
COST: dict[str, float] = {
    "card": 1.0,
    "offload": 1.3,
    "groups": 1.5,
    "lowest": 4.0,
    "half": 1.0,
    "full": 2.0,
    "eight": 1.1,
    "none": 1.0,
    "first_block": 0.65,
    "taylorseer": 0.45,
    "compiled": 0.8,
}
"""Guesses, of what a step takes against a plain one; none was measured on real weights."""


@dataclass(frozen=True)
class Plan:
    """Where a pipeline's weights lie, what they are made of, and what of its work is left out."""

    device: str
    memory: Memory
    """``card``: all of them on the device; ``offload``: the component at work; ``groups``: its layers at work, the next
    on their way; ``lowest``: the part of a layer at work."""
    precision: Precision
    """``eight``: kept in 8 bits (float8 e4m3), and worked with in 16."""
    cache: Cache = "none"
    """What is taken from the steps before instead of being worked out."""
    compiled: bool = False
    """The repeated blocks, each kind once."""

    @property
    def name(self) -> str:
        """'cuda groups half first_block': what its times are kept under."""
        return " ".join(
            [self.device, self.memory, self.precision, self.cache, *(["compiled"] if self.compiled else [])]
        )

    def told(self) -> dict[str, str]:
        """As a take records it."""
        return {
            "device": self.device,
            "memory": self.memory,
            "precision": self.precision,
            "cache": self.cache,
            "compiled": "yes" if self.compiled else "no",
        }

    @property
    def guess(self) -> float:
        return (
            COST[self.memory] * COST[self.precision] * COST[self.cache] * (COST["compiled"] if self.compiled else 1.0)
        )


@dataclass(frozen=True)
class Needs:
    """What a model is, and what it is to do."""

    parts: Mapping[str, int]
    """Bytes of weights by component, two for each number."""
    clip: int = 0
    """Bytes beside the weights."""
    steps: int = 0
    cache: Cache = "none"
    """The one that works for it."""
    ways: tuple[Memory, ...] = WAYS
    """Those that work for it."""


@dataclass(frozen=True)
class Here:
    """What the machine has."""

    device: Literal["cpu", "cuda"]
    card: int = 0
    """Bytes free on the card."""
    memory: int | None = None
    """Bytes of the machine's, which hold what is off the card; None where that is not known."""
    compiles: bool = False


@dataclass(frozen=True)
class Wish:
    """What the artist says of it; ``speed`` decides what is left to it."""

    memory: Memory = "auto"
    precision: Precision = "auto"
    speed: Speed = "exact"
    """``exact`` changes nothing that is seen; ``fast`` may."""
    cache: Switch = "auto"
    compiled: Switch = "auto"


def choose(needs: Needs, here: Here, wish: Wish, paces: Mapping[str, float]) -> Plan:
    """The plan that fits and is expected to be the fastest; where none fits, the one that needs the least.

    ``paces``: seconds of a step, of clips of one size, by ``Plan.name``.
    """
    plans = list(candidates(needs, here, wish))
    fitting = [plan for plan in plans if fits(plan, needs, here)]
    if not fitting:
        least = min(needed(plan, needs) for plan in plans)
        return _wished([plan for plan in plans if needed(plan, needs) == least], wish)[0]
    # Among equals the first: the plainest.
    return min(_wished(fitting, wish), key=lambda plan: expected(plan, paces))


def candidates(needs: Needs, here: Here, wish: Wish) -> Iterable[Plan]:
    """All that the wish leaves open, the plainest first."""
    ways: tuple[Memory, ...] = needs.ways if wish.memory == "auto" else (_nearest(wish.memory, needs.ways),)
    if wish.precision == "eight":
        ways = tuple(way for way in ways if way != "lowest") or ("groups",)
    if here.device == "cpu":
        ways = ("card",)
    usual: Precision = "full" if here.device == "cpu" else "half"
    precisions: tuple[Precision, ...] = (usual,) if wish.precision == "auto" else (wish.precision,)
    if wish.precision == "auto" and wish.speed == "fast" and here.device == "cuda":
        precisions = ("half", "eight")
    caches = _switched(wish.cache, wish.speed == "fast" and needs.steps >= FEW_STEPS)
    compiles = _switched(wish.compiled, wish.speed == "fast" and needs.steps >= FEW_STEPS)
    for memory, precision, cached, compiled in itertools.product(ways, precisions, caches, compiles):
        cache = needs.cache if cached else "none"
        if cached and cache == "none":
            continue
        if compiled and (not here.compiles or memory != "card" or cached):
            # hooks that move weights, or leave blocks out, are not for a compiler to look through
            continue
        if precision == "eight" and memory == "lowest":
            continue
        yield Plan(here.device, memory, precision, cache, compiled)


def needed(plan: Plan, needs: Needs) -> int:
    """Bytes of the card's memory."""
    parts = [size * {"eight": EIGHT, "full": 2.0}.get(plan.precision, 1.0) for size in needs.parts.values()]
    held = sum(parts) if plan.memory == "card" else max(parts, default=0) * SHARE[plan.memory]
    return round(held * HEADROOM) + needs.clip


def fits(plan: Plan, needs: Needs, here: Here) -> bool:
    """Whether the card has room for what is on it, and the machine for what is not."""
    if here.device == "cpu":
        return True
    if plan.memory != "card" and here.memory is not None and sum(needs.parts.values()) > here.memory:
        return False
    return needed(plan, needs) <= here.card


def expected(plan: Plan, paces: Mapping[str, float]) -> float:
    """Seconds of a step, as it was measured, else by the guess; without any measure in steps of a plain plan."""
    if plan.name in paces:
        return paces[plan.name]
    off = [pace / guess for name, pace in paces.items() if (guess := _guess_of(name)) is not None]
    return plan.guess * (statistics.median(off) if off else 1.0)


def _guess_of(name: str) -> float | None:
    """Of a plan by its name; None where it is of another version of this."""
    words = name.split()[1:]
    return math.prod(COST[word] for word in words) if words and COST.keys() >= set(words) else None


def _wished(plans: list[Plan], wish: Wish) -> list[Plan]:
    """Those that do what is switched on, where any can."""
    for switch, does in ((wish.cache, lambda plan: plan.cache != "none"), (wish.compiled, lambda plan: plan.compiled)):
        if switch == "on" and any(map(does, plans)):
            plans = [plan for plan in plans if does(plan)]
    return plans


def _switched(switch: Switch, auto: bool) -> tuple[bool, ...]:
    """What may be; off stays possible, for what is switched on may not be there."""
    return (False, True) if switch == "on" or (switch == "auto" and auto) else (False,)


def _nearest(memory: Memory, ways: tuple[Memory, ...]) -> Memory:
    """The way, or where it does not work for the model the one that needs least."""
    return memory if memory in ways else ways[-1]
