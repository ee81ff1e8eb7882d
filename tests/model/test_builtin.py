"""The backend: frames and sound of a shot in windows, through the pipeline's own protocol."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from made_shot import MadeShot

from engine.backends import builtin, registry
from engine.backends.plates import LOOKS_FOR_KEYS, Keys, frames_for_keys
from engine.backends.protocol import Cancelled, Request
from engine.controls.motion import NEEDED, carried
from engine.media.clip import write_clip
from engine.media.passes import Passes
from engine.model.conditioning import (
    AMBIENT,
    CHANNELS,
    LAYOUT,
    LEVEL,
    WHERE,
    conditioning,
    from_bytes,
    shot_numbers,
    to_bytes,
)
from engine.model.runner import Runner
from engine.sound import foley, mix
from sora_addon.contract import ContractError, Reference, Words, read_shot

FRAMES = 9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shots") / "shot"
    MadeShot(width=64, height=40, frames=FRAMES, words=Words(prompt="two balls", style="noir", seed=5)).write(path)
    return path


@pytest.fixture
def model(little_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(little_folder, tmp_path / "model")
    monkeypatch.setattr("engine.model.runner.BUILT_IN", tmp_path / "model")
    return tmp_path / "model"


def request(folder: Path, progress=lambda *a: None, **words: object) -> Request:
    shot = read_shot(folder)
    shot = replace(shot, words=replace(shot.words, **words))
    return Request(shot, Passes(folder, shot), folder, progress)


def frames(folder: Path, **words: object) -> np.ndarray:
    return np.stack(list(registry.backend("builtin").frames(request(folder, **words))))


def test_frames_are_the_shots_own_and_repeat_to_the_bit(folder: Path, model: Path) -> None:
    first = frames(folder)
    assert first.shape == (FRAMES, 40, 64, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, frames(folder))
    assert not np.array_equal(first, frames(folder, seed=6))
    assert not np.array_equal(first, frames(folder, prompt="snow falls"))
    assert not np.array_equal(first, frames(folder, settings={"steps": 1}))


def test_windows_agree(folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = frames(folder).astype(int)
    monkeypatch.setattr(builtin, "CORE", 3)
    apart = np.abs(frames(folder).astype(int) - whole)
    assert apart.mean() < 0.05
    assert apart.max() <= 3


def test_memory_does_not_grow_with_length(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin, "CORE", 3)
    held: list[int] = []
    sizes: list[int] = []
    window = builtin._Session.window

    def watched(self: builtin._Session, start: int, stop: int) -> Iterator[np.ndarray]:
        yield from window(self, start, stop)
        held.append(len(self.held))
        sizes.append(sum(part.planes.nbytes for part in self.held))

    monkeypatch.setattr(builtin._Session, "window", watched)
    MadeShot(width=48, height=32, frames=20).write(tmp_path / "long")
    assert len(frames(tmp_path / "long")) == 20
    assert max(held[2:]) == held[2] <= builtin.CORE + 2 * builtin.OVERLAP
    assert len(sizes) == 7
    assert sizes[2] == sizes[5]


def test_only_the_bodies_that_may_change_do(folder: Path, model: Path) -> None:
    plain = frames(folder, style="clay", settings={"departure": 0.05, "steps": 1}).astype(int)
    shot = read_shot(folder)
    changed = frames(folder, style="clay", settings={"change": [3]}).astype(int)
    other = frames(folder, style="clay", settings={"change": [3]}, seed=8).astype(int)
    body = np.stack([Passes(folder, shot).frame(shot.time.first + i, only=("body",))["body"] for i in range(FRAMES)])
    assert np.array_equal(changed[body != 3], other[body != 3])
    assert not np.array_equal(changed[body == 3], other[body == 3])
    assert plain.shape == changed.shape


def test_it_begins_with_an_earlier_take(folder: Path, model: Path, tmp_path: Path) -> None:
    earlier = np.zeros((FRAMES, 40, 64, 3), np.uint8)
    earlier[:, :, 32:] = 255
    shot = read_shot(folder)
    shutil.copytree(folder, tmp_path / "shot")
    write_clip(
        tmp_path / "shot" / "take.mp4",
        iter(earlier),
        np.zeros((shot.time.samples, 2), np.float32),
        shot.time.rate,
        shot.size,
    )
    settings = {"change": [3], "departure": 0.5}
    referring = replace(
        shot, words=replace(shot.words, style="clay", settings=settings), references=[Reference("take", "take.mp4")]
    )
    asked = Request(referring, Passes(tmp_path / "shot", referring), tmp_path, lambda *a: None)
    seen = np.stack(list(registry.backend("builtin").frames(asked))).astype(int)
    body = np.stack([asked.passes.frame(shot.time.first + i, only=("body",))["body"] for i in range(FRAMES)])
    assert np.abs(seen - earlier)[body != 3].mean() < 4
    assert np.abs(seen - earlier)[body == 3].mean() > 10


def test_a_painted_frame_is_kept_and_holds_to_its_surfaces(folder: Path, model: Path, tmp_path: Path) -> None:
    shot = read_shot(folder)
    shutil.copytree(folder, tmp_path / "shot")
    painted = np.random.default_rng(4).integers(0, 256, (40, 64, 3), np.uint8)
    painted = cv2.GaussianBlur(painted, (0, 0), 3.0)
    cv2.imwrite(str(tmp_path / "shot" / "painted.png"), painted[..., ::-1])
    at = shot.time.first + 4

    def made(*references: Reference) -> np.ndarray:
        referring = replace(shot, references=list(references))
        asked = Request(referring, Passes(tmp_path / "shot", referring), tmp_path, lambda *a: None)
        return np.stack(list(registry.backend("builtin").frames(asked)))

    plain, whole = made(), made(Reference("keyframe", "painted.png", frame=at))
    half = made(Reference("keyframe", "painted.png", frame=at, strength=0.5))
    assert np.array_equal(whole[4], painted)
    off = [np.abs(frame.astype(int) - painted).mean() for frame in (plain[4], half[4])]
    assert 0 < off[1] < off[0]
    passes = Passes(folder, shot)
    places, seen = carried(lambda number: passes.frame(number, only=NEEDED), at + 2, at)
    x, y = (np.ascontiguousarray(places[..., axis] - 0.5, np.float32) for axis in (0, 1))
    held = cv2.remap(painted, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(int)
    inner = cv2.erode(seen.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert inner.sum() > 200
    assert np.abs(whole[6] - held)[inner].mean() < 0.35 * np.abs(plain[6] - held)[inner].mean()
    cv2.imwrite(str(tmp_path / "shot" / "small.png"), painted[:20])
    with pytest.raises(ContractError, match="shot's size"):
        made(Reference("keyframe", "small.png", frame=at))


def test_sound_is_what_the_dry_stems_lack(folder: Path, model: Path) -> None:
    asked = request(folder)
    made = registry.backend("builtin")
    list(made.frames(asked))
    sound = made.sound(asked)
    assert sound is not None
    assert sound.shape == (asked.shot.time.samples, 2)
    assert np.isfinite(sound).all()
    assert np.abs(sound + mix(foley(asked.shot), None)).max() > 0
    silent = request(folder, settings={"sound": False})
    list(made.frames(silent))
    assert made.sound(silent) is None


def test_the_quality_is_steps_of_the_sampler(folder: Path, model: Path) -> None:
    for quality, steps in (("draft", 1), ("standard", 2), ("fine", 4)):
        assert np.array_equal(
            frames(folder, settings={"quality": quality}), frames(folder, settings={"steps": steps, "quality": "fine"})
        ), quality
    assert not np.array_equal(frames(folder, settings={"quality": "draft"}), frames(folder))
    assert np.array_equal(frames(folder, settings={"quality": "standard"}), frames(folder))


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"quality": "best"}, "quality"),
        ({"steps": 9}, "steps"),
        ({"steps": 1.5}, "steps"),
        ({"guidance": "much"}, "guidance"),
        ({"sound": 1}, "sound"),
    ],
)
def test_a_wrong_setting_is_named(folder: Path, model: Path, settings: dict, name: str) -> None:
    with pytest.raises(ContractError, match=f"settings.{name}"):
        frames(folder, settings=settings)


def test_it_can_be_cancelled(folder: Path, model: Path) -> None:
    def cancel(stage: str, step: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        next(registry.backend("builtin").frames(request(folder, cancel)))


def test_clay_poses_are_held(folder: Path, model: Path) -> None:
    seen = frames(folder, style="claymation")
    assert all(np.array_equal(seen[i], seen[i + 1]) for i in range(0, FRAMES - 1, 2))
    assert not np.array_equal(seen[0], seen[2])


def test_listing_backends_does_not_import_torch() -> None:
    code = "import sys; from engine.command import main; main(['backends']); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


def test_what_is_told_lies_within_0_and_1_and_bytes_hold_it(folder: Path) -> None:
    shot = read_shot(folder)
    passes = Passes(folder, shot)
    told = conditioning(shot, passes, [shot.time.first, shot.time.last])
    assert told.planes.shape == (2, 40, 64, CHANNELS)
    assert 0 <= told.planes.min() <= told.planes.max() <= 1
    assert np.abs(from_bytes(to_bytes(told.planes)) - told.planes).max() <= 1 / 509
    assert sum(count for _, count in LAYOUT) == CHANNELS == WHERE["upward"].stop
    assert np.array_equal(told.numbers, shot_numbers(shot, passes))
    seen = passes.frame(shot.time.first)
    assert np.array_equal(told.planes[0][..., WHERE["sky"].start] > 0.5, seen["body"] == 0)


def test_figures_tell_how_much_light_there_is(folder: Path) -> None:
    shot = read_shot(folder)
    passes = Passes(folder, shot)
    sun = next(light for light in shot.lights if light.kind == "sun").rows[0]
    world = np.asarray(shot.world.colors[0])
    ambient = world + sun.energy * np.asarray(sun.color) / (4 * math.pi)
    told = shot_numbers(shot, passes)
    assert np.allclose(np.exp(told[AMBIENT]), ambient, rtol=1e-5)
    darker = shot_numbers(replace(shot, view=replace(shot.view, exposure=shot.view.exposure - 1)), passes)
    assert np.allclose(darker[AMBIENT] - told[AMBIENT], -math.log(2), atol=1e-5)
    assert np.allclose(darker[LEVEL] - told[LEVEL], -math.log(2), atol=0.15)


def test_only_the_words_of_bodies_are_told(folder: Path) -> None:
    shot = read_shot(folder)
    bodies = [replace(body, words="brass" if body.index == 3 else "") for body in shot.bodies]
    worded = replace(shot, bodies=bodies)
    told = conditioning(worded, Passes(folder, worded), [shot.time.first])
    assert told.texts == ("brass",)
    seen = Passes(folder, shot).frame(shot.time.first)
    assert np.array_equal(told.rows[0] == 1, seen["body"] == 3)


def test_a_fresh_install_which_has_no_torch_makes_a_take_with_the_model_in_the_box(
    folder: Path, tmp_path: Path
) -> None:
    arguments = ["generate", str(folder), "--out", str(tmp_path / "take"), "--progress", "none"]
    code = f"""
