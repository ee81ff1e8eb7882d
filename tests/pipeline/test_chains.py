"""Chains: each backend goes on from what the one before it made, and the take tells of all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_backends import Inverts, made_up  # noqa: F401
from made_shot import MadeShot

from engine.backends.protocol import Cancelled
from engine.command import main
from engine.media.sound_file import read_sound
from engine.pipeline import stages
from engine.pipeline.generate import Options, generate
from engine.pipeline.spool import room_needed
from engine.trust.credentials.manifest import take_facts
from sora_addon.contract import ContractError, Link, SoundMix, Steer, Words, read_shot, read_take

pytestmark = pytest.mark.usefixtures("made_up")


def quiet(stage: str, step: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def shot_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chains") / "shot"
    MadeShot(
        width=48,
        height=32,
        frames=8,
        drop=0.1,
        words=Words(prompt="wind", settings={"steps": 3}, controls=[Steer("depth")]),
    ).write(folder)
    return folder


@pytest.fixture(scope="module")
def alone(shot_folder: Path) -> Path:
    generate(shot_folder, shot_folder.parent / "alone", Options("sketch"), quiet)
    return shot_folder.parent / "alone"


def seen(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The frames of every take from now on, before they are marked and encoded."""
    found: list[np.ndarray] = []
    look = stages.moderate_clip
    monkeypatch.setattr(
        stages, "moderate_clip", lambda frames, *rest: (found.append(frames.copy()), look(frames, *rest))
    )
    return found


def test_a_picture_goes_on_from_the_one_before(shot_folder: Path, tmp_path: Path, monkeypatch) -> None:
    frames = seen(monkeypatch)
    generate(shot_folder, tmp_path / "alone", Options("sketch"), quiet)
    chain = (Link("inverts", "both", {"level": 0.0}),)
    take = generate(shot_folder, tmp_path / "take", Options("sketch", chain=chain), quiet)
    assert np.array_equal(frames[1], 255 - frames[0])
    assert read_take(tmp_path / "take") == take
    first, second = take.chain
    assert (take.backend.name, first.backend.name, second.backend.name) == ("sketch", "sketch", "inverts")
    assert (first.gives, second.gives) == ("both", "both")
    assert first.frames == read_take(tmp_path / "alone").hashes.frames
    assert second.frames == take.hashes.frames != first.frames
    assert (first.backend.settings, second.backend.settings) == ({"steps": 3}, {"level": 0.0})
    seen_words = Inverts.asked[0].shot.words
    assert seen_words.settings == {"level": 0.0}, "a link sees its own settings alone"
    assert seen_words.controls == [], "controls speak to the first backend"
    assert [stage.note for stage in take.stages if stage.name == "backend"] == ["sketch inverts"]


def test_two_takes_of_one_chain_are_the_same(shot_folder: Path, tmp_path: Path) -> None:
    options = Options("sketch", chain=(Link("inverts"), Link("hums", "sound")))
    first = generate(shot_folder, tmp_path / "one", options, quiet)
    assert generate(shot_folder, tmp_path / "two", options, quiet).hashes == first.hashes


def test_a_link_that_gives_sound_leaves_the_picture(shot_folder: Path, alone: Path, tmp_path: Path) -> None:
    before = read_take(alone)
    for name, joint in (("hums", 0.5), ("inverts", 0.25)):
        options = Options("sketch", chain=(Link(name, "sound"),), mix=SoundMix("joint"))
        take = generate(shot_folder, tmp_path / name, options, quiet)
        assert take.hashes.frames == before.hashes.frames
        assert take.chain[1].frames == ""
        stem, _ = read_sound(tmp_path / name / take.files.stems["joint"])
        assert len(stem) == take.samples
        assert np.allclose(stem, joint, atol=1e-4)
        assert take.mix == SoundMix("joint")
        assert take.hashes.samples != before.hashes.samples


def test_a_link_that_gives_a_picture_leaves_the_sound(shot_folder: Path, alone: Path, tmp_path: Path) -> None:
    take = generate(shot_folder, tmp_path / "take", Options("sketch", chain=(Link("inverts", "picture"),)), quiet)
    assert take.hashes.samples == read_take(alone).hashes.samples
    assert "joint" not in take.files.stems
    assert take.mix is None


