"""What a file still proves: its credentials read by the C2PA library, and told apart in one word each."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import c2pa

from ..settings import Settings
from .authority import anchors
from .container import FORMATS, is_cut_short, manifests_in, unhashed
from .jumbf import is_sound, padding_is_clean
from .manifest import GENERATOR, TAKE_LABEL, UNHASHED_LABEL
from .sign import LISTING, SIDECAR

State = Literal["intact", "untrusted", "expired", "tampered", "truncated", "unsigned", "stripped", "unreadable"]
"""``stripped``: unsigned, and the invisible mark says that it was signed once."""
Trust = Literal["public", "own", "studio", "none"]
UNTRUSTED, EXPIRED = "signingCredential.untrusted", "signingCredential.expired"
HARMLESS = (UNTRUSTED, EXPIRED, "signingCredential.ocsp.unknown", "timeStamp.untrusted")
FRAME_CHANGED = "manifest.frame.changed"
"""Bytes around the claims were changed that the C2PA library does not look at."""
LARGEST_LISTING = 1 << 26
"""Bytes."""


@dataclass(frozen=True)
class Verdict:
    """Of one file. ``codes`` are the C2PA library's where it has one for what is wrong, else ours."""

    file: str
    state: State
    codes: tuple[str, ...] = ()
    trust: Trust = "none"
    signer: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    """The take's own assertion."""
    ingredients: tuple[dict[str, Any], ...] = ()
    """Title, relationship, description, and ``codes`` of what was wrong with each when it was taken."""
    report: dict[str, Any] = field(default_factory=dict)
    """The reader's whole report; empty where there is none."""

    @property
    def intact(self) -> bool:
        return self.state == "intact"


def read_file(path: Path, settings: Settings) -> Verdict:
    """The verdict of an mp4, wav, png or a frame list. Raises OSError where it cannot be opened."""
    if path.name == LISTING:
        return _read_frames(path.parent, settings)
    media = FORMATS.get(path.suffix.lower())
    if media is None:
        return Verdict(str(path), "unreadable", ("file.kind",))
    if path.stat().st_size == 0 or is_cut_short(path):
        return Verdict(str(path), "truncated", ("file.truncated",))
    try:
        report, trust = _report(media, path, None, settings)
    except c2pa.C2paError as error:
        if str(error).startswith("ManifestNotFound"):
            return Verdict(str(path), "unsigned", ("manifest.none",))
        return Verdict(str(path), "tampered", ("manifest.unreadable",), report={"error": str(error)})
    own = []
    if _is_ours(report) and not _is_well_framed(manifests_in(path)):
        own.append(FRAME_CHANGED)
    stated = _assertion(report, UNHASHED_LABEL).get("hash")
    if media == "video/mp4" and stated is not None and stated != unhashed(path):
        own.append("file.unhashed.changed")
    return _verdict(path, report, trust, own)


def _read_frames(folder: Path, settings: Settings) -> Verdict:
    listing, sidecar = folder / LISTING, folder / SIDECAR
    if not sidecar.is_file():
        return Verdict(str(folder), "unsigned", ("manifest.none",))
    if listing.stat().st_size > LARGEST_LISTING or sidecar.stat().st_size > LARGEST_LISTING:
        return Verdict(str(folder), "unreadable", ("file.size",))
    try:
        report, trust = _report("text/plain", listing, sidecar.read_bytes(), settings)
    except c2pa.C2paError as error:
        return Verdict(str(folder), "tampered", ("manifest.unreadable",), report={"error": str(error)})
    own = [] if not _is_ours(report) or _is_well_framed(sidecar.read_bytes()) else [FRAME_CHANGED]
    listed = dict(_listed(listing))
    missing = [name for name in listed if not (folder / name).is_file()]
    for name, digest in listed.items():
        if name not in missing:
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    own.append(f"frame.changed:{name}")
    own += [f"frame.added:{path.name}" for path in sorted(folder.glob("*.exr")) if path.name not in listed]
    verdict = _verdict(folder, report, trust, own)
    if missing and verdict.state != "tampered":
        codes = tuple(f"frame.missing:{name}" for name in missing)
        return Verdict(str(folder), "truncated", codes, trust, verdict.signer, verdict.facts, report=report)
    return verdict


