"""Where a server is, and the token that it wants, which the platform's keyring holds and nothing else.

A shot is unreleased work and a token opens a door, so both travel by TLS alone, with the certificate checked. Plain HTTP
is for this machine: a server here, or the end of a tunnel.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sora_addon.contract import ContractError

from ...tokens import PORTS, origin_of, token_for
from ..settings import Given

SETTING = "words.settings.server"


@dataclass(frozen=True)
class Server:
    """A server, and how it is spoken with."""

    url: str
    """'https://render.studio.example:8091', without a path's last slash and without /v1."""
    token: str = field(default="", repr=False)
    certificate: str = ""
    """A PEM of the authorities that may vouch for it, where it is not those of the system."""

    @property
    def origin(self) -> str:
        """Scheme, host and port: whom the token is for."""
        return origin_of(self.url)


def server_of(given: Given) -> Server:
    """The server that a backend's settings name, with its token. Raises ContractError naming the setting."""
    url = checked_url(given.text("server"))
    certificate = given.text("certificate")
    if certificate and not Path(certificate).is_file():
        raise ContractError(
            "words.settings.certificate", f"{certificate[:200]!r} is not a file", "give a PEM, or leave it empty"
        )
    return Server(url, token_for(url), certificate)


def checked_url(url: str) -> str:
    """The address as it is used. Raises ContractError where it is none, or where it would speak in the clear."""
    url = url.strip()
    if not url:
        raise ContractError(SETTING, "is missing", "set the server's address in the preferences of the add-on")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ContractError(SETTING, f"{url[:200]!r} is not an address ({error})") from None
    if parts.scheme not in PORTS or not host or parts.query or parts.fragment:
        raise ContractError(SETTING, f"{url[:200]!r} is not an address", "write it as https://host:port")
    if parts.username or parts.password:
        raise ContractError(SETTING, "holds a name or a password", "store the token in the keyring instead")
    if parts.scheme == "http" and not is_here(host):
        raise ContractError(
            SETTING,
            "is http, which sends pictures and token in the clear",
            "use https, or a tunnel that ends at localhost",
        )
    shown = f"[{host}]" if ":" in host else host
    path = parts.path.rstrip("/").removesuffix("/v1")
    return f"{parts.scheme}://{shown}" + (f":{port}" if port and port != PORTS[parts.scheme] else "") + path


def is_here(host: str) -> bool:
    """Whether a host's name or number is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
