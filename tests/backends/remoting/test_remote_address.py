"""Where a server may be, whom its certificate convinces, and where its token is."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

import keyring
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked
from made_server import QUICK, MadeServer

from engine.backends.remoting.__main__ import main
from engine.backends.remoting.address import Server, checked_url
from engine.backends.remoting.videos import Videos
from engine.tokens import forget_token, keep_token, token_for
from sora_addon.contract import ContractError


@pytest.mark.parametrize(
    ("said", "used"),
    [
        ("https://render.example:8091", "https://render.example:8091"),
        (" https://render.example/ ", "https://render.example"),
        ("https://render.example:443/v1", "https://render.example"),
        ("https://render.example/models/ltx/v1/", "https://render.example/models/ltx"),
        ("http://localhost:30010", "http://localhost:30010"),
        ("http://127.0.0.1:8091/v1", "http://127.0.0.1:8091"),
        ("http://[::1]:8091", "http://[::1]:8091"),
    ],
)
def test_addresses(said: str, used: str) -> None:
    assert checked_url(said) == used


@pytest.mark.parametrize(
    "url",
    [
        "",
        "render.example:8091",
        "ftp://render.example",
        "https://",
        "https://render.example:port",
        "http://render.example:8091",
        "http://192.168.0.7:8091",
        "http://localhost.example:80",
        "https://ana:secret@render.example",
        "https://render.example?token=x",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ContractError) as caught:
        checked_url(url)
    assert caught.value.field == "words.settings.server"
    assert "secret" not in str(caught.value)


def authority(folder: Path, name: str, host: str, address: str | None = None) -> tuple[Path, Path, Path]:
    """A root, and a server's certificate and key that it vouches for."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)

    def certificate(subject: str, issuer: str, public, own: bool) -> x509.Certificate:
        names = [x509.DNSName(host)] + ([x509.IPAddress(ipaddress.ip_address(address))] if address else [])
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(own, None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
            .add_extension(x509.KeyUsage(not own, False, False, False, False, own, own, False, False), critical=True)
            .sign(root_key, hashes.SHA256())
        )

    pem = serialization.Encoding.PEM
    paths = tuple(folder / f"{name}-{kind}.pem" for kind in ("root", "chain", "key"))
    paths[0].write_bytes(certificate(name, name, root_key.public_key(), own=True).public_bytes(pem))
    paths[1].write_bytes(certificate(f"{name} server", name, key.public_key(), own=False).public_bytes(pem))
    paths[2].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return paths


def asked(server: MadeServer, certificate: Path | None = None, url: str = "") -> list[str]:
    return Videos(Server(url or server.url, "", str(certificate or "")), lambda: None, QUICK).models()


def test_only_a_certificate_that_somebody_vouches_for(tmp_path: Path, server: MadeServer) -> None:
    root, chain, key = authority(tmp_path, "studio", "localhost")
    other, _, _ = authority(tmp_path, "other", "localhost")
    server.speak_tls(chain, key)
    assert asked(server, root) == ["Lightricks/LTX-2"]
    for vouching in (None, other):
        with pytest.raises(ContractError, match=r"the certificate of https://localhost:\d+ is not to be trusted"):
            asked(server, vouching)
    assert len(server.seen) == 1, "nothing was asked of a server that nobody vouches for"


def test_only_a_certificate_of_that_host(tmp_path: Path, server: MadeServer) -> None:
    root, chain, key = authority(tmp_path, "studio", "render.example")
    server.speak_tls(chain, key)
    with pytest.raises(ContractError, match="is not to be trusted"):
        asked(server, root)
    assert server.seen == []


def test_a_token_is_of_one_server(ring) -> None:
    keep_token("https://render.example/v1", "sk-1")
    assert token_for("https://render.example:443") == "sk-1"
    for other in ("https://render.example:8091", "http://localhost", "https://other.example"):
        assert token_for(other) == ""
    assert forget_token("https://render.example")
    assert not forget_token("https://render.example")
    assert token_for("https://render.example") == ""


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "é"])
def test_what_is_no_token(ring, token: str) -> None:
    with pytest.raises(ContractError, match="copy it again"):
        keep_token("https://render.example", token)


def test_without_a_keyring_it_says_so(ring) -> None:
    keyring.set_keyring(NoKeyring())
    with pytest.raises(ContractError, match="keyring"):
        keep_token("https://render.example", "sk-1")
    assert token_for("https://render.example") == ""


def test_a_locked_keyring_says_so(ring, monkeypatch) -> None:
    def locked(service: str, username: str) -> str:
        raise KeyringLocked("the collection is locked")

    monkeypatch.setattr(ring, "get_password", locked)
    with pytest.raises(ContractError, match=r"does not answer.*unlock it"):
        token_for("https://render.example")


def test_from_the_command_line(ring, server: MadeServer, capfd, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", __import__("io").StringIO("sk-7\n"))
    assert main(["token", "--server", server.url]) == 0
    assert token_for(server.url) == "sk-7"
    assert main(["check", "--server", server.url]) == 0
    said = capfd.readouterr()
    assert "Lightricks/LTX-2" in said.out
    assert "ltx2" in said.out
    assert "sk-7" not in said.out + said.err
    assert main(["forget", "--server", server.url]) == 0
    assert token_for(server.url) == ""
    assert main(["check", "--server", "http://render.example"]) == 2
    assert "in the clear" in capfd.readouterr().err