import sys

class NoTorch:
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NoTorch())
from engine.command import main
sys.exit(main({arguments!r}))
"""
    ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    made_by = json.loads((tmp_path / "take" / "take.json").read_text())["backend"]
    assert made_by["name"] == "builtin"


def test_key_lights_are_taken_once_for_all_windows(folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at, real = [], builtin.keys_of

    def counted(frames: list) -> Keys:
        looked_at.append(len(frames))
        return real(frames)

    monkeypatch.setattr(builtin, "CORE", 3)
    monkeypatch.setattr(builtin, "keys_of", counted)
    assert len(frames(folder, style="cartoon")) == FRAMES
    assert looked_at == [LOOKS_FOR_KEYS]
    assert frames_for_keys(range(10, 10 + FRAMES)) == [10, 14, 18]
    assert frames_for_keys(range(5, 6)) == [5]


def test_a_frame_is_read_once(folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shot = read_shot(folder)
    asked = Request(shot, Passes(folder, shot), folder, lambda *_: None)
    session = builtin._Session(asked, Runner(model), builtin.settings_of(shot))
    read: list[int] = []
    real = asked.passes.frame
    monkeypatch.setattr(asked.passes, "frame", lambda number, only=None: (read.append(number), real(number, only))[1])
    for start in range(0, FRAMES, builtin.CORE):
        list(session.window(start, min(start + builtin.CORE, FRAMES)))
    assert read == [shot.time.first + place for place in range(FRAMES)]
