"""Tokens of servers, which the platform's keyring holds and nothing else: no file, no argument, no log."""

from __future__ import annotations

from urllib.parse import urlsplit

import keyring
from keyring.errors import KeyringError, NoKeyringError, PasswordDeleteError

from sora_addon.contract import ContractError

SERVICE = "sora-blender token"
PORTS = {"https": 443, "http": 80}


def origin_of(url: str) -> str:
    """Scheme, host and port: whom a token is for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or PORTS[parts.scheme]}"


def token_for(url: str) -> str:
    """The token that the keyring holds for a server; '' where it holds none. Raises ContractError where it is locked."""
    try:
        return keyring.get_password(SERVICE, origin_of(url)) or ""
    except NoKeyringError:  # where there is none, none is held
        return ""
    except KeyringError as error:
        raise ContractError("keyring", f"does not answer ({error})", "unlock it, then press Retry") from None


def keep_token(url: str, token: str) -> None:
    """Let the keyring hold a token. Raises ContractError where there is no keyring that keeps it."""
    if not token or any(not "!" <= letter <= "~" for letter in token):
        raise ContractError("token", "is empty or holds a letter that no token has", "copy it again")
    try:
        keyring.set_password(SERVICE, origin_of(url), token)
        kept = keyring.get_password(SERVICE, origin_of(url)) == token
    except KeyringError:
        kept = False
    if not kept:
        raise ContractError(
            "keyring", "is not to be had on this machine", "set up the system's keyring, then try again"
        )


def forget_token(url: str) -> bool:
    """Take a server's token out of the keyring; whether there was one."""
    try:
        keyring.delete_password(SERVICE, origin_of(url))
    except (NoKeyringError, PasswordDeleteError):
        return False
    except KeyringError as error:
        raise ContractError("keyring", f"does not answer ({error})", "unlock it, then try again") from None
    return True
