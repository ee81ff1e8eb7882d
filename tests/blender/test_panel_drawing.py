"""Every panel in every state of a job: it draws, with what exists, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from desk_for_tests import enabled, small_scene  # noqa: E402
from made_up_layout import drawn  # noqa: E402
from takes_for_tests import make_take  # noqa: E402

from sora_addon import compat, stalls  # noqa: E402
from sora_addon.client import asking  # noqa: E402
from sora_addon.client.desk import Desk  # noqa: E402
from sora_addon.client.engine import NoEngine  # noqa: E402
from sora_addon.client.found import Found, Meeting  # noqa: E402
from sora_addon.client.session import Session  # noqa: E402
from sora_addon.client.state import ContactState  # noqa: E402
from sora_addon.contract import Time  # noqa: E402
from sora_addon.contract.messages import ENDED, OPEN, BackendInfo, Order, Welcome  # noqa: E402
from sora_addon.install.places import Record, State  # noqa: E402
from sora_addon.install.work import WORK, Shown  # noqa: E402
from sora_addon.sequencer import lay  # noqa: E402
from sora_addon.ui import panels, section_jobs  # noqa: E402

pytestmark = pytest.mark.bpy
needs_audio = pytest.mark.skipif(not compat.has_audio(), reason="this bpy was built without Audaspace")

AREAS = ("VIEW_3D", "SEQUENCE_EDITOR")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with enabled(tmp_path / "home", monkeypatch) as desk:
        yield desk


def everything(area: str = "VIEW_3D") -> dict[str, list[tuple[str, str]]]:
    """What each panel draws, by its name."""
    found = {}
    for cls in panels.CLASSES:
        if issubclass(cls, bpy.types.Panel) and cls.bl_space_type == area:
            found[cls.name] = drawn(cls, bpy.context, area)
    return found


def record_of(*parts: str) -> Record:
    """Of an environment that is whole."""
    return Record("engine", "0.1.0", "", list(parts), "", "", "3.11", "whole")


def job(desk: Desk, scene: Any, state: str = "exporting") -> Any:
    asking.claim(scene)
    order = Order(
        "00000000-0000-0000-0000-000000000001",
        "/nowhere/shot",
        "/nowhere/take",
        "sketch",
        asking.origin_of(scene),
        exporting=True,
    )
    row = desk.board.ask(order, exports=state == "exporting")
    row.job = replace(row.job, state=state, problem="It went wrong; try again.", log="/nowhere/log", take="t")
    return row


def texts(found: list[tuple[str, str]]) -> str:
    return " ".join(text for _, text in found)


@pytest.mark.parametrize("area", AREAS)
def test_without_a_camera_the_first_page_shows_what_to_press(desk, area) -> None:
    found = everything(area)
    assert ("operator", "sora.make_example") in found["start"]
    assert found["jobs"] == []


@pytest.mark.parametrize("area", AREAS)
def test_without_an_engine_the_first_press_installs_it(desk, area, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("sora_addon.client.engine.ROOT", tmp_path)
    monkeypatch.delenv("SORA_ENGINE_PYTHON", raising=False)
    assert ("operator", "sora.install_engine") in everything(area)["start"]


def test_with_both_the_first_page_is_gone_and_generate_says_what_it_will_do(desk) -> None:
    small_scene()
    found = everything()
    assert found["start"] == []
    assert ("operator", "sora.generate") in found["shot"]
    assert ("label", "3 frames, 64x32 pixels") in found["shot"]


SKETCH = BackendInfo("sketch", "1", "a draft", [], 1, 0, None, 1, None, False, 1, "GPL", "", [])
BUILTIN = replace(SKETCH, name="builtin", steps=[1, 2, 4])
LACKING = replace(BUILTIN, missing=["Not installed: torch. Press Add the Models."])


def greeted(desk: Desk, *backends: BackendInfo) -> None:
    """As after the engine's ``hello``."""
    desk.session.welcome = Welcome(2, "0.1.0", "3.11", "CPU", 1, "/nowhere", list(backends), ["noir"])
    desk._welcomed(desk.session.welcome)