def test_sound_goes_on_from_sound(shot_folder: Path, tmp_path: Path) -> None:
    options = Options(
        "sketch", chain=(Link("inverts", "both", {"level": 0.5}), Link("hums", "sound")), mix=SoundMix("joint")
    )
    take = generate(shot_folder, tmp_path / "take", options, quiet)
    stem, _ = read_sound(tmp_path / "take" / take.files.stems["joint"])
    assert np.allclose(stem, 0.25, atol=1e-4)


def test_the_foley_alone_is_what_it_was(shot_folder: Path, alone: Path, tmp_path: Path) -> None:
    options = Options("sketch", chain=(Link("hums", "sound"),), mix=SoundMix("foley"))
    take = generate(shot_folder, tmp_path / "take", options, quiet)
    assert take.hashes.samples == read_take(alone).hashes.samples
    assert "joint" in take.files.stems, "it can still be mixed by hand"


@pytest.mark.parametrize("stage", ["sketch", "inverts 2", "inverts 3"])
def test_a_cancel_in_any_link_leaves_nothing(shot_folder: Path, tmp_path: Path, stage: str) -> None:
    def cancel(at: str, step: int, total: int) -> None:
        if at == stage:
            raise Cancelled

    with pytest.raises(Cancelled):
        generate(shot_folder, tmp_path / "take", Options("sketch", chain=(Link("inverts"), Link("inverts"))), cancel)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (Options("hums"), "backend"),
        (Options("sketch", chain=(Link("dream"),)), "chain[0].backend"),
        (Options("sketch", chain=(Link("inverts"), Link("hums", "picture"))), "chain[1].gives"),
        (Options("sketch", chain=(Link("sketch", "sound"),)), "chain[0].gives"),
        (Options("sketch", chain=(Link("shorter"),)), "sound"),
    ],
)
def test_what_cannot_follow_is_named(shot_folder: Path, tmp_path: Path, options: Options, field: str) -> None:
    with pytest.raises(ContractError) as caught:
        generate(shot_folder, tmp_path / "take", options, quiet)
    assert caught.value.field == field
    assert list(tmp_path.iterdir()) == []


def test_every_picture_of_a_chain_needs_room(shot_folder: Path) -> None:
    shot = read_shot(shot_folder)
    picture = 8 * 48 * 32 * 3
    assert room_needed(shot, pictures=3) - room_needed(shot) == 2 * picture


def test_credentials_name_all_and_tell_nothing_of_the_studio(shot_folder: Path, tmp_path: Path) -> None:
    secret = {"server": "https://render-7.studio.example", "model": "/mnt/weights", "level": 0.1}
    take = generate(shot_folder, tmp_path / "take", Options("sketch", chain=(Link("inverts", "both", secret),)), quiet)
    facts = take_facts(take)
    assert [made["name"] for made in facts["chain"]] == ["sketch", "inverts"]
    assert facts["chain"][1]["settings"] == {"level": 0.1}
    signed = (tmp_path / "take" / "clip.mp4").read_bytes()
    assert b"studio.example" not in signed
    assert b"/mnt/weights" not in signed
    assert b"sketch + inverts" in signed
    assert take.chain[1].backend.settings == secret


def test_a_chain_from_the_command_line(shot_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "take"
    link = '{"backend": "inverts", "gives": "both", "settings": {"level": 0.1}}'
    arguments = ["generate", str(shot_folder), "--backend", "sketch", "--out", str(out), "--progress", "none"]
    assert main([*arguments, "--then", link, "--then", "hums", "--sound", "joint", "--duck", "6"]) == 0
    take = read_take(out)
    assert [made.backend.name for made in take.chain] == ["sketch", "inverts", "hums"]
    assert take.mix == SoundMix("joint", 6.0)
    for wrong in ('{"backend": "inverts", "gives": "all"}', "dream"):
        assert main([*arguments[:-3], str(tmp_path / "other"), "--progress", "none", "--then", wrong]) == 2
        assert "engine: " in capfd.readouterr().err
