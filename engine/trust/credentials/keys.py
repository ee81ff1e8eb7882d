"""Private keys on disk: owner-only, and encrypted with a passphrase that the platform's keyring holds, where there is one."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

import keyring
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from keyring.errors import KeyringError

from sora_addon.contract import ContractError

from ..home import write_own

SERVICE = "sora-blender"
MARK = b"keyring: "
"""Before the PEM of a key of ours: the name under which the keyring holds its passphrase."""


def store_key(path: Path, key: PrivateKeyTypes) -> bool:
    """Write a key in PKCS 8; whether the keyring guards it. Without a keyring, permissions alone do."""
    name = secrets.token_hex(8)
    passphrase = _new_passphrase(name)
    guard: serialization.KeySerializationEncryption = serialization.NoEncryption()
    head = b""
    if passphrase is not None:
        guard = serialization.BestAvailableEncryption(passphrase.encode())
        head = MARK + name.encode() + b"\n"
    write_own(path, head + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, guard))
    return passphrase is not None


def load_key(path: Path) -> PrivateKeyTypes:
    """The key in a PEM. Raises ContractError where it cannot be read, or where others than its owner can read it."""
    try:
        data = path.read_bytes()
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ContractError(str(path), "can be read by others", f"run 'chmod 600 {path}'")
    except OSError as error:
        raise ContractError(str(path), f"cannot be read ({error.strerror})") from error
    passphrase = _passphrase(_name(path, data)) if b"ENCRYPTED" in data else None
    if b"ENCRYPTED" in data and passphrase is None:
        raise ContractError(
            str(path), "is locked, and the keyring does not hold its passphrase", "unlock the keyring or store it there"
        )
    pem = data[data.find(b"-----BEGIN") :]
    try:
        return serialization.load_pem_private_key(pem, passphrase.encode() if passphrase else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # What the parser says may quote the key, so it is not passed on.
        raise ContractError(str(path), "does not hold a private key that can be used", "give PEM of PKCS 8") from None


def remove_key(path: Path) -> None:
    """Remove a key, and its passphrase from the keyring."""
    data = path.read_bytes()
    if b"ENCRYPTED" in data:
        with contextlib.suppress(KeyringError):
            keyring.delete_password(SERVICE, _name(path, data))
    path.unlink()


def keep_passphrase(path: Path, passphrase: str) -> None:
    """Let the keyring hold the passphrase of a studio's key. Raises ContractError where there is no keyring."""
    try:
        keyring.set_password(SERVICE, str(path.resolve()), passphrase)
    except KeyringError as error:
        raise ContractError("keyring", "is not to be had on this machine", "use a signing command instead") from error


def is_guarded(path: Path) -> bool:
    """Whether the key on disk is encrypted."""
    return b"ENCRYPTED" in path.read_bytes()


def _name(path: Path, data: bytes) -> str:
    """What the keyring knows a passphrase by: the name in a key of ours, the place of a studio's."""
    first = data.split(b"\n", 1)[0]
    return first.removeprefix(MARK).decode("ascii", "replace") if first.startswith(MARK) else str(path.resolve())


def _new_passphrase(name: str) -> str | None:
    passphrase = secrets.token_urlsafe(32)
    try:
        if keyring.get_keyring().priority <= 0:
            return None
        keyring.set_password(SERVICE, name, passphrase)
        return passphrase if _passphrase(name) == passphrase else None
    except (KeyringError, RuntimeError):  # a keyring that is there by name and cannot be used
        return None


def _passphrase(name: str) -> str | None:
    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError:
        return None
