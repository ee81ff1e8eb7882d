"""A finding in plain words, for people who do not read manifests."""

from __future__ import annotations

from typing import Any

from .credentials.manifest import SOURCE_TYPES
from .verify import Finding

SAID = {
    "intact": "intact: not a byte has changed since it was signed",
    "untrusted": "unchanged since it was signed, but by somebody whom this machine does not know",
    "expired": "unchanged, but the certificate has expired and no timestamp says that it was signed before that",
    "tampered": "TAMPERED: the file or its credentials were changed after signing",
    "truncated": "CUT SHORT: a part of the file is missing",
    "unsigned": "no credentials, and no mark of ours was found: nothing can be said of where it comes from",
    "stripped": "its credentials were REMOVED; the invisible mark still tells the take",
    "unreadable": "of a kind that holds no credentials",
}
TRUSTED = {
    "public": "on the public trust list",
    "own": "valid, not on the public trust list: signed by this machine's own authority",
    "studio": "trusted by this studio's own list",
    "none": "not known to this machine",
}
SOURCES = {
    "compositeWithTrainedAlgorithmicMedia": "made by a generative model from a 3D scene",
    "compositeSynthetic": "drawn from a 3D scene without a generative model",
}


def page(findings: list[Finding]) -> str:
    """One block of lines a file."""
    return "\n\n".join(_block(finding) for finding in findings)


def _block(finding: Finding) -> str:
    verdict = finding.verdict
    lines = [verdict.file, f"  {SAID[finding.state]}"]
    if finding.codes:
        lines.append(f"  codes: {', '.join(finding.codes[:8])}" + (" ..." if len(finding.codes) > 8 else ""))
    if verdict.signer:
        lines.append(f"  signed by {verdict.signer}; {TRUSTED[verdict.trust]}")
    lines += _made(verdict.facts, verdict.report)
    lines += [_from(ingredient) for ingredient in verdict.ingredients]
    if finding.state == "stripped":
        lines.append(f"  mark: take {finding.mark}...")
    for known in finding.known:
        place = str(known.folder) if known.there else f"was at {known.folder}, and is not there any more"
        lines.append(f"  in this machine's library: take {known.take} of {known.made}, {place}")
    if finding.state == "stripped" and not finding.known:
        lines.append("  no take of that mark is in this machine's library")
    return "\n".join(lines)


def _made(facts: dict[str, Any], report: dict[str, Any]) -> list[str]:
    if not facts:
        return []
    lines = []
    source = _source(report)
    backend = facts.get("backend") or {}
    if backend and "takes" in facts:
        software = " ".join(filter(None, (backend.get("name"), backend.get("version"))))
        lines.append(f"  put together in {software}; {SOURCES.get(source, source)}")
    elif backend:
        said = SOURCES.get(source, source)
        lines.append(f"  {said}, by {backend.get('name')} {backend.get('version')}, seed {facts.get('seed')}")
    if facts.get("take"):
        lines.append(f"  take {facts['take']} of {facts.get('made', '')}")
    if facts.get("shot"):
        lines.append(f"  shot {facts['shot']}, sha256 {str(facts.get('shot_sha256', ''))[:16]}...")
    return lines


def _source(report: dict[str, Any]) -> str:
    active = report.get("manifests", {}).get(report.get("active_manifest"), {})
    for assertion in active.get("assertions", []):
        for action in assertion["data"].get("actions", []) if assertion["label"].startswith("c2pa.actions") else []:
            if "digitalSourceType" in action:
                return action["digitalSourceType"].removeprefix(SOURCE_TYPES)
    return ""


def _from(ingredient: dict[str, Any]) -> str:
    how = {"parentOf": "edited from", "componentOf": "contains", "inputTo": "guided by"}.get(
        ingredient["relationship"], "made from"
    )
    state = "signed" if ingredient["signed"] else "without credentials"
    if ingredient["codes"]:
        state = f"NOT INTACT when it was used ({', '.join(ingredient['codes'])})"
    about = f"; {ingredient['description']}" if ingredient["description"] else ""
    return f"  {how} {ingredient['title']}, {state}{about}"
