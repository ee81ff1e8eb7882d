"""``engine verify``: the page for people, the report for programs, the exit code for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_for_trust import STATEMENT, make_media

from engine.command import main
from engine.trust.credentials.sign import sign_file
from engine.trust.credentials.signer import signing
from engine.trust.library import find, mark_of, remember
from engine.trust.settings import Settings


@pytest.fixture
def signed(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "signed"
    folder.mkdir()
    made = make_media(folder)
    for path in made.values():
        sign_file(path, STATEMENT, signing(Settings()))
    return made


def test_a_page_says_what_a_clip_is(signed: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(signed["mp4"])]) == 0
    said = capsys.readouterr().out
    for words in ("intact", "not on the public trust list", "from a 3D scene", "seed 7", STATEMENT.facts["take"]):
        assert words in said


def test_json_gives_the_readers_report(signed: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--json", str(signed["png"].parent)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [Path(entry["file"]).suffix for entry in found] == [".mp4", ".png", ".wav"]
    assert all(entry["report"]["active_manifest"] for entry in found)
    assert {entry["state"] for entry in found} == {"intact"}


def test_one_changed_byte_is_code_1_and_said(signed: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(signed["wav"].read_bytes())
    data[1000] ^= 1
    signed["wav"].write_bytes(data)
    assert main(["verify", str(signed["mp4"]), str(signed["wav"])]) == 1
    said = capsys.readouterr().out
    assert "TAMPERED" in said
    assert "assertion.dataHash.mismatch" in said


def test_what_is_not_there_is_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path / "nothing.mp4")]) == 2
    assert "is not there" in capsys.readouterr().err


def test_the_library_leads_from_a_mark_to_a_folder(tmp_path: Path, trust_home: Path) -> None:
    take = "0b0e7e7e-1234-4000-8000-000000000001"
    assert find(mark_of(take)) == []
    remember(take, tmp_path / "gone", "2026-01-01")
    with (trust_home / "library.jsonl").open("a") as file:
        file.write('{"take": "0b0e7e7e-12')
    assert [(known.take, known.there) for known in find(mark_of(take))] == [(take, False)]
    assert find("ffffffffffff") == []
