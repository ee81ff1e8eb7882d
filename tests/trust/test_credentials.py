"""Signed files, and every way in which one stops being what was signed: each told apart with its code."""

from __future__ import annotations

import datetime
import random
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import av
import c2pa
import cv2
import numpy as np
import pytest
from made_for_trust import STATEMENT, MadeChain, now, with_parent

from engine.media.clip import clip_facts, read_clip
from engine.media.exr import write_frames_exr
from engine.media.sound_file import read_sound
from engine.trust.credentials.authority import authority, rotate
from engine.trust.credentials.container import FORMATS
from engine.trust.credentials.manifest import source_type
from engine.trust.credentials.parents import parent
from engine.trust.credentials.read import read_file
from engine.trust.credentials.sign import LISTING, sign_file, sign_frames
from engine.trust.credentials.signer import signing
from engine.trust.settings import Settings, Studio
from sora_addon.contract import ContractError

KINDS = ("mp4", "wav", "png")


@pytest.mark.parametrize("kind", KINDS)
def test_a_signed_file_is_intact_and_plays_as_before(media: dict[str, Path], settings: Settings, kind: str) -> None:
    path = media[kind]
    before = _content(path)
    sign_file(path, STATEMENT, signing(settings))
    verdict = read_file(path, settings)
    assert (verdict.state, verdict.trust, verdict.codes) == ("intact", "own", ())
    assert verdict.facts["seed"] == "7"
    assert "not on the public trust list" in verdict.signer
    assert _content(path) == before
    with path.open("rb") as stream:
        report = c2pa.Reader(FORMATS[path.suffix], stream)
        assert report.get_validation_state() == "Valid"
        labels = [assertion["label"] for assertion in report.get_active_manifest()["assertions"]]  # type: ignore[index]
    assert {"c2pa.actions.v2", "cawg.training-mining", "blender.sora.take", "c2pa.soft-binding"} <= set(labels)


