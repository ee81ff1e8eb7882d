"""A clip made for real: built, exported by the add-on's exporter, rendered by Cycles, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from real_blender import ROOT

from sora_addon.contract import read_shot
from sora_addon.scenes.training.recipe import recipe

pytestmark = pytest.mark.bpy

# the second has clay, an imported mesh of a held-out shape, and light and weather that only its words tell
LOOK, HELD = 10, 100022


def make(out: Path, which: str, seed: int) -> Path:
    command = [sys.executable, "-m", "sora_addon.scenes.training", "--set", which, "--seeds", str(seed)]
    command += ["--frames", "4", "--samples", "1", "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert said[-1] == {"seed": seed, "stage": "made"}
    assert {line["stage"] for line in said} >= {"frames", "truth"}
    return out / f"{seed}.partial"


@pytest.mark.parametrize(("which", "seed"), [("look", LOOK), ("held", HELD)])
def test_a_clip_is_whole(tmp_path: Path, which: str, seed: int) -> None:
    made = recipe(seed, which, frames=4, samples=1)  # type: ignore[arg-type]
    folder = make(tmp_path, which, seed)
    about = json.loads((folder / "clip.json").read_text(encoding="utf-8"))
    assert made.clay
    assert about["seed"] == seed
    assert about["clay"] is True
    assert about["split"] == ("held" if which == "held" else "train")
    assert about["last"] - about["first"] == 3
    shot = read_shot(folder / "shot")
    assert (shot.time.first, shot.time.last) == (about["first"], about["last"])
    assert (shot.size.width, shot.size.height) == (256, 144)
    assert shot.words.prompt == about["prompt"]
    names = {body.name for body in shot.bodies}
    assert {body["name"] for body in about["bodies"]} <= names
    for number in range(about["first"], about["last"] + 1):
        for kind in ("frame", "clay"):
            path = folder / "truth" / f"{kind}_{number:07d}.exr"
            assert path.read_bytes()[:4] == b"\x76\x2f\x31\x01"
            assert path.stat().st_size > 20_000


def test_the_same_seed_is_the_same_shot(tmp_path: Path) -> None:
    first, second = (make(tmp_path / name, "look", LOOK) for name in ("a", "b"))
    kept = [json.loads((folder / "shot" / "shot.json").read_text(encoding="utf-8")) for folder in (first, second)]
    for key in ("camera", "lights", "materials", "words", "room", "world"):
        assert kept[0][key] == kept[1][key], key
    assert [body["rows"] for body in kept[0]["bodies"]] == [body["rows"] for body in kept[1]["bodies"]]
    assert [contact["time"] for contact in kept[0]["contacts"]] == [contact["time"] for contact in kept[1]["contacts"]]


def test_a_scene_of_ones_own_gives_clips_of_its_range(tmp_path: Path) -> None:
    scene = tmp_path / "my scene.blend"
    build = "import bpy, sys; bpy.ops.wm.read_factory_settings(); s = bpy.context.scene; s.frame_end = 9; "
    build += "bpy.ops.wm.save_as_mainfile(filepath=sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(scene)], check=True, capture_output=True)
    command = [sys.executable, "-m", "sora_addon.scenes.training.own", str(scene), "--out", str(tmp_path / "look")]
    command += ["--first", "19", "--clips", "3", "--frames", "2", "--samples", "1", "--prompt", "a cube"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command, "--numbers", "19", "21"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"seed": number, "stage": "made"} for number in (19, 21)
    ]
    for number, first in ((19, 2), (21, 7)):
        folder = tmp_path / "look" / f"{number}.partial"
        about = json.loads((folder / "clip.json").read_text(encoding="utf-8"))
        shot = read_shot(folder / "shot")
        assert (shot.time.first, shot.time.last) == (about["first"], about["last"]) == (first, first + 1)
        assert (shot.size.width, shot.size.height, shot.words.prompt) == (256, 144, "a cube")
        assert about["asked"] == {"scene": str(scene), "clips": 3, "frames": 2, "samples": 1, "prompt": "a cube"}
        names = sorted(path.name for path in (folder / "truth").iterdir())
        assert names == [f"{kind}_{frame:07d}.exr" for kind in ("clay", "frame") for frame in (first, first + 1)]
    missing = subprocess.run(
        [*command[:3], str(tmp_path / "none.blend"), *command[4:], "--numbers", "19"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert missing.returncode == 2
    assert missing.stderr.splitlines()[-1] == f"There is no scene file {tmp_path / 'none.blend'}."