def test_the_quality_is_greyed_with_the_reason_where_there_is_one_only(desk) -> None:
    scene = small_scene()
    scene.sora.backend = "sketch"
    greeted(desk, SKETCH, BUILTIN)
    assert ("label", "sketch has one quality") in everything()["making"]
    assert ("greyed", "quality") in everything()["making"]
    scene.sora.backend, scene.sora.quality = "builtin", "fine"
    assert ("label", "4 steps of the sampler") in everything()["making"]
    assert ("prop", "quality") in everything()["making"]


def test_a_backend_that_lacks_packages_greys_generate_and_is_one_press_away(desk, monkeypatch) -> None:
    monkeypatch.delenv("SORA_ENGINE_PYTHON", raising=False)
    scene = small_scene()
    scene.sora.backend = "sketch"
    greeted(desk, SKETCH, LACKING)
    assert bpy.ops.sora.generate.poll()
    assert "Not installed" not in texts(everything()["shot"])
    scene.sora.backend = "builtin"
    found = everything()["shot"]
    assert "Not installed: torch." in texts(found)
    assert ("operator", "sora.repair_engine") in found, "an engine that is not ours, or has the models"
    monkeypatch.setattr(WORK, "shown", Shown(state=State("whole", record_of("core"))))
    assert ("operator", "sora.add_models") in everything()["shot"]
    monkeypatch.setattr(WORK, "shown", Shown(state=State("whole", record_of("core", "model"))))
    assert ("operator", "sora.repair_engine") in everything()["shot"]
    with pytest.raises(RuntimeError, match="lacks packages"):
        bpy.ops.sora.generate()
    monkeypatch.setenv("SORA_ENGINE_PYTHON", "/studio/python")
    assert not {"sora.add_models", "sora.repair_engine"} & {name for _, name in everything()["shot"]}


def test_the_engine_is_asked_what_it_offers_once_the_panel_is_seen(desk, monkeypatch) -> None:
    started = []
    monkeypatch.setattr(desk.session, "start", lambda: started.append(1))
    desk.tick()
    assert started == []
    small_scene()
    everything()
    desk.tick()
    everything()
    desk.tick()
    assert started == [1]


def test_an_engine_that_was_installed_anew_is_greeted_and_the_old_one_finishes_what_it_makes(desk, monkeypatch) -> None:
    done: list[str] = []
    here: list[Path | None] = [Path("/old/python")]

    def python() -> Path:
        if here[0] is None:
            raise NoEngine("none")
        return here[0]

    monkeypatch.setattr("sora_addon.client.desk.engine_python", python)
    monkeypatch.setattr(Session, "runs", True)
    monkeypatch.setattr(desk.session, "close", lambda finish, seconds=1.0: done.append(f"close {finish} {seconds}"))
    monkeypatch.setattr(desk.session, "start", lambda: done.append("start"))
    desk._launch()
    desk.engine_changed()
    assert done == ["start"], "the same environment: nothing to close; a start where one runs does nothing"
    done.clear()
    here[0] = Path("/new/python")
    desk.engine_changed()
    assert done == ["close True 0.0", "start"]
    done.clear()
    here[0] = None
    desk.engine_changed()
    assert done == ["close True 0.0"], "it was removed"


@pytest.mark.parametrize("state", OPEN)
def test_an_open_job_has_a_bar_and_a_cancel(desk, state) -> None:
    row = job(desk, small_scene(), state)
    found = everything()["jobs"]
    assert ("operator", "sora.cancel_job") in found
    assert [kind for kind, _ in found].count("progress") == 1
    row.stopping = True
    assert "Stopping..." in texts(everything()["jobs"])


@pytest.mark.parametrize("state", ENDED)
def test_an_ended_job_says_why_and_what_can_be_done(desk, state) -> None:
    row = job(desk, small_scene(), state)
    row.notes.append("A note.")
    found = everything()["jobs"]
    operators = {name for kind, name in found if kind == "operator"}
    assert {"sora.show_folder", "sora.copy_log", "sora.forget_job", "sora.show_notes"} <= operators
    assert ("sora.retry_job" in operators) == (state != "done")
    assert ("It went wrong" in texts(found)) == (state != "done")


