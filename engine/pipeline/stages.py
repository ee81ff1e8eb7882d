"""The stages that trust fills, as the pipeline calls them: each is on whatever the settings, and says so where it refuses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot, Take

from ..trust.credentials.manifest import UNTRAINED, Ingredient, Statement, makers, source_type, take_facts
from ..trust.credentials.parents import parents_of
from ..trust.credentials.sign import sign_file, sign_frames
from ..trust.credentials.signer import Signing, signing
from ..trust.library import mark_of
from ..trust.mark.picture import mark_frames
from ..trust.mark.sound import mark_samples
from ..trust.moderation.gate import admit, release
from ..trust.settings import Settings, read_settings
from ..trust.version import engine_version


@dataclass(frozen=True)
class Trusted:
    """What is settled before any work: the settings, who signs, and the parents, which were found intact or accepted."""

    settings: Settings
    signing: Signing
    ingredients: tuple[Ingredient, ...]

    @property
    def accepted(self) -> list[str]:
        """Parents that were not intact and taken all the same."""
        return [f"{parent.title}: {parent.accepted}" for parent in self.ingredients if parent.accepted]


def trusted(shot: Shot, folder: Path, accept: tuple[str, ...]) -> Trusted:
    """Look at what the shot is made from before anything is made of it. Raises ContractError as ``parent`` and ``signing`` do."""
    settings = read_settings()
    return Trusted(settings, signing(settings), parents_of(shot, folder, settings, accept))


def moderate_words(shot: Shot, folder: Path, given: Trusted) -> None:
    """Look at words and reference pictures before any work. Raises ContractError with the rule that refuses them."""
    admit(shot, folder, given.settings)


def moderate_clip(frames: NDArray[np.uint8], shot: Shot, given: Trusted) -> None:
    """Look at what was made, (F, H, W, 3), before it is delivered. Raises ContractError with the rule that refuses it."""
    release(frames, shot, given.settings)


def mark(frames: NDArray[np.uint8], samples: NDArray[np.float32], take: str, rate: Fraction) -> str:
    """Put the take's id into picture and sound, in place, after they were hashed; what the mark carries."""
    carried = mark_of(take)
    mark_frames(frames, carried, rate)
    mark_samples(samples, carried)
    return carried


def sign(folder: Path, take: Take, given: Trusted) -> dict[str, str]:
    """Sign every file of the take folder, as the last change to it; the SHA-256 of each as it is delivered."""
    files = take.files
    for name in (files.clip, files.sound, *files.stems.values()):
        marked = name in (files.clip, files.sound)
        sign_file(folder / name, statement(take, name, given, marked), given.signing)
    if files.frames is not None:
        sign_frames(folder / files.frames, statement(take, files.frames, given, marked=True), given.signing)
    delivered = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            delivered[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return delivered


def statement(take: Take, name: str, given: Trusted, marked: bool) -> Statement:
    """What the file ``name`` of a take is signed with; ``marked`` where picture or sound carries the mark."""
    names = makers(take)
    return Statement(
        title=name,
        facts=take_facts(take, given.settings.tell_prompt),
        source_type=source_type(any(name not in UNTRAINED for name in names)),
        software=" + ".join(names),
        software_version=" + ".join(made.backend.version for made in take.chain) or take.backend.version,
        generator_version=engine_version(),
        training=given.settings.training,
        ingredients=given.ingredients,
        mark=take.mark if marked else "",
    )