def _listed(listing: Path) -> Iterator[tuple[str, str]]:
    for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        if name and "/" not in name and "\\" not in name:
            yield name, digest


def _report(media: str, path: Path, manifests: bytes | None, settings: Settings) -> tuple[dict[str, Any], Trust]:
    """The library's report, and whose roots make it trusted; asked in order, the public list first."""
    roots: list[tuple[Trust, str]] = [("public", ""), ("own", anchors())]
    if settings.studio.anchors:
        roots.append(("studio", Path(settings.studio.anchors).read_text(encoding="ascii")))
    report: dict[str, Any] = {}
    for trust, pem in roots:
        if trust != "public" and not pem:
            continue
        report = _ask(media, path, manifests, pem)
        if report.get("validation_state") == "Trusted" or UNTRUSTED not in _failures(report):
            return report, trust
    return report, "none"


def _ask(media: str, path: Path, manifests: bytes | None, pem: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False}}
    if pem:
        settings["trust"] = {"trust_anchors": pem}
    with closing(c2pa.Context.from_dict(settings)) as context, path.open("rb") as stream:
        source = io.BytesIO(stream.read()) if manifests is not None else stream
        with closing(c2pa.Reader(media, source, manifest_data=manifests, context=context)) as reader:
            report = json.loads(reader.json())
            report["validation_state"] = reader.get_validation_state()
            return report


def _verdict(path: Path, report: dict[str, Any], trust: Trust, own: list[str]) -> Verdict:
    failures = [*_failures(report), *own]
    broken = [code for code in failures if code not in HARMLESS]
    active = report.get("manifests", {}).get(report.get("active_manifest"))
    if active is None:
        return Verdict(str(path), "tampered", ("manifest.unreadable", *dict.fromkeys(failures)), report=report)
    signature = active.get("signature_info", {})
    state: State = "intact"
    if broken:
        state = "tampered"
    elif EXPIRED in failures:
        state = "expired"
    elif trust == "none":
        state = "untrusted"
    codes = tuple(dict.fromkeys(failures))
    return Verdict(
        file=str(path),
        state=state,
        codes=codes,
        trust=trust,
        signer=", ".join(filter(None, (signature.get("common_name"), signature.get("issuer")))),
        facts=_assertion(report, TAKE_LABEL),
        ingredients=tuple(_ingredient(found) for found in active.get("ingredients", [])),
        report=report,
    )


def _is_ours(report: dict[str, Any]) -> bool:
    """Whether all manifests were made here: other tools' may have forms that ours do not."""
    makers = [
        maker for found in report.get("manifests", {}).values() for maker in found.get("claim_generator_info", [])
    ]
    return all(maker.get("name") == GENERATOR for maker in makers)


def _is_well_framed(manifests: bytes | None) -> bool:
    return manifests is not None and is_sound(manifests) and padding_is_clean(manifests)


def _failures(report: dict[str, Any]) -> list[str]:
    results = report.get("validation_results", {})
    found = [entry["code"] for entry in results.get("activeManifest", {}).get("failure", [])]
    for delta in results.get("ingredientDeltas", []):
        found += [entry["code"] for entry in delta.get("validationDeltas", {}).get("failure", [])]
    return found


def _assertion(report: dict[str, Any], label: str) -> dict[str, Any]:
    active = report.get("manifests", {}).get(report.get("active_manifest"), {})
    for assertion in active.get("assertions", []):
        if assertion["label"] == label:
            return assertion["data"]
    return {}


def _ingredient(found: dict[str, Any]) -> dict[str, Any]:
    failures = found.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    return {
        "title": found.get("title", ""),
        "relationship": found.get("relationship", ""),
        "description": found.get("description", ""),
        "signed": "active_manifest" in found,
        "codes": [entry["code"] for entry in failures if entry["code"] not in HARMLESS],
    }