def test_a_job_is_called_by_its_shot_its_take_and_its_time(desk, tmp_path) -> None:
    scene = small_scene()
    row = job(desk, scene, "done")
    row.job = replace(row.job, created="2026-01-01T10:00:00Z", ended="2026-01-01T10:00:42+00:00")
    assert section_jobs.title(row, scene) == "Scene: done in 0:42"
    scene.sora.takes.add()
    scene.sora.takes.add().take = "t"
    assert section_jobs.title(row, scene) == "Scene, take 2: done in 0:42"
    row.job = replace(row.job, ended="2026-01-01T09:00:00Z")
    assert section_jobs.title(row, scene) == "Scene, take 2: done", "the clock was moved back"
    row.job = replace(row.job, attempt=2, started="2026-01-01T08:00:00Z", take="gone")
    assert section_jobs.title(row, scene) == "Scene: done in 1:00:00"
    row.job = replace(row.job, state="failed")
    assert section_jobs.title(row, scene) == "Scene: failed"


def test_while_a_job_is_open_the_panel_asks_what_closing_does(desk) -> None:
    row = job(desk, small_scene(), "running")
    assert ("prop", "at_close") in everything()["jobs"]
    row.job = replace(row.job, state="done")
    assert ("prop", "at_close") not in everything()["jobs"]


def test_a_marked_shot_is_called_by_its_marker(desk, tmp_path) -> None:
    scene = small_scene()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    scene.timeline_markers.new("Close up", frame=1).camera = scene.camera
    scene.sora.frames = "marked"
    origin = asking.origin_of(scene)
    assert origin.name.lower() == "film: scene, close up"
    assert asking.shot_of(origin) == "Scene, Close up"


def test_progress_is_said_in_words(desk) -> None:
    row = job(desk, small_scene(), "running")
    row.job = replace(row.job, stage="sketch", step=12, total=48, seconds_left=21.0, share=0.5)
    assert "Drawing 12 of 48, 20 s left" in texts(everything()["jobs"])


@needs_audio
@pytest.mark.parametrize("area", AREAS)
def test_takes_with_measures_stars_and_what_to_do(desk, area, tmp_path) -> None:
    scene = small_scene()
    make_take(tmp_path / "take", time=Time((24, 1), 1, 3))
    lay(scene, tmp_path / "take")
    everything(area)
    while desk.state.shelf.facts(str(tmp_path / "take")) is None:
        pass
    found = everything(area)["takes"]
    operators = [name for kind, name in found if kind == "operator"]
    assert operators.count("sora.rate_take") == 5
    assert "sora.show_timeline" in operators or area == "SEQUENCE_EDITOR"
    assert {"sora.use_take", "sora.compare_take", "sora.settings_from_take", "sora.delete_take"} <= set(operators)


def test_bodies_and_their_words(desk) -> None:
    scene = small_scene()
    bpy.ops.sora.add_body()
    assert ("prop", "words") not in everything()["bodies"]
    scene.sora.bodies[0].thing = bpy.data.objects["Box"]
    assert ("prop", "words") in everything()["bodies"]


def test_contacts_are_listed_around_the_current_frame(desk) -> None:
    scene = small_scene()
    asking.claim(scene)
    meetings = [
        Meeting("impact", float(i), float(i), ("Box", f"Floor {i}"), 2.0, ((0.0, 0.0, 0.0),), (0.0, 0.0, 1.0))
        for i in range(1, 101)
    ]
    found = Found(Path("/nowhere"), 1, 100, meetings, [meeting.start for meeting in meetings])
    desk.state.contacts[scene.sora.id] = ContactState(found)
    scene.frame_set(50)
    said = texts(everything()["contacts"])
    assert "Box hits Floor 50, 2.0 m/s" in said
    assert "Floor 20" not in said
    assert "8 of 100 contacts" in said


def values(owner: Any) -> dict[str, Any]:
    """Every setting of a group, as text."""
    return {name: repr(getattr(owner, name)) for name in owner.bl_rna.properties.keys()}  # noqa: SIM118


def test_drawing_changes_nothing(desk) -> None:
    scene = small_scene()
    job(desk, scene, "running")
    bpy.ops.sora.add_body()
    before = values(scene.sora), scene.frame_current, desk.board.rows()[0].job
    stalls.forget()
    for area in AREAS:
        everything(area)
    assert {"draw SORA_PT_shot_view", "draw SORA_PT_jobs_sequencer"} <= stalls.longest.keys(), "every draw is timed"
    assert (values(scene.sora), scene.frame_current, desk.board.rows()[0].job) == before
