"""The parts of a shot that the scene states outright: view, cues, references."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy

from ..contract import BodyWeight, ContractError, Cue, Reference, Time, View, Words
from .instances import BodySource
from .options import ReferenceFile

REFERENCES = "references"


def view_of(scene: Any) -> View:
    """How the scene's colours are shown."""
    settings = scene.view_settings
    return View(
        scene.display_settings.display_device,
        settings.view_transform,
        settings.look,
        settings.exposure,
        settings.gamma,
    )


def cues_of(scene: Any, time: Time, bodies: Mapping[str, int]) -> list[Cue]:
    """The cues that sound in the shot, in order. ``bodies``: index of the body of an object, by the object's name."""
    cues = []
    for placed in scene.sora.cues:
        speaker = bodies.get(placed.speaker.name_full) if placed.speaker else None
        end = time.seconds(placed.end) if placed.end > placed.start else None
        cue = Cue(placed.kind, placed.words, time.seconds(placed.start), end, speaker, placed.gain)
        if cue.start < float(time.duration) and (end is None or end > 0.0):
            cues.append(cue)
    return sorted(cues, key=lambda cue: cue.start)


def held(words: Words, sources: Sequence[BodySource]) -> Words:
    """The words with a weight in each control for every body whose object the guide is to hold less than the others."""
    weights = []
    for source in sources:
        owner = bpy.data.objects[source.object_name, source.library]
        hold = getattr(getattr(owner, "sora", None), "hold", 1.0)
        if hold < 1.0:
            weights.append(BodyWeight(source.index, round(hold, 4)))
    return replace(words, controls=[replace(steer, bodies=weights) for steer in words.controls])


def copy_references(files: Sequence[ReferenceFile], folder: Path, bodies: Mapping[str, int]) -> list[Reference]:
    """Copy what the shot refers to into its folder. Raises ContractError where a file or a body is not there."""
    references = []
    for number, file in enumerate(files):
        field = f"references[{number}]"
        if file.body is not None and file.body not in bodies:
            raise ContractError(f"{field}.body", f"no object '{file.body}' is in the shot", "name one that is")
        path = _copied(Path(file.path), folder, number, f"{field}.path")
        consent = _copied(Path(file.consent), folder, number, f"{field}.consent") if file.consent else None
        body = bodies[file.body] if file.body is not None else None
        references.append(Reference(file.kind, path, file.frame, body, file.strength, consent))
    return references


def _copied(source: Path, folder: Path, number: int, field: str) -> str:
    if not source.is_file():
        raise ContractError(field, f"the file {source} is missing", "choose it again")
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", source.name).lstrip(".") or "file"
    path = f"{REFERENCES}/{number:03d}_{plain[-100:]}"
    (folder / REFERENCES).mkdir(exist_ok=True)
    shutil.copyfile(source, folder / path)
    return path
