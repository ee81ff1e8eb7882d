"""What a studio sets: who signs, how strict moderation is, what the credentials tell. ``settings.json`` of trust's home."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from sora_addon.contract import ContractError, decode, encode, parse
from sora_addon.contract.codec import Length

from .home import trust_home, write_own

FILE = "settings.json"
LARGEST = 1 << 20
"""Bytes."""

FilePath = Annotated[str, Length(0, 4096)]


@dataclass(frozen=True)
class Studio:
    """A studio's own certificates: the chain, and either its key or a command that signs."""

    chain: FilePath = ""
    """PEM, the signing certificate first; empty: the local authority signs."""
    key: FilePath = ""
    """PEM of PKCS 8. Its passphrase, where it has one, is asked of the platform's keyring and stands nowhere here."""
    command: Annotated[list[str], Length(0, 64)] = field(default_factory=list)
    """Program and arguments: gets the bytes to sign on standard input and gives the bare signature on standard output."""
    anchors: FilePath = ""
    """PEM of roots that this studio trusts when it verifies, its own and others'."""

    def check(self) -> None:
        if self.chain and bool(self.key) == bool(self.command):
            raise ContractError("key", "and command are both given or both missing", "give one of them")


@dataclass(frozen=True)
class Settings:
    """Everything has a value that is safe without being set."""

    studio: Studio = field(default_factory=Studio)
    timestamps: Annotated[str, Length(0, 2000)] = ""
    """Address of a timestamp authority (RFC 3161); empty: none is asked, and no socket is opened."""
    level: Literal["strict", "studio"] = "strict"
    """Of moderation; what 'studio' allows stands in docs/trust.md, and some rules stand whatever the level."""
    allowed: Annotated[list[str], Length(0, 100)] = field(default_factory=list)
    """Rules that the studio has decided to turn off, by name; a rule that may not be is refused."""
    audit_prompts: bool = False
    """Write the words of refused prompts into the audit log."""
    training: Literal["notAllowed", "constrained", "allowed"] = "notAllowed"
    """Whether takes may be used to train models: the training-mining assertion of the credentials."""
    tell_prompt: bool = False
    """Write the prompt into the credentials, where whoever gets the file can read it."""


def read_settings() -> Settings:
    """The settings, or those of a machine where none were made. Raises ContractError with the field that does not fit."""
    path = trust_home() / FILE
    try:
        if path.stat().st_size > LARGEST:
            raise ContractError(FILE, f"has more than {LARGEST} bytes")
        data = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    try:
        return decode(Settings, parse(data, FILE))
    except ContractError as error:
        raise error.under(f"trust settings ({path})") from None


def write_settings(settings: Settings) -> Path:
    """Check and write the settings; where they are now. Raises ContractError."""
    decode(Settings, encode(settings))
    path = trust_home() / FILE
    write_own(path, json.dumps(encode(settings), indent=1, ensure_ascii=False).encode())
    return path
