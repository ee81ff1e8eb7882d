"""How a take is to be made, as the panel's settings ask for it: guide, keyframes, chain, mix, memory, model, server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import bpy

from ..contract import Link, SoundMix, Steer
from ..contract.messages import BackendInfo
from ..export.options import ExportOptions, ReferenceFile
from ..install.preferences import preferences
from ..models.places import model_folder
from ..models.settings import server_settings
from ..models.work import MODELS

REMOTE = "remote"


def steered(scene: Any, info: BackendInfo | None) -> bool:
    """Whether the guide of ``scene`` steers that backend; so long as the engine has not said it, it is believed."""
    control = scene.sora.making.guide.control
    return control not in ("auto", "none") and (info is None or control in info.steers)


def controls_of(scene: Any, info: BackendInfo | None) -> list[Steer]:
    """The guide with its weight and its time; nothing where the backend does as it does by itself, or cannot."""
    if not steered(scene, info):
        return []
    guide = scene.sora.making.guide
    timed = info is None or guide.control in info.timed
    start, end = (round(guide.start, 4), round(max(guide.end, guide.start + 0.05), 4)) if timed else (0.0, 1.0)
    return [Steer(guide.control, round(guide.weight, 4), start, end)]


def by_body(scene: Any, info: BackendInfo | None) -> bool:
    """Whether objects may be held by the guide less than others."""
    return info is not None and scene.sora.making.guide.control in info.by_body


def keyframes_of(scene: Any, info: BackendInfo | None, frames: range) -> list[ReferenceFile]:
    """The keyframes at ``frames``, where the backend takes any; those without a picture are left out."""
    if info is not None and "keyframes" not in info.controls:
        return []
    return [
        ReferenceFile("keyframe", bpy.path.abspath(one.path), one.frame, strength=round(one.strength, 4))
        for one in scene.sora.making.keyframes
        if one.path and one.frame in frames
    ]


def with_making(options: ExportOptions, scene: Any, info: BackendInfo | None) -> ExportOptions:
    """The export with the guide, the keyframes, and whether objects are held one by one."""
    return replace(
        options,
        words=replace(options.words, controls=controls_of(scene, info)),
        references=[*options.references, *keyframes_of(scene, info, options.frames)],
        by_body=by_body(scene, info),
    )


def making_settings(scene: Any, info: BackendInfo | None) -> dict[str, Any]:
    """Of the first backend: no guide, a folder of its model, its server, and the way in which it needs less memory."""
    making = scene.sora.making
    found = settings_for(scene.sora.backend, making.model)
    if making.guide.control == "none" and info is not None and info.steers:
        found["control"] = "none"
    return found | saving_settings(info, making.saving)


def saving_settings(info: BackendInfo | None, name: str) -> dict[str, Any]:
    """Of the way of that name in which a backend needs less memory; {} for none, or where the backend has no such."""
    savings = info.savings if info is not None else []
    return next((one.settings for one in savings if one.name == name), {})


def settings_for(backend: str, model: str = "") -> dict[str, Any]:
    """What any backend is told of this machine: its server, or the folder of its model."""
    if backend == REMOTE:
        return server_settings(preferences())
    folder = model_folder(MODELS.shown.listing, backend, model)
    return {"model": folder} if folder else {}


def chain_of(scene: Any, info_of: Callable[[str], BackendInfo | None]) -> list[Link]:
    """The backends that go on, in order."""
    return [
        Link(
            link.backend,
            link.gives,
            settings_for(link.backend) | _departure(link) | saving_settings(info_of(link.backend), link.saving),
        )
        for link in scene.sora.making.links
        if link.backend
    ]


def _departure(link: Any) -> dict[str, Any]:
    return {} if link.gives == "sound" else {"departure": round(link.departure, 4)}


def mix_of(scene: Any) -> SoundMix:
    """What is heard where a backend makes sound of its own."""
    mix = scene.sora.making.mix
    return SoundMix(mix.use, round(mix.duck, 2), round(mix.joint, 2), round(mix.foley, 2))


def makers_of_scene(scene: Any) -> list[str]:
    """Names of the backends, in order."""
    return [scene.sora.backend, *(link.backend for link in scene.sora.making.links if link.backend)]
