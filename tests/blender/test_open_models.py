"""A shot that Blender exported, through the real engine and every model's backend, the open ones tiny, into the sequencer.

At 1998x1080 and 23.976 frames a second, and at a size and a rate that are no multiple of anything.
"""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from desk_for_tests import enabled, needs_engine, small_scene, ticks_until  # noqa: E402
from export_scenes import options  # noqa: E402
from real_blender import ROOT  # noqa: E402

from sora_addon import compat  # noqa: E402
from sora_addon.client import asking  # noqa: E402
from sora_addon.client.desk import Desk  # noqa: E402
from sora_addon.client.engine import engine_python  # noqa: E402
from sora_addon.client.shelf import read_facts  # noqa: E402
from sora_addon.contract import Link, Size, Take, Words, read_shot, samples_of  # noqa: E402
from sora_addon.contract.messages import Order  # noqa: E402
from sora_addon.export.exporter import Exporter  # noqa: E402
from sora_addon.sequencer import takes_in  # noqa: E402
from sora_addon.sequencer.wav import read_wav  # noqa: E402

pytestmark = [pytest.mark.bpy, needs_engine]

MODELS = """
import sys
from pathlib import Path
from tiny import audio, ltx2, sana, vace
home = Path(sys.argv[1])
ltx2.save(home / "ltx2")
vace.save(home / "wan_vace")
sana.save(home / "sana_wm")
audio.save(home / "stable_audio")
"""
LONG = 900.0
"""Seconds until the test gives up on a job: measuring a clip of that size takes a minute on a busy machine."""
PACKAGES = "import diffusers, transformers, accelerate, peft, ftfy"


@dataclass(frozen=True)
class Cut:
    """What a scene asks for."""

    size: Size
    fps: int
    base: float
    rate: Fraction
    frames: int
    first: int = 101


@dataclass(frozen=True)
class Case:
    """A job that takes little time: a cut, the first backend, and those that go on from it."""

    cut: str
    name: str
    settings: dict[str, Any]
    chain: tuple[Link, ...] = ()
    joint: bool = False
    """Whether sound of its own is a stem of the take."""

    @property
    def makers(self) -> list[str]:
        return [self.name, *(link.backend for link in self.chain)]


CUTS = {
    "1998x1080": Cut(Size(1998, 1080), 24, 1.001, Fraction(24000, 1001), 2),
    "131x75": Cut(Size(131, 75), 25, 2.0, Fraction(25, 2), 6),
}
STEPS: dict[str, Any] = {"steps": 2, "guidance": 1.0}
LTX2, WAN_VACE = STEPS | {"pixels": 96 * 64}, STEPS | {"pixels": 48 * 32}
SANA_WM = STEPS | {"canvas_width": 96, "canvas_height": 64}
AIR = Link("stable_audio", "sound", {"steps": 2, "make": "ambience"})
REST = (Link("sana_wm", "picture", SANA_WM), Link("ltx2", "both", LTX2), AIR)
CASES = (
    Case("131x75", "builtin", {"steps": 1}, joint=True),
    Case("131x75", "ltx2", LTX2, joint=True),
    Case("131x75", "wan_vace", WAN_VACE),
    Case("131x75", "sana_wm", SANA_WM),
    Case("131x75", "wan_vace", WAN_VACE, (AIR,), joint=True),
    # All of them in one job: each link's picture is held to the shot's count and size, and measuring takes its time once.
    Case("1998x1080", "wan_vace", WAN_VACE, REST, joint=True),
)


@dataclass
class Studio:
    """One Blender with one engine, which stays warm, and a shot for each cut."""

    desk: Desk
    folder: Path
    shots: dict[str, Path] = field(default_factory=dict)

    def shot(self, name: str) -> Path:
        """Exported once; the scene that is open is set as the cut says."""
        cut, scene = CUTS[name], bpy.context.scene
        scene.render.fps, scene.render.fps_base = cut.fps, cut.base
        scene.frame_start, scene.frame_end = cut.first, cut.first + cut.frames - 1
        if name not in self.shots:
            words = Words(prompt="a box on a stone floor", seed=3)
            job = Exporter(scene, scene.view_layers[0], self.folder / name, options(scene, size=cut.size, words=words))
            assert [message.kind for message in job.run()][-1] == "done"
            self.shots[name] = self.folder / name
        return self.shots[name]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    python = engine_python()
    if subprocess.run([python, "-c", PACKAGES], capture_output=True, check=False).returncode:
        pytest.skip("the engine's environment holds no packages of the open models")
    folder = tmp_path_factory.mktemp("open")
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "backends")]), "OMP_NUM_THREADS": "1"}
    subprocess.run([python, "-c", MODELS, str(folder / "models")], env=os.environ | paths, check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SORA_MODELS", str(folder / "models"))
        with enabled(folder / "home", patch) as desk:
            small_scene()
            yield Studio(desk, folder)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{'+'.join(case.makers)} at {case.cut}")
def test_what_blender_exported_comes_back_exact_and_lies_in_the_timeline(studio, tmp_path, case) -> None:
    cut, shot = CUTS[case.cut], studio.shot(case.cut)
    scene, desk = bpy.context.scene, studio.desk
    asking.claim(scene)
    order = Order(
        id=str(uuid.uuid4()),
        shot=str(shot),
        out=str(tmp_path / "take"),
        backend=case.name,
        origin=asking.origin_of(scene),
        settings=case.settings,
        chain=list(case.chain),
    )
    row = desk.board.ask(order, exports=False)
    desk.session.submit(order)
    ticks_until(lambda: row.laid or not row.open, LONG)
    assert (row.job.state, row.job.problem) == ("done", "")
    ticks_until(lambda: row.laid or row.trouble)
    assert row.trouble == ""
    take = read_facts(Path(order.out)).take
    assert take is not None
    holds(take, Path(order.out), cut, case)
    assert take.shot == read_shot(shot).id
    lies(scene, take, cut)


def holds(take: Take, folder: Path, cut: Cut, case: Case) -> None:
    """Clip, sound and stems have the shot's own counts and size."""
    assert (take.time.rate, take.time.first, take.time.frames) == (cut.rate, cut.first, cut.frames)
    assert (take.size.width, take.size.height) == (cut.size.width, cut.size.height)
    clip = bpy.data.movieclips.load(str(folder / take.files.clip))
    assert (clip.frame_duration, tuple(clip.size)) == (cut.frames, (cut.size.width, cut.size.height))
    assert clip.fps == pytest.approx(float(cut.rate), abs=0.001)
    assert take.samples == samples_of(cut.frames, cut.rate) == round(cut.frames / cut.rate * 48_000)
    for name in (take.files.sound, *take.files.stems.values()):
        assert read_wav(folder / name).samples == take.samples
    assert ("joint" in take.files.stems) == case.joint
    assert [made.backend.name for made in take.chain] == (case.makers if case.chain else [])
    painted = [made.frames for made in take.chain if made.gives != "sound"]
    assert all(painted)
    assert len(set(painted)) == len(painted)


def lies(scene: Any, take: Take, cut: Cut) -> None:
    """In the place of its shot it plays alone; that, the clip and the sound are as long as the cut."""
    (name,) = {one.meta for one in takes_in(scene) if one.take == take.id and one.plays}
    meta = compat.strips_of(scene.sequence_editor)[name]
    playing = [one for one in compat.strips_of(meta) if not one.mute]
    assert sorted(one.type for one in playing) == ["MOVIE", "SOUND"]
    for strip in (meta, *playing):
        assert (compat.strip_start(strip), compat.strip_end(strip)) == (cut.first, cut.first + cut.frames)
