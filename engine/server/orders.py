"""Whether an order can be taken, as far as it can be told at once and without reading the shot."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from sora_addon.contract import SHOT_FILE, ContractError, Link, encode
from sora_addon.contract.messages import LONGEST_MESSAGE, Order

from ..backends import registry
from ..backends.links import check_link, place_of
from .machine import missing

LOUDEST, QUIETEST = -5.0, -60.0
"""LUFS that a take may be mastered to."""
DEEPEST = 32
"""Objects and lists within each other that settings may have."""


def check_order(order: Order) -> None:
    """Raises ContractError with the field."""
    given = {f"chain[{place}].settings": link.settings for place, link in enumerate(order.chain)}
    given |= {"settings": order.settings, "words.settings": order.words.settings if order.words else {}}
    for name, value in given.items():
        if _deeper(value, DEEPEST):
            raise ContractError(name, f"is nested deeper than {DEEPEST}")
    if len(json.dumps(encode(order))) > LONGEST_MESSAGE // 4:
        raise ContractError("settings", f"make an order of more than {LONGEST_MESSAGE // 4} bytes", "shorten them")
    for name in ("shot", "out"):
        path = getattr(order, name)
        if not os.path.isabs(path) or {".", ".."} & set(re.split(r"[/\\]", path)):
            raise ContractError(name, f"{path[:60]!r} is not an absolute path without detours")
    if (os.path.normpath(order.out) + os.sep).startswith(os.path.normpath(order.shot) + os.sep):
        raise ContractError("out", "lies within the shot", "choose a folder beside it")
    for place, link in enumerate([Link(order.backend), *order.chain]):
        check_link(link, place)
        lacking = missing(registry.capabilities(link.backend))
        if lacking:
            raise ContractError(place_of(place), f"{link.backend} cannot run here: {' '.join(lacking)}")
    take_settings(order.settings)
    if not order.exporting:
        check_shot(order)
    if os.path.lexists(order.out):
        raise ContractError("out", f"{order.out} exists already", "choose another folder or remove it")


def check_shot(order: Order) -> None:
    """Raises ContractError where there is no shot."""
    if not os.path.isfile(os.path.join(order.shot, SHOT_FILE)):
        raise ContractError("shot", f"there is no {SHOT_FILE} in {order.shot}", "press Generate again")


def take_settings(settings: dict[str, Any]) -> tuple[bool, float | None, tuple[str, ...], dict[str, Any]]:
    """Whether frames are delivered as EXR, the loudness in LUFS, states of parents that are accepted, and the backend's own."""
    own = dict(settings)
    exr, loudness, accept = own.pop("exr", False), own.pop("loudness", None), own.pop("accept", [])
    if not isinstance(exr, bool):
        raise ContractError("settings.exr", "is neither true nor false")
    if loudness is not None:
        if isinstance(loudness, bool) or not isinstance(loudness, (int, float)):
            raise ContractError("settings.loudness", "is not a number", "give LUFS, for example -23")
        if not QUIETEST <= loudness <= LOUDEST:
            raise ContractError("settings.loudness", f"is not between {QUIETEST} and {LOUDEST} LUFS")
    if not isinstance(accept, list) or not all(isinstance(state, str) for state in accept):
        raise ContractError("settings.accept", "is not a list of words", "give states, for example tampered")
    return exr, loudness, tuple(accept), own


def _deeper(value: Any, levels: int) -> bool:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_deeper(child, levels - 1) for child in children)
