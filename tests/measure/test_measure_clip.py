from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_shot import MadeShot
from measured_clip import MadeClip, knocks

from engine.measure import measure
from engine.measure.table import in_words, table
from engine.media.passes import Passes
from sora_addon.contract import Measure, Shot, decode, encode

NAMES = [
    "sound.onset",
    "camera.rotation",
    "camera.position",
    "motion.warp",
    "motion.dropped",
    "edges.depth",
    "edges.ids",
    "colour.drift",
    "colour.flicker",
    "guide.flip",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[MadeClip, Path, Shot]:
    made = MadeShot(width=192, height=108, frames=8, drop=0.2)
    folder = tmp_path_factory.mktemp("made") / "shot"
    return MadeClip(made), folder, made.write(folder)


def test_a_clip_is_measured_from_its_folder(folder) -> None:
    clip, path, shot = folder
    steps: list[tuple[str, int, int]] = []
    measures = measure(
        np.stack(clip.pictures()), knocks(shot), shot, Passes(path, shot), True, lambda *step: steps.append(step)
    )
    assert [item.name for item in measures] == NAMES
    by_name = {item.name: item for item in measures}
    assert steps[0] == ("measure", 0, 8)
    assert steps[-1] == ("measure", 8, 8)
    assert by_name["camera.rotation"].take < 0.03
    assert by_name["camera.rotation"].control == pytest.approx(1.0, rel=0.1)
    assert by_name["edges.ids"].control < 0.7 * by_name["edges.ids"].take
    assert by_name["guide.flip"].control > 2 * by_name["guide.flip"].take
    assert by_name["guide.flip"].baseline == 0.0
    assert by_name["sound.onset"].baseline is None
    for item in measures:
        # what the report holds must read back, and be documented under its name
        assert decode(Measure, json.loads(json.dumps(encode(item), allow_nan=False))) == item


def test_every_measure_is_defined_in_the_docs(pytestconfig: pytest.Config) -> None:
    text = (pytestconfig.rootpath / "docs/measures.md").read_text()
    for name in NAMES:
        assert f"`{name}`" in text


def test_the_preview_measured_as_a_take_is_its_own_baseline(folder) -> None:
    clip, _, shot = folder
    guides = [truth.guide for truth in clip.truths]
    for item in measure(guides, knocks(shot), shot, clip.passes):
        if item.name != "sound.onset":
            assert item.take == item.baseline


def test_one_frame_is_measured_as_far_as_it_goes(folder) -> None:
    made = MadeShot(width=64, height=36, frames=1)
    shot = made.shot()
    measures = measure([made.picture(1)], np.zeros((shot.time.samples, 2), np.float32), shot, MadeClip(made).passes)
    by_name = {item.name: item for item in measures}
    assert by_name["motion.warp"].take is None
    assert by_name["camera.rotation"].take is None
    assert by_name["guide.flip"].take is not None
    assert all(item.note for item in measures if item.take is None)


def test_a_parallel_camera_has_no_control(folder) -> None:
    clip, _, shot = folder
    # what a parallel camera sees is not what this shot's passes hold: only the control matters here
    parallel = replace(shot, camera=[replace(row, kind="orthographic") for row in shot.camera])
    measures = measure(clip.pictures(), knocks(shot), parallel, clip.passes, wrong_camera=True)
    assert all(item.control is None for item in measures)
    assert "no control" in measures[-1].note


def test_a_clip_of_another_length_or_size_is_refused(folder) -> None:
    clip, _, shot = folder
    pictures = clip.pictures()
    with pytest.raises(ValueError, match="7 frames, the shot 8"):
        measure(pictures[:7], knocks(shot), shot, clip.passes)
    with pytest.raises(ValueError, match="frame 0"):
        measure([picture[:-2] for picture in pictures], knocks(shot), shot, clip.passes)


def test_the_report_in_words_and_as_a_table() -> None:
    measures = [
        Measure("camera.rotation", "degrees", 0.0412, 0.01, 1.0),
        Measure("camera.position", "m", 0.0031),
        Measure("sound.onset", "ms", 2.04),
        Measure("motion.dropped", "frames", 1.0, 0.0),
        Measure("edges.ids", "share", None, note="nothing is seen"),
        Measure("guide.flip", "FLIP", 0.123, 0.0),
    ]
    said = in_words(measures)
    assert said == (
        "camera holds: 0.04 degrees, 3.1 mm; sound: 2 ms; 1 frame dropped; departs from the guide by 0.12 FLIP"
    )
    lines = table(measures).splitlines()
    assert lines[0].split() == ["measure", "unit", "take", "preview", "wrong", "camera"]
    assert lines[1].split() == ["camera.rotation", "degrees", "0.0412", "0.01", "1"]
    assert lines[5].split() == ["edges.ids", "share", "-", "-", "-"]
    assert lines[-1] == "edges.ids: nothing is seen"
    assert in_words([]) == "nothing could be measured"
