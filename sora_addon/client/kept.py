"""Guide, chain, mix and saving as plain values: for presets, and out of a take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..contract import ContractError, Take, read_shot
from ..models.work import MODELS
from ..properties_making import GUIDED

GUIDE = ("control", "weight", "start", "end")
MIX = ("use", "duck", "joint", "foley")
LINK = ("backend", "gives", "departure", "saving")


def values_of(scene: Any) -> dict[str, Any]:
    """What a preset keeps of how a take is made; keyframes are a shot's own."""
    made = scene.sora.making
    return {
        "guide": {name: _plain(getattr(made.guide, name)) for name in GUIDE},
        "mix": {name: _plain(getattr(made.mix, name)) for name in MIX},
        "chain": [{name: _plain(getattr(link, name)) for name in LINK} for link in made.links],
        "saving": made.saving,
    }


def set_values(scene: Any, values: Any) -> list[str]:
    """Set what is there of ``values_of``; names of what cannot be set here, which is left as it was."""
    if not isinstance(values, dict):
        return ["making"]
    made, left_out = scene.sora.making, []
    for name, group, names in (("guide", made.guide, GUIDE), ("mix", made.mix, MIX)):
        if name in values:
            left_out += _set(group, values[name], names, name)
    if isinstance(values.get("saving"), str):
        made.saving = values["saving"]
    if isinstance(values.get("chain"), list):
        made.links.clear()
        for number, one in enumerate(values["chain"]):
            wrong = _set(made.links.add(), one, LINK, f"chain {number + 2}")
            if any(name.endswith(" backend") for name in wrong):
                made.links.remove(len(made.links) - 1)
            left_out += wrong
    return left_out


def values_of_take(take: Take, info_of: Callable[[str], Any]) -> dict[str, Any]:
    """The values that ``take`` was made with; ``info_of`` tells what the engine said of a backend, where it did."""
    steer = next((one for one in take.words.controls if one.control in GUIDED), None)
    settings = take.backend.settings
    guide: dict[str, Any] = {"control": "none" if settings.get("control") == "none" else "auto"}
    if steer is not None:
        guide = {"control": steer.control, "weight": steer.weight, "start": steer.start, "end": steer.end}
    found: dict[str, Any] = {"guide": guide, "saving": _saving(settings, info_of(take.backend.name))}
    if take.mix is not None:
        found["mix"] = {name: getattr(take.mix, name) for name in MIX}
    found["chain"] = [
        {
            "backend": made.backend.name,
            "gives": made.gives,
            "saving": _saving(made.backend.settings, info_of(made.backend.name)),
        }
        | _departure(made.backend.settings)
        for made in take.chain[1:]
    ]
    return found


def set_keyframes_of_take(scene: Any, take: Take, folder: Path) -> list[str]:
    """Set the keyframes that the take in ``folder`` was made with, in place of those that are there; what cannot be set.

    A take holds no pictures: they are those that its shot took with it, and that lies beside the take's folder.
    """
    beside = folder.parent / "shot"
    try:
        shot = read_shot(beside, passes=False)
    except (ContractError, OSError):
        return ["keyframes"]
    if shot.id != take.shot:
        return ["keyframes"]
    rows = scene.sora.making.keyframes
    rows.clear()
    for reference in shot.references:
        if reference.kind == "keyframe" and reference.frame is not None:
            row = rows.add()
            row.path, row.frame, row.strength = str(beside / reference.path), reference.frame, reference.strength
    scene.sora.making.keyframe_index = 0
    return []


def model_of_take(take: Take) -> str:
    """Name of the model that its backend was told to load; empty where it took its usual one."""
    folder, listing = take.backend.settings.get("model"), MODELS.shown.listing
    if not folder or listing is None:
        return ""
    return next((one.name for one in listing.models if one.standing.folder == folder), "")


def _saving(settings: dict[str, Any], info: Any) -> str:
    savings = info.savings if info is not None else []
    return next((one.name for one in savings if one.settings.items() <= settings.items()), "")


def _departure(settings: dict[str, Any]) -> dict[str, Any]:
    return {"departure": settings["departure"]} if "departure" in settings else {}


def _set(group: Any, values: Any, names: tuple[str, ...], about: str) -> list[str]:
    if not isinstance(values, dict):
        return [about]
    wrong = []
    for name in names:
        if name not in values:
            continue
        try:
            setattr(group, name, values[name])
        except (TypeError, ValueError):
            wrong.append(f"{about} {name}")
    return wrong


def _plain(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
