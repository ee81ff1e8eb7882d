"""What a take was made from, looked at BEFORE the take is signed: a child of a tampered parent would read as trusted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sora_addon.contract import ContractError, Shot, read_take

from ..library import find
from ..settings import Settings
from .container import FORMATS
from .manifest import Ingredient, Relationship
from .read import read_file

REFUSED = ("tampered", "truncated", "expired", "unreadable")
"""States in which a parent is not taken without the artist's word. One that is merely unsigned or untrusted is taken, and told of."""
LARGEST = 1 << 31
"""Bytes of a parent; it is held in memory while the child is signed."""


def parent(
    path: Path,
    relationship: Relationship,
    settings: Settings,
    accept: Iterable[str] = (),
    identity: str = "",
) -> Ingredient:
    """The file as an ingredient. ``accept`` holds the states that the artist takes all the same.

    Raises ContractError, naming the file and the code, where it is not intact and not accepted.
    """
    if not path.is_file():
        raise ContractError(str(path), "is not there", "bring it back, or make the take without it")
    if path.stat().st_size > LARGEST:
        raise ContractError(str(path), f"has more than {LARGEST} bytes", "shorten it")
    verdict = read_file(path, settings)
    known = path.suffix.lower() in FORMATS
    if known and verdict.state in REFUSED and verdict.state not in accept:
        code = ", ".join(verdict.codes)
        raise ContractError(
            str(path),
            f"is {verdict.state} ({code}), and a take made from it would look sound",
            "accept it by name or leave it",
        )
    altered = [code for made_from in verdict.ingredients for code in made_from["codes"]]
    accepted = verdict.state if known and verdict.state in REFUSED else ""
    if not accepted and altered:
        accepted = "made from something tampered"
    media = FORMATS.get(path.suffix.lower(), "application/octet-stream")
    return Ingredient(path.name, media, relationship, path.read_bytes(), identity, accepted)


def parents_of(shot: Shot, folder: Path, settings: Settings, accept: Iterable[str] = ()) -> tuple[Ingredient, ...]:
    """The take that the shot remixes or extends, and its references, as ingredients. Raises ContractError as ``parent``.

    A take that is remixed is the parent; it comes as a reference, or from this machine's library, or is only named.
    """
    made: list[Ingredient] = []
    for number, reference in enumerate(shot.references):
        first = reference.kind == "take" and not any(found.relationship == "parentOf" for found in made)
        relationship: Relationship = "parentOf" if first and shot.take is not None else "inputTo"
        identity = shot.take or "" if relationship == "parentOf" else ""
        try:
            made.append(parent(folder / reference.path, relationship, settings, accept, identity))
        except ContractError as error:
            raise ContractError(f"references[{number}]", str(error)) from error
    if shot.take is not None and not any(found.relationship == "parentOf" for found in made):
        at_hand = next((known.folder for known in find(shot.take) if known.there), None)
        if at_hand is None:
            made.insert(0, Ingredient(f"take {shot.take}", "application/octet-stream", "parentOf", None, shot.take))
        else:
            clip = at_hand / read_take(at_hand).files.clip
            made.insert(0, parent(clip, "parentOf", settings, accept, shot.take))
    return tuple(made)
