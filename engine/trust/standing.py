"""How trust stands on this machine: who signs, until when, what guards the key, what a studio has set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from sora_addon.contract import encode

from .credentials.keys import is_guarded
from .credentials.signer import signing
from .home import trust_home
from .moderation.head import can_read_meaning
from .settings import FILE, Settings

LIST = "valid, not on the public trust list"
MEANING = "words are judged by rules, by letters and by meaning"
NO_MEANING = "words are judged by rules and letters alone; to judge meaning too, repair the engine"


@dataclass(frozen=True)
class Standing:
    """``owner`` as ``Signing`` has it; ``until`` is the last day of the signing certificate, ISO 8601."""

    owner: str
    signer: str
    until: str
    list: str
    guard: str
    home: Path
    settings: Settings


def standing(settings: Settings) -> Standing:
    """Makes the local authority where there is none. Raises ContractError where what is set cannot be used."""
    who = signing(settings)
    leaf = x509.load_pem_x509_certificate(who.chain.encode())
    own = who.owner == "local authority"
    return Standing(
        owner=who.owner,
        signer=leaf.subject.rfc4514_string(),
        until=leaf.not_valid_after_utc.date().isoformat(),
        list=LIST if own else "whether it is on the public trust list, 'engine verify' of a signed file tells",
        guard=_guard(settings, own),
        home=trust_home(),
        settings=settings,
    )


def told(found: Standing) -> str:
    """In lines, for people."""
    settings = found.settings
    return "\n".join(
        [
            f"signed by the {found.owner}: {found.signer}",
            f"  {found.list}",
            f"  until {found.until}; {found.guard}",
            f"timestamps: {settings.timestamps or 'none; a file turns invalid when its certificate expires'}",
            f"moderation: {settings.level}; turned off: {', '.join(settings.allowed) or 'nothing'}",
            f"  {MEANING if can_read_meaning() else NO_MEANING}",
            f"words of refused prompts in the audit log: {'yes' if settings.audit_prompts else 'no'}",
            f"the prompt in the credentials: {'yes' if settings.tell_prompt else 'no'}; training: {settings.training}",
            f"settings: {found.home / FILE}",
        ]
    )


def as_json(found: Standing) -> dict[str, Any]:
    """The same in plain values."""
    return {**vars(found), "home": str(found.home), "settings": encode(found.settings)}


def _guard(settings: Settings, own: bool) -> str:
    if settings.studio.chain and settings.studio.command:
        return "the key is where the signing command keeps it"
    key = trust_home() / "authority" / "leaf.key" if own else Path(settings.studio.key)
    if is_guarded(key):
        return "the key is encrypted, and the keyring holds its passphrase"
    return "the key is not encrypted: its permissions alone guard it"
