"""Signing files: the last thing that is ever done to them, for whatever writes them again takes the credentials off."""

from __future__ import annotations

import hashlib
import io
import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import c2pa

from sora_addon.contract import ContractError

from .container import FORMATS, unhashed
from .manifest import Statement, ingredient_name, manifest
from .signer import Signing

LISTING, SIDECAR = "frames.sha256", "frames.sha256.c2pa"
"""In a folder of EXR frames, which hold no credentials themselves: their digests, and the credentials of that list."""
BUILDING = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}


def sign_file(path: Path, statement: Statement, signing: Signing) -> None:
    """Put credentials into an mp4, wav or png, beside and renamed. Raises ContractError where they cannot be made."""
    media = FORMATS.get(path.suffix.lower())
    if media is None:
        raise ContractError(path.name, "is of a kind that holds no credentials", f"give one of {', '.join(FORMATS)}")
    if media == "video/mp4":
        statement = replace(statement, unhashed=unhashed(path))
    partial = path.with_name(f"{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        with path.open("rb") as source, partial.open("w+b") as target:
            _sign(statement, signing, media, source, target, path.name, embed=True)
            target.flush()
            os.fsync(target.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def sign_frames(folder: Path, statement: Statement, signing: Signing) -> None:
    """Write the digests of every EXR in ``folder`` and sign that list. Raises ContractError where there are none."""
    frames = sorted(folder.glob("*.exr"))
    if not frames:
        raise ContractError(str(folder), "holds no EXR frames")
    lines = []
    for frame in frames:
        with frame.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {frame.name}\n")
    text = "".join(lines).encode()
    manifests = _sign(statement, signing, "text/plain", io.BytesIO(text), io.BytesIO(), LISTING, embed=False)
    (folder / LISTING).write_bytes(text)
    (folder / SIDECAR).write_bytes(manifests)


def _sign(
    statement: Statement,
    signing: Signing,
    media: str,
    source: io.BufferedIOBase,
    target: io.IOBase,
    name: str,
    embed: bool,
) -> bytes:
    signing.fault = None
    try:
        with (
            closing(c2pa.Context.from_dict(BUILDING)) as context,
            closing(c2pa.Builder.from_json(json.dumps(manifest(statement)), context)) as builder,
            closing(signing.signer()) as signer,
        ):
            for place, ingredient in enumerate(statement.ingredients):
                about = {
                    "title": ingredient.title,
                    "relationship": ingredient.relationship,
                    "label": ingredient_name(place),
                    "description": _told(ingredient.identity, ingredient.accepted, ingredient.data is not None),
                }
                if ingredient.data is None:
                    # A name alone: the library wants bytes to look at, and finds no credentials in none.
                    builder.add_ingredient(json.dumps(about), "application/octet-stream", io.BytesIO(b"\0"))
                else:
                    builder.add_ingredient(json.dumps(about), ingredient.format, io.BytesIO(ingredient.data))
            if not embed:
                builder.set_no_embed()
            return builder.sign(signer, media, source, target)
    except c2pa.C2paError as error:
        if signing.fault is not None:
            raise signing.fault from error
        mend = "look after 'timestamps' in the trust settings, or empty it" if signing.timestamps else ""
        raise ContractError(name, f"cannot be signed by the {signing.owner} ({error})", mend) from error


def _told(identity: str, accepted: str, at_hand: bool) -> str:
    words = [f"take {identity}" if identity else "", f"accepted by the artist although {accepted}" if accepted else ""]
    words.append("" if at_hand else "not at hand when this was signed")
    return "; ".join(word for word in words if word)
