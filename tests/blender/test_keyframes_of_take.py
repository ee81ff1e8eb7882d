"""The keyframes that a take was made with come back with its settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from export_scenes import little_shot, options  # noqa: E402
from takes_for_tests import make_take  # noqa: E402

import sora_addon  # noqa: E402
from sora_addon.contract import Take, Time, read_shot  # noqa: E402
from sora_addon.export.exporter import Exporter  # noqa: E402
from sora_addon.export.options import ReferenceFile  # noqa: E402

pytestmark = pytest.mark.bpy


@pytest.fixture
def scene() -> Iterator[Any]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    sora_addon.register()
    yield little_shot()
    sora_addon.unregister()


def picture(path: Path) -> str:
    image = bpy.data.images.new(path.stem, 64, 32)
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    return str(path)


def job(scene: Any, folder: Path, references: list[ReferenceFile]) -> Take:
    """A shot with these, and a take of it, in a job's folder."""
    asked = options(scene, passes=False, references=references)
    assert [message.kind for message in Exporter(scene, scene.view_layers[0], folder / "shot", asked).run()][
        -1
    ] == "done"
    take = make_take(folder / "take", time=Time((24, 1), 1, 3), shot=read_shot(folder / "shot", passes=False).id)
    record = scene.sora.takes.add()
    record.take, record.folder = take.id, str(folder / "take")
    return take


def rows(scene: Any) -> list[tuple[str, int, float]]:
    return [(one.path, one.frame, round(one.strength, 3)) for one in scene.sora.making.keyframes]


def test_keyframes_come_back_in_place_of_those_that_are_there(scene, tmp_path) -> None:
    painted = [picture(tmp_path / f"{name}.png") for name in ("dawn", "dusk")]
    asked = [ReferenceFile("keyframe", painted[0], 1, strength=0.4), ReferenceFile("keyframe", painted[1], 3)]
    take = job(scene, tmp_path / "job", asked)
    other = scene.sora.making.keyframes.add()
    other.path, other.frame = painted[1], 2
    # What the artist has painted over meanwhile is not what the take was made with.
    Path(painted[0]).write_bytes(b"another")
    assert bpy.ops.sora.settings_from_take(take=take.id) == {"FINISHED"}
    kept = tmp_path / "job" / "shot" / "references"
    assert rows(scene) == [(str(kept / "000_dawn.png"), 1, 0.4), (str(kept / "001_dusk.png"), 3, 1.0)]
    assert all(Path(path).read_bytes()[1:4] == b"PNG" for path, _, _ in rows(scene))


def test_a_take_without_keyframes_leaves_none(scene, tmp_path) -> None:
    take = job(scene, tmp_path / "job", [])
    scene.sora.making.keyframes.add().path = picture(tmp_path / "old.png")
    assert bpy.ops.sora.settings_from_take(take=take.id) == {"FINISHED"}
    assert rows(scene) == []


@pytest.mark.parametrize("how", ["gone", "another"])
def test_keyframes_stay_where_the_shot_of_the_take_is_not_there(scene, tmp_path, how, capfd) -> None:
    take = job(scene, tmp_path / "job", [])
    told = tmp_path / "job" / "shot" / "shot.json"
    if how == "gone":
        told.unlink()
    else:
        told.write_text(json.dumps(json.loads(told.read_text()) | {"id": take.id}))
    scene.sora.making.keyframes.add().path = picture(tmp_path / "old.png")
    assert bpy.ops.sora.settings_from_take(take=take.id) == {"FINISHED"}
    assert [path for path, _, _ in rows(scene)] == [str(tmp_path / "old.png")]
    assert "left as it was: keyframes" in "".join(capfd.readouterr())
