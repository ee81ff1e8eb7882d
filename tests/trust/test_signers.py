"""Keys and who holds them: owner-only files, the keyring, a studio's key, a signing command, a timestamp authority."""

from __future__ import annotations

import datetime
import http.server
import os
import sys
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from made_for_trust import STATEMENT, KeyringForTests, MadeChain, now

from engine.trust.credentials.authority import authority
from engine.trust.credentials.keys import is_guarded, keep_passphrase, load_key
from engine.trust.credentials.read import read_file
from engine.trust.credentials.sign import sign_file
from engine.trust.credentials.signer import signing
from engine.trust.settings import Settings, Studio, read_settings, write_settings
from sora_addon.contract import ContractError

SIGN_COMMAND = """
import sys
from pathlib import Path
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
key = serialization.load_pem_private_key(Path(sys.argv[1]).read_bytes(), None)
r, s = decode_dss_signature(key.sign(sys.stdin.buffer.read(), ec.ECDSA(hashes.SHA256())))
sys.stdout.buffer.write(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
"""


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    return MadeChain(now() - datetime.timedelta(days=1), datetime.timedelta(days=9)).write(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="on Windows the user's profile guards it")
def test_the_authority_is_its_owners_alone(trust_home: Path) -> None:
    authority()
    for path in [trust_home, *trust_home.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_keyring_guards_the_key_where_there_is_one(ring: KeyringForTests, media: dict[str, Path]) -> None:
    own = authority()
    assert is_guarded(own.key)
    assert len(ring.held) == 2
    sign_file(media["png"], STATEMENT, signing(Settings()))
    assert read_file(media["png"], Settings()).trust == "own"
    ring.held.clear()
    with pytest.raises(ContractError, match="is locked, and the keyring does not hold its passphrase"):
        load_key(own.key)


def test_without_a_keyring_permissions_guard_it() -> None:
    assert not is_guarded(authority().key)


def test_a_studio_brings_its_key(ring: KeyringForTests, tmp_path: Path, media: dict[str, Path]) -> None:
    made = MadeChain(now() - datetime.timedelta(days=1), datetime.timedelta(days=9), ec.SECP384R1())
    folder = made.write(tmp_path, serialization.BestAvailableEncryption(b"a studio's secret"))
    settings = _studio(folder, key=str(folder / "key.pem"))
    with pytest.raises(ContractError, match="is locked"):
        signing(settings)
    keep_passphrase(folder / "key.pem", "a studio's secret")
    sign_file(media["wav"], STATEMENT, signing(settings))
    verdict = read_file(media["wav"], settings)
    assert (verdict.trust, verdict.signer) == ("studio", "Made studio, Tests")


def test_a_studio_brings_a_command(chain: Path, media: dict[str, Path]) -> None:
    command = [sys.executable, "-c", SIGN_COMMAND, str(chain / "key.pem")]
    settings = _studio(chain, command=command)
    sign_file(media["png"], STATEMENT, signing(settings))
    assert read_file(media["png"], settings).trust == "studio"


def test_a_command_that_fails_is_named_and_nothing_of_it_is_told(chain: Path, media: dict[str, Path]) -> None:
    settings = _studio(chain, command=[sys.executable, "-c", "import sys; sys.exit('pin 4711 is wrong')"])
    before = media["png"].read_bytes()
    with pytest.raises(ContractError) as caught:
        sign_file(media["png"], STATEMENT, signing(settings))
    assert caught.value.field == "studio.command"
    assert "4711" not in str(caught.value)
    assert media["png"].read_bytes() == before
    assert not list(media["png"].parent.glob("*.partial*"))


def test_keys_that_others_can_read_or_that_do_not_fit_are_refused(chain: Path, tmp_path: Path) -> None:
    key = chain / "key.pem"
    if os.name == "posix":
        key.chmod(0o644)
        with pytest.raises(ContractError, match="can be read by others"):
            signing(_studio(chain, key=str(key)))
        key.chmod(0o600)
    (tmp_path / "other").mkdir()
    other = MadeChain(now(), datetime.timedelta(days=9)).write(tmp_path / "other")
    with pytest.raises(ContractError, match="is not the key of the first certificate"):
        signing(_studio(chain, key=str(other / "key.pem")))
    with pytest.raises(ContractError, match="both given or both missing"):
        write_settings(_studio(chain))


def test_settings_come_back_and_name_what_does_not_fit(trust_home: Path) -> None:
    assert read_settings() == Settings()
    path = write_settings(Settings(level="studio", audit_prompts=True))
    assert read_settings().level == "studio"
    path.write_text('{"level": "lax"}')
    with pytest.raises(ContractError, match=r"settings\.json\)\.level"):
        read_settings()


def test_the_timestamp_authority_of_the_settings_is_asked(media: dict[str, Path]) -> None:
    asked: list[str] = []

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.headers["Content-Type"])
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_error(503)

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings = Settings(timestamps=f"http://127.0.0.1:{server.server_port}/")
    try:
        with pytest.raises(ContractError, match="look after 'timestamps'"):
            sign_file(media["png"], STATEMENT, signing(settings))
    finally:
        server.shutdown()
        server.server_close()
    assert asked == ["application/timestamp-query"]


def _studio(folder: Path, **how: object) -> Settings:
    return Settings(studio=Studio(str(folder / "chain.pem"), **how, anchors=str(folder / "root.pem")))  # type: ignore[arg-type]
