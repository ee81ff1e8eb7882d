"""Who a thing is, over renames, links and shots, and what it sounds like."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from ..contract import SOUNDS, Sound
from .instances import BodySource

NAMESPACE = uuid.UUID("6f0d3c0e-6c1b-5b0a-9a57-3d3f6b0f7a11")
"""Of the UUIDs that are made of names, where the artist's file holds none."""

NAMED: dict[str, Sound] = {
    "metal": "steel", "iron": "steel", "chrome": "steel", "brass": "steel", "aluminium": "steel", "aluminum": "steel",
    "copper": "steel", "tin": "steel", "besi": "steel", "baja": "steel", "logam": "steel",
    "wooden": "wood", "oak": "wood", "pine": "wood", "plank": "wood", "bark": "wood", "kayu": "wood", "bamboo": "wood",
    "crystal": "glass", "bottle": "glass", "kaca": "glass",
    "rock": "stone", "marble": "stone", "granite": "stone", "concrete": "stone", "asphalt": "stone", "brick": "stone",
    "batu": "stone", "beton": "stone", "aspal": "stone",
    "porcelain": "ceramic", "tile": "ceramic", "clay": "ceramic", "keramik": "ceramic",
    "tyre": "rubber", "tire": "rubber", "karet": "rubber",
    "vinyl": "plastic", "plastik": "plastic",
    "paper": "cardboard", "carton": "cardboard", "kardus": "cardboard", "kertas": "cardboard",
    "fabric": "cloth", "carpet": "cloth", "curtain": "cloth", "leather": "cloth", "wool": "cloth", "kain": "cloth",
    "liquid": "water", "puddle": "water", "ocean": "water", "sea": "water", "river": "water", "pond": "water",
    "rain": "water", "air laut": "water",
    "pebble": "gravel", "pebbles": "gravel", "sand": "gravel", "kerikil": "gravel", "pasir": "gravel",
    "ice": "glass", "salju": "snow",
    "skin": "body", "flesh": "body", "human": "body", "kulit": "body",
}  # fmt: skip
"""What materials are called, beside the sounds' own names."""

_SOUND_OF_WORD: dict[str, Sound] = {**NAMED, **{sound: sound for sound in SOUNDS if sound != "generic"}}
_WORD = re.compile(r"[^\W\d_]+")


def sound_named(name: str) -> Sound | None:
    """The sound that a material's name speaks of, None where it speaks of none: 'Old oak.003' is wood."""
    for word in _WORD.findall(name.lower()):
        found = _SOUND_OF_WORD.get(word)
        if found is not None:
            return found
    return None


def sound_of(thing: Any) -> Sound:
    """What an object sounds like: as the artist set it, else as its material was set, else as that is called."""
    return _first_sound(thing, (slot.material for slot in thing.material_slots))


def sound_of_particles(emitter: Any, system: str) -> Sound:
    """What the particles of one system sound like: as the object that they show, else as the emitter."""
    settings = next((one.settings for one in emitter.particle_systems if one.name == system), None)
    shown = settings.instance_object if settings is not None and settings.render_type == "OBJECT" else None
    return sound_of(shown if shown is not None else emitter)


def words_of(thing: Any) -> str:
    """The artist's words for an object."""
    return getattr(getattr(thing, "sora", None), "words", "")


def _first_sound(thing: Any, materials: Iterable[Any]) -> Sound:
    chosen: Any = getattr(getattr(thing, "sora", None), "sound", "auto")
    if chosen != "auto":
        return chosen
    for material in materials:
        if material is None:
            continue
        set_by_hand: Any = getattr(getattr(material, "sora", None), "sound", "auto")
        found = sound_named(material.name) if set_by_hand == "auto" else set_by_hand
        if found is not None:
            return found
    return "generic"


def shot_identity(scene: Any, asked: str | None) -> str:
    """The UUID of the shot: the one that was asked for, else the scene's own, else a new one."""
    own = getattr(getattr(scene, "sora", None), "id", "")
    return asked or own or str(uuid.uuid4())


def body_identities(sources: Sequence[BodySource], kept: Sequence[str]) -> list[str]:
    """A UUID for each body. ``kept``: what the file holds for the object of each, empty where it holds nothing.

    An object's own is used once: copies bring it along, and so do the many instances of one object; the others get one that
    follows from it and from their names. Nothing kept: it follows from the names alone, the same in every export.
    """
    owner: dict[str, BodySource] = {}
    for source, own in zip(sources, kept, strict=True):
        if own and source.kind == "object":
            owner.setdefault(own, source)
    identities = []
    for source, own in zip(sources, kept, strict=True):
        if own and owner.get(own) is source:
            identities.append(own)
        else:
            identities.append(str(uuid.uuid5(NAMESPACE, f"{own} {source.library or ''} {source.key}")))
    return identities


def give_identities(scene: Any) -> None:
    """Write a UUID into the scene and every local object of it that has none, or has a copy of another's.

    For an operator of the artist's own Blender: the file then keeps them over renames and links.
    """
    if scene.library is None and not scene.sora.id:
        scene.sora.id = str(uuid.uuid4())
    seen: set[str] = set()
    for thing in scene.objects:
        if thing.library is not None or thing.override_library is not None:
            continue
        if not thing.sora.id or thing.sora.id in seen:
            thing.sora.id = str(uuid.uuid4())
        seen.add(thing.sora.id)
