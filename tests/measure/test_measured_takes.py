"""``engine measure`` on takes that are wrong by a known amount: each fault is seen and sized within a tenth.

Of what an artist gets: the encoded clip and the sound file of a take's folder, read by the command.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from made_shot import MadeShot
from measured_clip import MadeClip, Picture, knocks, moved

from engine.command import main
from engine.media.clip import write_clip
from engine.media.sound_file import write_sound
from engine.pipeline.generate import Options, generate
from sora_addon.contract import Measure, Report, Shot, decode, read_take

FRAMES = 24


@dataclass(frozen=True, eq=False)
class Made:
    clip: MadeClip
    shot: Shot
    folder: Path
    take: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A take whose picture and sound are right, in place of the sketch's own."""
    level = MadeShot(width=256, height=144, frames=FRAMES, drop=0.4)
    clip = MadeClip(replace(level, camera_at=lambda seconds: moved(level.camera(seconds), 4.0, (0, 0, 1))))
    folder = tmp_path_factory.mktemp("measured")
    shot = clip.made.write(folder / "shot")
    generate(folder / "shot", folder / "take", Options("sketch"), lambda stage, step, total: None)
    made = Made(clip, shot, folder / "shot", folder / "take")
    _lay(made, made.take, clip.picture, 0.0)
    return made


def _lay(made: Made, take: Path, picture: Callable[[int], Picture], late: float) -> None:
    files = read_take(take).files
    sound = knocks(made.shot, late)
    write_sound(take / files.sound, sound)
    (take / files.clip).unlink()
    frames = [picture(index) for index in range(FRAMES)]
    write_clip(take / files.clip, frames, sound, made.shot.time.rate, made.shot.size)


def measured(
    made: Made,
    into: Path,
    capsys: pytest.CaptureFixture[str],
    picture: Callable[[int], Picture] | None = None,
    late: float = 0.0,
    *more: str,
) -> dict[str, Measure]:
    """What the command says, by name, of a copy of the take with another picture or later sound."""
    take = into / "take"
    shutil.copytree(made.take, take)
    _lay(made, take, picture or made.clip.picture, late)
    capsys.readouterr()
    assert main(["measure", str(take), "--shot", str(made.folder), "--json", *more]) == 0
    report = decode(Report, json.loads(capsys.readouterr().out))
    return {measure.name: measure for measure in report.measures}


def test_a_right_take_reads_right(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(made, tmp_path, capsys, None, 0.0, "--wrong-camera")
    assert found["camera.rotation"].take < 0.05
    assert found["camera.position"].take < 0.01
    assert found["sound.onset"].take < 1.0
    assert found["motion.dropped"].take == 0
    assert found["colour.flicker"].take < 0.2
    assert found["edges.ids"].take > 0.7
    # the control: one degree beside the shot's camera is seen as one degree, and as worse in all that looks at it
    assert found["camera.rotation"].control == pytest.approx(1.0, rel=0.1)
    assert found["edges.ids"].control < 0.7 * found["edges.ids"].take
    assert found["motion.warp"].control > found["motion.warp"].take
    assert found["guide.flip"].control > 1.5 * found["guide.flip"].take
    # the baseline: the raw preview, which stands where it should and departs from itself by nothing
    assert found["guide.flip"].baseline == 0.0
    assert found["camera.rotation"].baseline < 0.05
    assert found["motion.dropped"].baseline == 0
    for name, measure in found.items():
        if name != "sound.onset":
            assert measure.baseline is not None, name
            assert measure.control is not None, name


@pytest.mark.parametrize("about", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_a_camera_off_by_half_a_degree(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str], about: tuple[float, float, float]
) -> None:
    found = measured(made, tmp_path, capsys, lambda i: made.clip.picture(i, moved(made.clip.row(i), 0.5, about)))
    assert found["camera.rotation"].take == pytest.approx(0.5, rel=0.1)
    assert found["sound.onset"].take < 1.0
    assert found["motion.dropped"].take == 0


@pytest.mark.parametrize("late", [0.020, -0.020])
def test_sound_late_and_early_by_twenty_milliseconds(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str], late: float
) -> None:
    found = measured(made, tmp_path, capsys, None, late)
    assert found["sound.onset"].take == pytest.approx(20.0, rel=0.1)
    assert found["sound.onset"].detail["offset"] == pytest.approx(1000 * late, rel=0.1)
    assert found["camera.rotation"].take < 0.05


def test_a_frame_dropped(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(made, tmp_path, capsys, lambda i: made.clip.picture(min(i + (i >= 9), FRAMES - 1)))
    assert found["motion.dropped"].take == 1
    assert found["motion.dropped"].detail["dropped_before"] == [9]
    assert found["motion.dropped"].baseline == 0


def test_a_flicker_of_one_percent(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(made, tmp_path, capsys, lambda i: made.clip.picture(i, gain=1 + 0.01 * (-1) ** i))
    assert found["colour.flicker"].take == pytest.approx(1.0, rel=0.1)
    assert found["colour.flicker"].baseline < 0.1
    assert found["camera.rotation"].take < 0.05
