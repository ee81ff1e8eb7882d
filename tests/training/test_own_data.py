"""Clips of an artist's own scenes: made once, made again where the scene or the asking changed.

The Blender is a stand-in, a script of a few lines; tests/blender makes real ones.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.command import main
from engine.training.cache import is_watched
from engine.training.clips import clips_in
from engine.training.data.own import OwnOrder, make_own, number_of
from sora_addon.contract import ContractError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script with a first line")

STAND_IN = """#!{python}
import json, pathlib, sys
asked = dict(zip(sys.argv[4::2], sys.argv[5::2]))
scene, out = sys.argv[3], pathlib.Path(asked["--out"])
if "bad" in scene:
    print("Error: the scene has no camera", file=sys.stderr)
    sys.exit(2)
for number in sys.argv[sys.argv.index("--numbers") + 1 :]:
    if "short" in scene:
        break
    with open("{log}", "a") as log:
        print(number, file=log)
    folder = out / (number + ".partial")
    folder.mkdir()
    about = {{name: int(asked["--" + name]) for name in ("clips", "frames", "samples")}}
    about = {{"scene": scene, "prompt": asked["--prompt"], **about}}
    about = {{"first": 1, "last": 4, "clay": True, "bodies": [], "asked": about}}
    (folder / "clip.json").write_text(json.dumps(about))
    print(json.dumps({{"seed": int(number), "stage": "made"}}), flush=True)
"""


@pytest.fixture
def order(tmp_path: Path) -> OwnOrder:
    script = tmp_path / "blender"
    script.write_text(STAND_IN.format(python=sys.executable, log=tmp_path / "asked"), encoding="utf-8")
    script.chmod(0o755)
    scenes = [tmp_path / "street.blend", tmp_path / "yard.blend"]
    for scene in scenes:
        scene.touch()
    return OwnOrder(scenes, tmp_path / "look", script, clips=3, prompt="rain at night")


def asked(order: OwnOrder) -> list[int]:
    """What the stand-in has made since the last look."""
    log = order.python.with_name("asked")
    numbers = [int(line) for line in log.read_text().split()] if log.exists() else []
    log.unlink(missing_ok=True)
    return numbers


def test_each_scene_has_clips_of_its_own_and_they_are_made_once(order: OwnOrder) -> None:
    told: list[tuple[int, int]] = []
    result = make_own(order, lambda stage, step, total: told.append((step, total)))
    street, yard = map(number_of, order.scenes)
    wanted = [*range(street, street + 3), *range(yard, yard + 3)]
    assert (result.made, result.kept) == (6, 0)
    assert asked(order) == wanted
    assert sorted(int(clip.name) for clip in clips_in(order.out)) == sorted(wanted)
    assert told[-1] == (6, 6)
    assert [is_watched(order.out / str(number)) for number in wanted] == [True, False, False] * 2
    again = make_own(order, lambda *told: None)
    assert (again.made, again.kept, asked(order)) == (0, 6, [])


def test_what_changed_is_made_again_and_no_more(order: OwnOrder) -> None:
    make_own(order, lambda *told: None)
    asked(order)
    street, yard = map(number_of, order.scenes)
    shutil.rmtree(order.out / str(street + 1))
    make_own(order, lambda *told: None)
    assert asked(order) == [street + 1]
    later = (order.out / str(yard) / "clip.json").stat().st_mtime + 10
    os.utime(order.scenes[1], (later, later))
    make_own(order, lambda *told: None)
    assert asked(order) == [yard, yard + 1, yard + 2]
    os.utime(order.scenes[1], (0, 0))
    assert make_own(replace(order, prompt="snow"), lambda *told: None).made == 6


def test_a_scene_that_gives_nothing_is_named_with_the_reason(order: OwnOrder, tmp_path: Path) -> None:
    bad = tmp_path / "bad.blend"
    bad.touch()
    with pytest.raises(ContractError, match=r"bad.blend.*gave no clip \(exit 2: Error: the scene has no camera\)"):
        make_own(replace(order, scenes=[*order.scenes, bad]), lambda *told: None)
    assert len(clips_in(order.out)) == 6
    short = bad.rename(tmp_path / "short.blend")
    with pytest.raises(ContractError, match=r"short.blend.*gave no clip \(exit 0: nothing was said\)"):
        make_own(replace(order, scenes=[short]), lambda *told: None)
    with pytest.raises(ContractError, match=r"none.blend.*is not a file"):
        make_own(replace(order, scenes=[tmp_path / "none.blend"]), lambda *told: None)


@pytest.mark.parametrize("wrong", [{"clips": 0}, {"clips": 101}, {"frames": 2}, {"samples": 0}])
def test_figures_out_of_bounds_are_named(order: OwnOrder, wrong: dict[str, int]) -> None:
    with pytest.raises(ContractError, match=f"--{next(iter(wrong))}"):
        make_own(replace(order, **wrong), lambda *told: None)  # type: ignore[arg-type]


def test_scenes_or_seeds_and_not_both(order: OwnOrder, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(order.out), "--blender-python", str(order.python)]
    scene = str(order.scenes[0])
    for words in ([], [scene, "--set", "look", "--seeds", "1"], ["--set", "look"]):
        assert main(["data", "make", *words, *out]) == 2
        assert "both --set and --seeds" in capsys.readouterr().err
    assert main(["data", "make", scene, "--clips", "2", *out]) == 0
    assert "2 made" in capsys.readouterr().out