@pytest.mark.parametrize("kind", KINDS)
def test_cut_stripped_and_unsigned_files_are_told_apart(media: dict[str, Path], settings: Settings, kind: str) -> None:
    path = media[kind]
    assert read_file(path, settings).codes == ("manifest.none",)
    sign_file(path, STATEMENT, signing(settings))
    whole = path.read_bytes()
    for keep in (len(whole) - 1, len(whole) - 300, len(whole) // 2, 40, 0):
        path.write_bytes(whole[:keep])
        assert read_file(path, settings).state == "truncated", keep


@pytest.mark.parametrize(("kind", "code"), [("mp4", "bmffHash"), ("wav", "dataHash"), ("png", "dataHash")])
def test_changed_content_and_changed_claims_have_the_codes_of_the_library(
    media: dict[str, Path], settings: Settings, kind: str, code: str
) -> None:
    path = media[kind]
    sign_file(path, STATEMENT, signing(settings))
    whole = path.read_bytes()
    place = {"mp4": whole.find(b"mdat") + 200, "wav": 400, "png": whole.find(b"IDAT") + 200}[kind]
    _flip(path, whole, place)
    assert f"assertion.{code}.mismatch" in read_file(path, settings).codes
    _flip(path, whole, whole.find(b"notAllowed"))
    assert "assertion.hashedURI.mismatch" in read_file(path, settings).codes


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_changed_bytes_are_all_seen(media: dict[str, Path], settings: Settings, kind: str) -> None:
    path = media[kind]
    sign_file(path, STATEMENT, signing(settings))
    whole, dice = path.read_bytes(), random.Random(kind)
    states: Counter[str] = Counter()
    for _ in range(334):
        place, bit = dice.randrange(len(whole)), 1 << dice.randrange(8)
        changed = bytearray(whole)
        changed[place] ^= bit
        path.write_bytes(changed)
        state = read_file(path, settings).state
        assert state != "intact", f"byte {place} of {len(whole)}, bit {bit}"
        states[state] += 1
    assert set(states) <= {"tampered", "truncated", "unsigned"}, states


def test_an_expired_certificate(tmp_path: Path, media: dict[str, Path]) -> None:
    chain = MadeChain(now() - datetime.timedelta(days=1), datetime.timedelta(days=1, seconds=2))
    studio = _studio(chain.write(tmp_path))
    sign_file(media["png"], STATEMENT, signing(studio))
    assert read_file(media["png"], studio).state == "intact"
    while now() <= chain.leaf.not_valid_after_utc + datetime.timedelta(seconds=1):
        time.sleep(0.1)  # the clock itself is what is waited for
    verdict = read_file(media["png"], studio)
    assert verdict.state == "expired"
    assert "signingCredential.expired" in verdict.codes
    with pytest.raises(ContractError, match="cannot be signed"):
        sign_file(media["wav"], STATEMENT, signing(studio))


def test_strangers_and_studios(tmp_path: Path, media: dict[str, Path], settings: Settings) -> None:
    studio = _studio(MadeChain(now() - datetime.timedelta(days=1), datetime.timedelta(days=99)).write(tmp_path))
    sign_file(media["mp4"], STATEMENT, signing(studio))
    stranger = read_file(media["mp4"], settings)
    assert (stranger.state, stranger.codes) == ("untrusted", ("signingCredential.untrusted",))
    known = read_file(media["mp4"], studio)
    assert (known.state, known.trust) == ("intact", "studio")


def test_rotation_keeps_what_was_signed_before(media: dict[str, Path], settings: Settings, trust_home: Path) -> None:
    first = authority()
    sign_file(media["mp4"], STATEMENT, signing(settings))
    second = rotate()
    assert (second.root, second.leaf != first.leaf) == (first.root, True)
    sign_file(media["wav"], STATEMENT, signing(settings))
    third = rotate(root_too=True)
    assert third.root != first.root
    sign_file(media["png"], STATEMENT, signing(settings))
    for kind in KINDS:
        assert read_file(media[kind], settings).trust == "own"
    assert sorted(path.name for path in trust_home.rglob("*.key")) == ["leaf.key", "root.key"]


def test_a_sidecar_holds_exr_frames_together(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for i in range(3):
        write_frames_exr(folder / f"frame_{i}.exr", np.full((4, 6, 3), i, np.float32))
    assert read_file(folder / LISTING, settings).state == "unsigned"
    sign_frames(folder, STATEMENT, signing(settings))
    assert read_file(folder / LISTING, settings).state == "intact"
    whole = (folder / "frame_1.exr").read_bytes()
    _flip(folder / "frame_1.exr", whole, 100)
    assert read_file(folder / LISTING, settings).codes == ("frame.changed:frame_1.exr",)
    (folder / "frame_1.exr").unlink()
    missing = read_file(folder / LISTING, settings)
    assert (missing.state, missing.codes) == ("truncated", ("frame.missing:frame_1.exr",))
    (folder / "frame_1.exr").write_bytes(whole)
    text = (folder / LISTING).read_bytes()
    _flip(folder / LISTING, text, 5)
    assert "assertion.dataHash.mismatch" in read_file(folder / LISTING, settings).codes


def test_a_tampered_parent_stops_its_child_unless_it_is_accepted(media: dict[str, Path], settings: Settings) -> None:
    who = signing(settings)
    sign_file(media["mp4"], STATEMENT, who)
    sound = parent(media["mp4"], "parentOf", settings, identity="the parent")
    sign_file(media["png"], with_parent(sound), who)
    child = read_file(media["png"], settings)
    assert (child.state, child.ingredients[0]["codes"], child.ingredients[0]["signed"]) == ("intact", [], True)
    assert _actions(child.report) == ["c2pa.opened", "c2pa.edited", "c2pa.watermarked.bound"]
    whole = media["mp4"].read_bytes()
    _flip(media["mp4"], whole, whole.find(b"mdat") + 200)
    with pytest.raises(ContractError, match=r"tampered \(assertion\.bmffHash\.mismatch\)"):
        parent(media["mp4"], "parentOf", settings)
    taken = parent(media["mp4"], "parentOf", settings, accept=("tampered",))
    sign_file(media["wav"], with_parent(taken), who)
    child = read_file(media["wav"], settings)
    assert child.ingredients[0]["codes"] == ["assertion.bmffHash.mismatch"]
    assert "accepted by the artist although tampered" in child.ingredients[0]["description"]
    grandchild = parent(media["wav"], "parentOf", settings)
    assert grandchild.accepted == "made from something tampered"


def test_what_a_scene_conditioned_is_a_composite() -> None:
    assert source_type(trained=True) == "compositeWithTrainedAlgorithmicMedia"
    assert source_type(trained=False) == "compositeSynthetic"


def test_a_copy_without_the_manifest_is_unsigned(media: dict[str, Path], settings: Settings, tmp_path: Path) -> None:
    sign_file(media["mp4"], STATEMENT, signing(settings))
    copy = tmp_path / "copy.mp4"
    with av.open(str(media["mp4"])) as source, av.open(str(copy), "w") as target:
        streams = {stream: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream]
                target.mux(packet)
    assert read_file(copy, settings).codes == ("manifest.none",)


def test_anything_else_cannot_be_signed(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "notes.txt").write_text("no")
    with pytest.raises(ContractError, match="holds no credentials"):
        sign_file(tmp_path / "notes.txt", STATEMENT, signing(settings))
    assert read_file(tmp_path / "notes.txt", settings).state == "unreadable"


def test_fields_of_a_statement_reach_the_manifest(media: dict[str, Path]) -> None:
    settings = Settings(training="constrained")
    sign_file(media["wav"], replace(STATEMENT, training="constrained", mark=""), signing(settings))
    report = read_file(media["wav"], settings).report
    assertions = {
        entry["label"]: entry["data"] for entry in report["manifests"][report["active_manifest"]]["assertions"]
    }
    assert assertions["cawg.training-mining"]["entries"]["cawg.ai_training"]["use"] == "constrained"
    assert "c2pa.soft-binding" not in assertions
    assert assertions["c2pa.actions.v2"]["actions"][0]["digitalSourceType"].endswith(STATEMENT.source_type)


def _studio(folder: Path) -> Settings:
    names = {name: str(folder / f"{name}.pem") for name in ("chain", "key")}
    return Settings(studio=Studio(**names, anchors=str(folder / "root.pem")))


def _flip(path: Path, whole: bytes, place: int) -> None:
    changed = bytearray(whole)
    changed[place] ^= 1
    path.write_bytes(changed)


def _actions(report: dict) -> list[str]:
    active = report["manifests"][report["active_manifest"]]
    return [action["action"] for entry in active["assertions"] for action in entry["data"].get("actions", [])]


def _content(path: Path) -> object:
    if path.suffix == ".mp4":
        return clip_facts(path), [frame.tobytes() for frame in read_clip(path)]
    if path.suffix == ".wav":
        return read_sound(path)[0].tobytes()
    return cv2.imread(str(path)).tobytes()
