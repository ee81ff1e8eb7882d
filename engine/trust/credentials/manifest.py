"""What credentials say of a file: how it came to be, from what, and what may be done with it (C2PA 2.2, CAWG 1.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sora_addon.contract import Take

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SourceType = Literal["compositeWithTrainedAlgorithmicMedia", "compositeSynthetic"]
TAKE_LABEL = "blender.sora.take"
UNHASHED_LABEL = "blender.sora.unhashed"
MARK_ALGORITHM = "blender.sora.mark.1"
GENERATOR = "Sora for Blender"
UNTRAINED = ("sketch",)
"""Backends without a trained model in them."""
PLACES = ("server", "certificate", "model")
"""Settings that tell of a studio's machines and disks: they stand in take.json, and in nothing that is handed on."""
MINING = ("cawg.ai_generative_training", "cawg.ai_inference", "cawg.ai_training", "cawg.data_mining")

Relationship = Literal["parentOf", "componentOf", "inputTo"]


@dataclass(frozen=True)
class Ingredient:
    """A file that another was made from. ``accepted``: it was not intact, and the artist took it all the same."""

    title: str
    format: str
    relationship: Relationship
    data: bytes | None
    """The whole file, so that its own credentials go along; None where only its name is known."""
    identity: str = ""
    """Of the take, where it is one."""
    accepted: str = ""
    """The state that it was accepted in: 'tampered', 'untrusted'."""


@dataclass(frozen=True)
class Statement:
    """What one file is signed with."""

    title: str
    facts: dict[str, Any]
    """The take's own assertion."""
    source_type: SourceType
    software: str
    software_version: str
    generator_version: str
    training: str = "notAllowed"
    ingredients: tuple[Ingredient, ...] = ()
    mark: str = ""
    """What the invisible mark carries, hexadecimal; '' where there is none."""
    description: str = ""
    unhashed: str = ""
    """SHA-256 of what C2PA leaves out of its hash."""
    extra: tuple[dict[str, Any], ...] = field(default_factory=tuple)
    """More assertions, as C2PA writes them."""


def source_type(trained: bool) -> SourceType:
    """Every shot has the passes of a scene, so what a model makes of it is a composite.

    A backend without a trained model makes a composite of synthetic elements, and must not be called generative AI.
    """
    return "compositeWithTrainedAlgorithmicMedia" if trained else "compositeSynthetic"


def makers(take: Take) -> list[str]:
    """The backends that a take was made by, in order."""
    return [made.backend.name for made in take.chain] or [take.backend.name]


def take_facts(take: Take, tell_prompt: bool = False) -> dict[str, Any]:
    """What it takes to make the clip again, and what it was held to. The prompt only where the studio tells it."""
    facts: dict[str, Any] = {
        "take": take.id,
        "shot": take.shot,
        "shot_sha256": take.shot_digest,
        "made": take.made,
        "backend": {"name": take.backend.name, "version": take.backend.version},
        "seed": str(take.words.seed),
        "style": take.words.style,
        "settings": _public(take.backend.settings),
        "before_mark_and_encoding": {"frames": take.hashes.frames, "samples": take.hashes.samples},
        "frames": take.time.frames,
        "fps": list(take.time.fps),
        "parents": list(take.parents),
    }
    if take.chain:
        facts["chain"] = [
            {
                "name": made.backend.name,
                "version": made.backend.version,
                "gives": made.gives,
                "settings": _public(made.backend.settings),
                "frames": made.frames,
            }
            for made in take.chain
        ]
    if tell_prompt:
        facts["prompt"] = take.words.prompt
    return facts


def manifest(statement: Statement) -> dict[str, Any]:
    """The manifest definition that the C2PA library builds from; ingredients are added to it apart, in order."""
    agent = {"name": statement.software, "version": statement.software_version}
    source = SOURCE_TYPES + statement.source_type
    ids = {relationship: _ids(statement, relationship) for relationship in ("parentOf", "componentOf", "inputTo")}
    actions: list[dict[str, Any]]
    if ids["parentOf"]:
        actions = [
            {"action": "c2pa.opened", "parameters": {"ingredientIds": ids["parentOf"]}},
            {"action": "c2pa.edited", "softwareAgent": agent, "digitalSourceType": source},
        ]
    else:
        created: dict[str, Any] = {"action": "c2pa.created", "softwareAgent": agent, "digitalSourceType": source}
        if statement.description:
            created["description"] = statement.description
        actions = [created]
    if ids["componentOf"]:
        actions.append({"action": "c2pa.placed", "parameters": {"ingredientIds": ids["componentOf"]}})
    if statement.mark:
        actions.append({"action": "c2pa.watermarked.bound", "softwareAgent": agent})
    assertions: list[dict[str, Any]] = [
        {"label": "c2pa.actions.v2", "data": {"actions": actions}},
        {"label": "cawg.training-mining", "data": {"entries": {name: _use(statement.training) for name in MINING}}},
        {"label": TAKE_LABEL, "data": statement.facts},
    ]
    if statement.unhashed:
        assertions.append({"label": UNHASHED_LABEL, "data": {"alg": "sha256", "hash": statement.unhashed}})
    if statement.mark:
        blocks = [{"scope": {}, "value": statement.mark}]
        assertions.append({"label": "c2pa.soft-binding", "data": {"alg": MARK_ALGORITHM, "blocks": blocks}})
    return {
        "claim_generator_info": [{"name": GENERATOR, "version": statement.generator_version}],
        "title": statement.title,
        "assertions": [*assertions, *statement.extra],
    }


def ingredient_name(place: int) -> str:
    """The label by which actions point at the ingredient in that place of the statement."""
    return f"ingredient-{place}"


def _ids(statement: Statement, relationship: str) -> list[str]:
    return [
        ingredient_name(place)
        for place, ingredient in enumerate(statement.ingredients)
        if ingredient.relationship == relationship
    ]


def _public(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in PLACES}


def _use(training: str) -> dict[str, str]:
    if training == "constrained":
        return {"use": training, "constraint_info": "Ask the owner of the clip."}
    return {"use": training}
