"""``engine trust``: who signs, rotation, the roots, a passphrase that is never an argument, and the log."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509
from made_for_trust import KeyringForTests

from engine.command import main
from engine.trust.credentials.keys import SERVICE
from engine.trust.moderation.audit import FILE, Decision, note
from engine.trust.settings import Settings, write_settings


def test_it_says_who_signs_and_that_nobody_vouches_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    write_settings(Settings(level="studio", timestamps="http://time.example/"))
    assert main(["trust", "show"]) == 0
    said = capsys.readouterr().out
    for words in (
        "local authority",
        "not on the public trust list",
        "permissions alone",
        "moderation: studio",
        "words are judged by rules",
    ):
        assert words in said
    assert main(["trust", "show", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["owner"], found["settings"]["timestamps"]) == ("local authority", "http://time.example/")


def test_rotation_gives_a_new_signer_and_keeps_the_roots(capsys: pytest.CaptureFixture[str]) -> None:
    main(["trust", "show", "--json"])
    first = json.loads(capsys.readouterr().out)["signer"]
    assert main(["trust", "rotate"]) == 0
    assert first not in capsys.readouterr().out
    main(["trust", "root"])
    assert len(x509.load_pem_x509_certificates(capsys.readouterr().out.encode())) == 1
    assert main(["trust", "rotate", "--root"]) == 0
    capsys.readouterr()
    main(["trust", "root"])
    assert len(x509.load_pem_x509_certificates(capsys.readouterr().out.encode())) == 2


def test_a_passphrase_comes_on_standard_input_and_goes_to_the_keyring(
    ring: KeyringForTests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.pem"
    key.write_text("a key")
    monkeypatch.setattr("sys.stdin", io.StringIO("a studio's secret\n"))
    assert main(["trust", "passphrase", str(key)]) == 0
    assert ring.get_password(SERVICE, str(key.resolve())) == "a studio's secret"
    assert "secret" not in "".join(capsys.readouterr())
    assert main(["trust", "passphrase", str(tmp_path / "none.pem")]) == 2


def test_the_log_is_told_and_its_chain_is_checked(trust_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    note(Decision("shot-1", "in", "allowed"))
    noted = note(Decision("shot-2", "in", "refused", "gore", "words.prompt"))
    note(Decision("shot-3", "out", "allowed"))
    assert main(["trust", "log", "--holds", noted]) == 0
    said = capsys.readouterr().out
    assert "refused by the rule 'gore' at words.prompt, shot shot-2" in said
    assert "3 decisions" in said
    assert main(["trust", "log", "--holds", "0" * 64]) == 1
    assert "another log" in capsys.readouterr().err
    with closing(sqlite3.connect(trust_home / FILE)) as log, log:
        log.execute("UPDATE decisions SET line = replace(line, 'refused', 'allowed') WHERE number = 2")
    assert main(["trust", "log"]) == 1
    assert "BROKEN at decision 2" in capsys.readouterr().err
