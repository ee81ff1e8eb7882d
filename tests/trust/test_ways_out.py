"""Every file that the engine hands over is signed and marked, and what it was made from was looked at first."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_shot import MadeShot

from engine.media.sound_file import read_sound
from engine.pipeline.generate import Options, generate
from engine.pipeline.spool import samples_digest
from engine.trust.library import find
from engine.trust.mark.read import read_mark
from engine.trust.settings import Settings
from engine.trust.verify import verify
from sora_addon.contract import ContractError, Reference, Take, Words, read_take, write_document


def quiet(stage: str, step: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ways-out") / "shot"
    MadeShot(width=64, height=48, frames=8, drop=0.1, words=Words(prompt="a bright secret word", seed=5)).write(folder)
    return folder


@pytest.fixture
def take(shot: Path, tmp_path: Path) -> tuple[Path, Take]:
    folder = tmp_path / "take"
    return folder, generate(shot, folder, Options("sketch", exr=True), quiet)


def test_every_file_is_signed_and_says_what_it_is(take: tuple[Path, Take]) -> None:
    folder, made = take
    findings = verify([folder], Settings())
    assert len(findings) == 3 + len(made.files.stems)
    for finding in findings:
        assert (finding.state, finding.verdict.trust) == ("intact", "own"), finding
        facts = finding.verdict.facts
        assert (facts["take"], facts["seed"], facts["shot_sha256"]) == (made.id, "5", made.shot_digest)
        assert facts["backend"]["name"] == "sketch"
        assert "secret word" not in json.dumps(finding.verdict.report)
    assert [known.folder for known in find(made.mark)] == [folder]


def test_the_mark_comes_after_the_hashes(take: tuple[Path, Take], shot: Path, tmp_path: Path) -> None:
    folder, made = take
    again = generate(shot, tmp_path / "again", Options("sketch"), quiet)
    assert again.hashes == made.hashes
    assert again.mark != made.mark
    assert made.mark == made.id.replace("-", "")[:12]
    heard = read_sound(folder / made.files.sound)[0]
    assert samples_digest(heard) != made.hashes.samples
    assert np.abs(heard).max() < 1.0


def test_a_long_enough_take_is_read_back_when_it_is_stripped(tmp_path: Path, media: dict[str, Path]) -> None:
    made_shot = MadeShot(width=64, height=36, frames=50, words=Words(prompt="rain"))
    made_shot.write(tmp_path / "shot")
    made = generate(tmp_path / "shot", tmp_path / "take", Options("sketch"), quiet)
    assert read_mark(tmp_path / "take" / "clip.mp4") == made.mark


def test_a_remix_names_its_parent_and_a_tampered_one_stops_it(take: tuple[Path, Take], tmp_path: Path) -> None:
    folder, made = take
    remix = MadeShot(width=32, height=32, frames=4)
    remix.write(tmp_path / "remix")
    write_document(tmp_path / "remix" / "shot.json", replace(remix.shot(), take=made.id))
    generate(tmp_path / "remix", tmp_path / "child", Options("sketch"), quiet)
    (clip, *_) = verify([tmp_path / "child" / "clip.mp4"], Settings())
    (parent,) = clip.verdict.ingredients
    assert (parent["relationship"], parent["signed"], parent["codes"]) == ("parentOf", True, [])
    assert made.id in parent["description"]

    data = bytearray((folder / "clip.mp4").read_bytes())
    data[data.find(b"mdat") + 100] ^= 1
    (folder / "clip.mp4").write_bytes(data)
    with pytest.raises(ContractError, match=r"is tampered \(assertion\.bmffHash\.mismatch\)"):
        generate(tmp_path / "remix", tmp_path / "stopped", Options("sketch"), quiet)
    assert not (tmp_path / "stopped").exists()
    taken = generate(tmp_path / "remix", tmp_path / "taken", Options("sketch", accept=("tampered",)), quiet)
    assert taken.accepted == ["clip.mp4: tampered"]
    (clip, *_) = verify([tmp_path / "taken" / "clip.mp4"], Settings())
    assert clip.verdict.ingredients[0]["codes"] == ["assertion.bmffHash.mismatch"]


def test_a_chain_says_so_even_where_its_parent_is_not_at_hand(tmp_path: Path) -> None:
    gone = "11111111-2222-4333-8444-555555555555"
    made = MadeShot(width=32, height=32, frames=4)
    made.write(tmp_path / "shot")
    (tmp_path / "shot" / "key.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    reference = Reference("keyframe", "key.png", frame=1)
    write_document(tmp_path / "shot" / "shot.json", replace(made.shot(), take=gone))
    generate(tmp_path / "shot", tmp_path / "take", Options("sketch"), quiet)
    (clip,) = verify([tmp_path / "take" / "clip.mp4"], Settings())
    assert "not at hand" in clip.verdict.ingredients[0]["description"]
    assert read_take(tmp_path / "take").parents == [gone]
    write_document(tmp_path / "shot" / "shot.json", replace(made.shot(), references=[reference]))
    with pytest.raises(ContractError, match=r"references\[0\].*truncated"):
        generate(tmp_path / "shot", tmp_path / "other", Options("sketch"), quiet)
