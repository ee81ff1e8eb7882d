"""Making clips: crashes are passed over and told, what is there stays, nothing is half there.

The Blender is a stand-in, a script of a few lines, for a real one does not crash when told; tests/blender makes a real clip.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from made_shot import MadeShot

from engine.command import main
from engine.media.sound_file import read_sound
from engine.training.clips import clips_in, read_clip
from engine.training.data.count import counted
from engine.training.data.make import Order, addon_python, failures, make, seeds_of
from sora_addon.contract import ContractError
from sora_addon.scenes.training.recipe import recipe

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script with a first line")

STAND_IN = """#!{python}
import json, pathlib, shutil, sys
said = sys.argv[sys.argv.index("--seeds") + 1 :]
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
for seed in said:
    folder = out / (seed + ".partial")
    folder.mkdir()
    with open("{log}", "a") as log:
        print(seed, file=log)
    if seed in {bad!r}:
        print("Segmentation fault", file=sys.stderr)
        sys.exit(11)
    shutil.copytree("{clip}", folder, dirs_exist_ok=True)
    print(json.dumps({{"seed": int(seed), "stage": "made"}}), flush=True)
"""


@pytest.fixture
def blender(tmp_path: Path) -> Path:
    """A stand-in that crashes at the seeds 3 and 4."""
    clip = tmp_path / "clip"
    MadeShot(frames=4).write(clip / "shot")
    (clip / "truth").mkdir()
    made = recipe(3, "sync")
    about = {**made.as_dict(), "room": "hall", "first": 1, "last": 4, "styles": [], "bodies": []}
    (clip / "clip.json").write_text(json.dumps(about), encoding="utf-8")
    script = tmp_path / "blender"
    log = tmp_path / "asked"
    script.write_text(STAND_IN.format(python=sys.executable, log=log, bad=["3", "4"], clip=clip), encoding="utf-8")
    script.chmod(0o755)
    return script


def test_crashes_are_passed_over_and_the_rest_is_made_once(tmp_path: Path, blender: Path) -> None:
    out, asked = tmp_path / "sync", tmp_path / "asked"
    told: list[tuple[int, int]] = []
    result = make(Order("sync", range(1, 9), out, blender), lambda stage, step, total: told.append((step, total)))
    assert (result.made, result.kept, result.failed) == (6, 0, 2)
    assert failures(out) == {3, 4}
    assert "Segmentation fault" in (out / "failed.jsonl").read_text(encoding="utf-8")
    assert [int(clip.name) for clip in clips_in(out)] == [1, 2, 5, 6, 7, 8]
    assert not list(out.glob("*.partial"))
    assert told[-1] == (8, 8)
    assert told == sorted(told)
    asked.unlink()
    again = make(Order("sync", range(1, 9), out, blender), lambda *told: None)
    assert (again.made, again.kept, again.failed) == (0, 6, 0)
    assert not asked.exists()
    assert make(Order("sync", range(3, 5), out, blender, again=True), lambda *told: None).failed == 2


def test_a_clip_has_its_sound_and_is_read_back(
    tmp_path: Path, blender: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sync"
    words = ["data", "make", "--set", "sync", "--seeds", "7", "--out", str(out), "--blender-python", str(blender)]
    assert main(words) == 0
    assert "1 made" in capsys.readouterr().out
    clip = read_clip(out / "7")
    assert clip.sound().shape == (clip.shot.time.samples, 2)
    assert clip.sound().any()
    stems = sorted(path.stem for path in (out / "7" / "truth" / "stems").iterdir())
    assert stems == ["ambience", "friction", "impacts", "steps", "water"]
    whole = sum(read_sound(out / "7" / "truth" / "stems" / f"{name}.wav")[0] for name in stems)
    assert abs(whole - clip.sound()).max() < 1e-5
    assert main(["data", "count", str(out)]) == 0
    assert counted(out).startswith("1 clips, 4 frames")


def test_a_left_over_half_is_thrown_away(tmp_path: Path, blender: Path) -> None:
    out = tmp_path / "sync"
    (out / "5").mkdir(parents=True)
    (out / "5" / "old").touch()
    assert make(Order("sync", range(5, 6), out, blender), lambda *told: None).made == 1
    assert not (out / "5" / "old").exists()


def test_seeds_are_a_number_or_two() -> None:
    assert list(seeds_of("7")) == [7]
    assert seeds_of("0-399") == range(400)
    for wrong in ("", "a", "5-3", "1-", "-4", "1-2-3"):
        with pytest.raises(ContractError, match="--seeds"):
            seeds_of(wrong)


def test_a_python_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORA_ADDON_PYTHON", str(tmp_path / "nowhere"))
    with pytest.raises(ContractError, match="nowhere"):
        addon_python(None)
