"""Folders are whole or absent, and nothing in them leads outside."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from made_shot import MadeShot

from sora_addon.contract import ContractError, Time, read_shot, samples_of, shot_digest, whole_folder
from sora_addon.contract.paths import InsideFolder


@pytest.fixture
def shot_folder(tmp_path: Path) -> Path:
    MadeShot(frames=2, width=16, height=16).write(tmp_path / "shot")
    return tmp_path / "shot"


def test_reads_what_was_written(shot_folder: Path) -> None:
    assert read_shot(shot_folder).time.frames == 2
    assert shot_digest(shot_folder, read_shot(shot_folder)) == shot_digest(shot_folder, read_shot(shot_folder))


def test_digest_sees_a_changed_pass(shot_folder: Path) -> None:
    shot = read_shot(shot_folder)
    before = shot_digest(shot_folder, shot)
    path = shot_folder / "passes" / "frame_0000002.exr"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert shot_digest(shot_folder, shot) != before


def test_nothing_is_left_of_a_failed_folder(tmp_path: Path) -> None:
    def fail() -> None:
        with whole_folder(tmp_path / "take") as folder:
            (folder / "half").write_text("half")
            raise RuntimeError("cut")

    with pytest.raises(RuntimeError, match="cut"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "take").mkdir()
    with pytest.raises(ContractError, match="exists already"), whole_folder(tmp_path / "take"):
        pass


@pytest.mark.parametrize("version", [0, 3, "1", None, True])
def test_other_versions(shot_folder: Path, version: object) -> None:
    document = json.loads((shot_folder / "shot.json").read_text())
    document["version"] = version
    (shot_folder / "shot.json").write_text(json.dumps(document))
    with pytest.raises(ContractError) as caught:
        read_shot(shot_folder)
    assert caught.value.field == "version"


def test_a_shot_of_the_first_version_is_read(shot_folder: Path) -> None:
    document = json.loads((shot_folder / "shot.json").read_text())
    document["version"] = 1
    del document["words"]["controls"]
    (shot_folder / "shot.json").write_text(json.dumps(document))
    assert read_shot(shot_folder).words.controls == []


def test_missing_files(shot_folder: Path) -> None:
    (shot_folder / "passes" / "frame_0000002.exr").unlink()
    with pytest.raises(ContractError, match=r"frame_0000002\.exr.*missing.*export"):
        read_shot(shot_folder)
    (shot_folder / "shot.json").unlink()
    with pytest.raises(ContractError, match=r"shot\.json.*missing"):
        read_shot(shot_folder)


def test_a_link_that_leaves_the_folder(shot_folder: Path, tmp_path: Path) -> None:
    path = shot_folder / "passes" / "frame_0000001.exr"
    secret = tmp_path / "secret.exr"
    path.rename(secret)
    path.symlink_to(secret)
    with pytest.raises(ContractError, match="leaves its folder"):
        read_shot(shot_folder)


@pytest.mark.parametrize("path", ["../a", "/a", "a/../../b", "C:/a", "a\\b", "", " ", "~/a", "a\nb", "x" * 600])
def test_paths_that_leave(path: str) -> None:
    assert InsideFolder().problem(path)


@pytest.mark.parametrize("path", ["a", "a/b.exr", "bilder/größe 1.png"])
def test_paths_that_stay(path: str) -> None:
    assert InsideFolder().problem(path) is None


def test_samples_count_out() -> None:
    assert samples_of(24, Fraction(24000, 1001)) == 48048
    assert samples_of(1, Fraction(30000, 1001)) == 1602
    assert samples_of(100, Fraction(60000, 1001)) == 80080
    assert Time((24, 1), 1, 120).samples == 240_000
