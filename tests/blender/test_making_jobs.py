"""A scene, a chain and a server, from Generate to strips: the whole way, through the real engine, at rates that are odd."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from desk_for_tests import enabled, needs_engine, small_scene, ticks_until  # noqa: E402
from real_blender import ROOT  # noqa: E402

from sora_addon.client.desk import Desk  # noqa: E402
from sora_addon.client.engine import engine_python  # noqa: E402
from sora_addon.client.shelf import read_facts  # noqa: E402
from sora_addon.contract import SoundMix, Take, samples_of  # noqa: E402
from sora_addon.install import preferences  # noqa: E402
from sora_addon.sequencer import takes_in  # noqa: E402
from sora_addon.sequencer.wav import read_wav  # noqa: E402
from sora_addon.ui.operators_takes import take_over  # noqa: E402

pytestmark = [pytest.mark.bpy, needs_engine]

SERVER = """
import json, sys
from made_server import MadeServer
made = MadeServer(served=(sys.argv[1],))
print(made.url, flush=True)
sys.stdin.read()
print(json.dumps([[job.fields, sorted(job.files), job.deleted] for job in made.jobs.values()]))
"""


class Server:
    """The made-up server of the remote backend's tests, in the engine's Python."""

    def __init__(self, serves: str) -> None:
        path = f"{ROOT}:{ROOT / 'tests' / 'backends' / 'remoting'}"
        self._process = subprocess.Popen(
            [engine_python(), "-c", SERVER, serves],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": path, "PATH": "/usr/bin"},
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def jobs(self) -> Any:
        """Fields and files of every job, and whether it was deleted; the server ends."""
        said, _ = self._process.communicate()
        return json.loads(said)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with enabled(tmp_path / "home", monkeypatch) as desk:
        yield desk
        bpy.context.preferences.addons.remove(bpy.context.preferences.addons[preferences.PACKAGE])


def scene_at(rate: Fraction, frames: int, server: Server, desk: Desk) -> Any:
    """Opens a file of its own, then sets the server and waits for the engine to say what it can."""
    scene = small_scene()
    addon = bpy.context.preferences.addons.new()
    addon.module = preferences.PACKAGE
    addon.preferences.server = server.url
    desk.seen()
    ticks_until(lambda: desk.session.welcome)
    scene.render.fps = round(rate) if rate.denominator != 1 else int(rate)
    scene.render.fps_base = float(round(rate) / rate)
    scene.frame_end = frames
    return scene


def made(desk: Desk, scene: Any) -> tuple[Take, Path]:
    assert bpy.ops.sora.generate() == {"FINISHED"}
    row = desk.board.rows()[0]
    ticks_until(lambda: row.laid or row.job.state in ("failed", "cancelled"))
    assert row.job.state == "done", row.job.problem
    assert [strip.take for strip in takes_in(scene)] == [row.job.take]
    folder = Path(row.job.order.out)
    take = read_facts(folder).take
    assert take is not None
    return take, folder


def holds(take: Take, folder: Path, rate: Fraction, frames: int) -> None:
    """The clip and the sound have the shot's own counts."""
    assert (take.time.rate, take.time.frames) == (rate, frames)
    clip = bpy.data.movieclips.load(str(folder / take.files.clip))
    assert clip.frame_duration == frames
    assert clip.fps == pytest.approx(float(rate), abs=0.01)
    assert read_wav(folder / take.files.sound).samples == take.samples == samples_of(frames, rate)


def test_a_sketch_goes_on_on_a_server_and_its_sound_gives_way(desk) -> None:
    server = Server("Lightricks/LTX-2")
    rate, frames = Fraction(24000, 1001), 11
    scene = scene_at(rate, frames, server, desk)
    scene.sora.backend = "sketch"
    bpy.ops.sora.add_link()
    link = scene.sora.making.links[0]
    link.backend, link.gives = "remote", "both"
    scene.sora.making.mix.duck = 9.0
    take, folder = made(desk, scene)
    holds(take, folder, rate, frames)
    assert [one.backend.name for one in take.chain] == ["sketch", "remote"]
    assert take.chain[0].frames != take.chain[1].frames == take.hashes.frames
    assert take.mix == SoundMix("both", 9.0)
    assert "joint" in take.files.stems
    (fields, files, deleted) = server.jobs()[0]
    assert (int(fields["num_frames"]) - 1) % 8 == 0
    assert files == ["input_reference"], "the sketch's first frame"
    assert deleted
    scene.sora.making.links.clear()
    assert take_over(scene, take) == []
    assert [one.backend for one in scene.sora.making.links] == ["remote"]


def test_a_server_is_guided_by_the_scene_and_a_keyframe(desk, tmp_path) -> None:
    server = Server("nvidia/Cosmos3-Video")
    rate, frames = Fraction(17), 9
    scene = scene_at(rate, frames, server, desk)
    scene.sora.backend = "remote"
    scene.sora.making.guide.control = "depth"
    scene.sora.making.guide.weight = 1.0
    picture = bpy.data.images.new("first", 64, 32)
    picture.filepath_raw, picture.file_format = str(tmp_path / "first.png"), "PNG"
    picture.save()
    bpy.ops.sora.add_keyframe(filepath=str(tmp_path / "first.png"))
    scene.sora.making.mix.use = "joint"
    take, folder = made(desk, scene)
    holds(take, folder, rate, frames)
    assert take.chain == []
    assert take.backend.name == "remote"
    assert [(steer.control, steer.weight) for steer in take.words.controls] == [("depth", 1.0)]
    assert take.mix == SoundMix("joint")
    (fields, files, deleted) = server.jobs()[0]
    assert (int(fields["num_frames"]) - 1) % 4 == 0
    assert files == ["control_reference", "input_reference"]
    assert deleted
