"""What the panel's settings ask for, and its operators on scenes, bodies, presets and takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from desk_for_tests import enabled, small_scene, undo_step  # noqa: E402
from takes_for_tests import HEIGHT, WIDTH, make_take  # noqa: E402

from sora_addon import compat  # noqa: E402
from sora_addon.client import asking  # noqa: E402
from sora_addon.client.desk import Desk  # noqa: E402
from sora_addon.contract import Size, Time, read_take, write_document  # noqa: E402
from sora_addon.sequencer import lay, takes_in  # noqa: E402
from sora_addon.sequencer.compare import compared  # noqa: E402
from sora_addon.ui import presets  # noqa: E402

pytestmark = pytest.mark.bpy
needs_audio = pytest.mark.skipif(not compat.has_audio(), reason="this bpy was built without Audaspace")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with enabled(tmp_path / "home", monkeypatch) as desk:
        yield desk


@pytest.fixture
def scene(desk: Desk) -> Any:
    return small_scene()


def mark(scene: Any, frame: int, camera: bool = True) -> None:
    marker = scene.timeline_markers.new(f"m{frame}", frame=frame)
    marker.camera = scene.camera if camera else None


def cut(scene: Any) -> tuple[int, int]:
    found = asking.range_of(scene)
    return found.first, found.last


def test_the_range_is_the_scenes_the_previews_or_the_marked_shots(scene) -> None:
    scene.frame_start, scene.frame_end = 10, 100
    assert cut(scene) == (10, 100)
    scene.sora.frames = "preview"
    assert cut(scene) == (10, 100)
    assert asking.missing_range(scene)
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 20, 30
    assert (cut(scene), asking.missing_range(scene)) == ((20, 30), "")
    scene.sora.frames = "marked"
    assert asking.missing_range(scene)
    mark(scene, 40)
    mark(scene, 50, camera=False)
    mark(scene, 60)
    for frame, wanted in ((15, (10, 39)), (40, (40, 59)), (59, (40, 59)), (60, (60, 100)), (100, (60, 100))):
        scene.frame_set(frame)
        assert cut(scene) == wanted


def test_handles_lie_outside_of_the_cut(scene) -> None:
    scene.frame_start, scene.frame_end = 10, 20
    scene.sora.handle_in, scene.sora.handle_out = 3, 5
    options = asking.options_for(scene, scene.view_layers[0])
    assert (options.first, options.last, options.handle_in, options.handle_out) == (7, 25, 3, 5)


@pytest.mark.parametrize(
    ("render", "percent", "wanted"),
    [
        ((1920, 1080, 100), 50, (960, 540)),
        ((1920, 1080, 50), 50, (480, 270)),
        ((64, 32, 100), 1, (16, 16)),
        ((1001, 333, 100), 33, (330, 110)),
    ],
)
def test_the_size_is_a_share_of_the_scenes_and_even(scene, render, percent, wanted) -> None:
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = render
    scene.sora.percent = percent
    size = asking.size_of(scene)
    assert (size.width, size.height) == wanted


def test_long_words_come_from_a_text_and_short_ones_from_the_line(scene) -> None:
    scene.sora.prompt = "a storm"
    assert asking.words_of(scene).prompt == "a storm"
    assert bpy.ops.sora.long_words() == {"FINISHED"}
    scene.sora.prompt_text.write("\nover a sea of glass")
    assert asking.words_of(scene).prompt == "a storm\nover a sea of glass"
    scene.sora.prompt_text = None
    assert asking.words_of(scene).prompt == "a storm"


def test_only_what_was_set_is_asked_of_the_engine(scene) -> None:
    assert asking.settings_of(scene) == {}
    assert asking.words_of(scene).style == ""
    scene.sora.exr, scene.sora.loudness_set, scene.sora.quality, scene.sora.style = True, True, "fine", "noir"
    assert asking.settings_of(scene) == {"exr": True, "loudness": -23.0, "quality": "fine"}
    assert asking.words_of(scene).style == "noir"


def test_a_look_of_ones_own_is_a_preset_for_every_scene(scene) -> None:
    scene.sora.style, scene.sora.look = "own", "ink on wet paper"
    assert asking.words_of(scene).style == "ink on wet paper"
    bpy.ops.sora.save_preset(name="Ink")
    scene.sora.style, scene.sora.look = "noir", ""
    bpy.ops.sora.apply_preset(name="Ink")
    assert asking.words_of(scene).style == "ink on wet paper"


def test_a_choice_is_kept_in_the_file_however_the_list_grows(scene, tmp_path) -> None:
    from sora_addon import properties

    scene.sora.style = "noir"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "kept.blend"))
    properties.offer({"aquatint": "", "noir": "", "zine": ""}, properties.BACKENDS)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
    assert bpy.context.scene.sora.style == "noir"


def test_a_preset_takes_over_everything_but_words_and_seed(scene) -> None:
    asked = scene.sora
    asked.style, asked.negative, asked.percent, asked.seed, asked.prompt = "noir", "people", 25, 7, "rain"
    assert bpy.ops.sora.save_preset(name="Dark") == {"FINISHED"}
    asked.style, asked.negative, asked.percent, asked.seed, asked.prompt = "anime", "", 100, 8, "sun"
    assert presets.names() == ["Dark"]
    undo_step("before")
    assert bpy.ops.sora.apply_preset(name="Dark") == {"FINISHED"}
    assert (asked.style, asked.negative, asked.percent, asked.seed, asked.prompt) == ("noir", "people", 25, 8, "sun")
    assert bpy.ops.sora.remove_preset(name="Dark") == {"FINISHED"}
    assert presets.names() == []


def test_a_press_adds_the_look_that_is_set_under_its_own_name(scene) -> None:
    for style, look, wanted in (
        ("noir", "", "Noir"),
        ("noir", "", "Noir 2"),
        ("own", "ink: wet/dry paper", "Ink  wet dry paper"),
        ("words", "", "My Look"),
        ("words", "", "My Look 2"),
        ("own", "x" * 90, "X" + "x" * 54),
    ):
        scene.sora.style, scene.sora.look = style, look
        assert bpy.ops.sora.add_preset() == {"FINISHED"}
        assert wanted in presets.names()
    scene.sora.style = "anime"
    bpy.ops.sora.apply_preset(name="Noir 2")
    assert scene.sora.style == "noir"


def test_looking_at_presets_writes_nothing(scene) -> None:
    assert presets.names() == []
    assert not presets.folder().exists()


@pytest.mark.parametrize("name", ["", "a/b", "..", "x" * 61])
def test_a_preset_of_no_possible_name_is_refused(scene, name) -> None:
    with pytest.raises(RuntimeError, match="letters"):
        bpy.ops.sora.save_preset(name=name)
    assert presets.names() == []


@pytest.mark.parametrize(
    "text",
    ["{", "[]", json.dumps({"format": "sora-preset", "version": 99}), "[" * 200_000, " " * (1 << 20) + "{}"],
    ids=["torn", "a list", "of another version", "deep", "large"],
)
def test_a_preset_that_is_not_sound_is_refused(scene, text) -> None:
    presets.folder().mkdir()
    (presets.folder() / "Bad.json").write_text(text)
    with pytest.raises(RuntimeError, match="Bad"):
        bpy.ops.sora.apply_preset(name="Bad")


def test_a_preset_of_a_studio_with_an_unknown_style_sets_the_rest(scene) -> None:
    values = {"format": "sora-preset", "version": 1, "style": "of another engine", "percent": 33}
    presets.folder().mkdir()
    (presets.folder() / "Studio.json").write_text(json.dumps(values))
    assert bpy.ops.sora.apply_preset(name="Studio") == {"FINISHED"}
    assert (scene.sora.percent, scene.sora.style) == (33, "words")


def test_bodies_from_the_selection_come_once(scene) -> None:
    for thing in scene.objects:
        thing.select_set(thing.name in ("Box", "Floor", "Camera"))
    assert bpy.ops.sora.bodies_from_selection() == {"FINISHED"}
    assert bpy.ops.sora.bodies_from_selection() == {"FINISHED"}
    assert sorted(entry.thing.name for entry in scene.sora.bodies) == ["Box", "Floor"]
    assert bpy.ops.sora.remove_body() == {"FINISHED"}
    assert len(scene.sora.bodies) == 1


@pytest.fixture
def two_takes(scene: Any, tmp_path: Path) -> list[str]:
    takes = [make_take(tmp_path / name, time=Time((24, 1), 1, 3)) for name in ("one", "two")]
    for name in ("one", "two"):
        lay(scene, tmp_path / name)
    return [take.id for take in takes]


def pictures(scene: Any) -> list[Any]:
    return [strip for strip in compat.all_strips_of(scene.sequence_editor) if strip.type == "MOVIE"]


@needs_audio
def test_two_takes_are_held_against_each_other(scene, two_takes) -> None:
    first, second = two_takes
    assert bpy.ops.sora.compare_take(take=first) == {"FINISHED"}
    assert compared(scene) == first
    lower, upper = sorted(pictures(scene), key=lambda strip: strip.channel)
    assert [lower.mute, upper.mute, upper.blend_type] == [False, False, "ALPHA_OVER"]
    assert upper.crop.max_x == WIDTH // 2, "the one that plays lies above and keeps its left half"
    scene.sora.split = 0.25
    assert upper.crop.max_x == WIDTH * 3 // 4
    assert bpy.ops.sora.end_compare() == {"FINISHED"}
    assert (lower.mute, upper.mute, upper.crop.max_x, compared(scene)) == (True, False, 0, "")
    bpy.ops.sora.use_take(take=first)
    bpy.ops.sora.compare_take(take=second)
    assert upper.crop.min_x == round(0.25 * WIDTH)
    bpy.ops.sora.use_take(take=second)
    assert (upper.crop.min_x, lower.mute, compared(scene)) == (0, True, "")


@needs_audio
def test_a_take_cannot_be_compared_with_itself(scene, two_takes) -> None:
    with pytest.raises(RuntimeError, match="does not play"):
        bpy.ops.sora.compare_take(take=two_takes[1])


@needs_audio
def test_a_rating_is_kept_and_undone(scene, two_takes) -> None:
    undo_step("before")
    bpy.ops.sora.rate_take(take=two_takes[0], rating=4)
    undo_step("rated")
    assert scene.sora.takes[0].rating == 4
    bpy.ops.ed.undo()
    assert bpy.context.scene.sora.takes[0].rating == 0


@needs_audio
def test_a_deleted_take_is_gone_from_timeline_list_and_disk(scene, two_takes, tmp_path) -> None:
    assert bpy.ops.sora.delete_take(take=two_takes[1]) == {"FINISHED"}
    assert [(strip.take, strip.plays) for strip in takes_in(scene)] == [(two_takes[0], True)]
    assert [record.take for record in scene.sora.takes] == [two_takes[0]]
    assert not (tmp_path / "two").exists()
    assert bpy.ops.sora.delete_take(take=two_takes[0]) == {"FINISHED"}
    assert takes_in(scene) == []
    assert list(compat.strips_of(scene.sequence_editor)) == []


@needs_audio
def test_a_folder_that_holds_something_else_is_not_deleted(scene, two_takes, tmp_path) -> None:
    scene.sora.takes[0].folder = str(tmp_path / "two")
    with pytest.raises(RuntimeError, match="left alone"):
        bpy.ops.sora.delete_take(take=two_takes[0])
    assert (tmp_path / "two").is_dir()
    assert len(takes_in(scene)) == 2


@needs_audio
def test_the_settings_of_a_take_come_back(scene, tmp_path) -> None:
    from dataclasses import replace

    take = make_take(tmp_path / "take", time=Time((24, 1), 1, 3))
    words = replace(take.words, prompt="fog", negative="cars", style="noir", seed=99)
    backend = replace(take.backend, settings={"exr": True, "loudness": -16.0})
    (tmp_path / "take" / "take.json").unlink()
    write_document(
        tmp_path / "take" / "take.json", replace(take, words=words, backend=backend, size=Size(WIDTH, HEIGHT))
    )
    lay(scene, tmp_path / "take")
    scene.render.resolution_x = 4 * WIDTH
    assert bpy.ops.sora.settings_from_take() == {"FINISHED"}
    asked = scene.sora
    assert (asked.prompt, asked.negative, asked.style, asked.seed, asked.seed_locked) == (
        "fog",
        "cars",
        "noir",
        99,
        True,
    )
    assert (asked.percent, asked.exr, asked.loudness) == (25, True, -16.0)
    assert read_take(tmp_path / "take").words.prompt == "fog"


def test_the_example_is_a_scene_of_its_own(scene) -> None:
    before = len(scene.objects)
    assert bpy.ops.sora.make_example() == {"FINISHED"}
    yard = bpy.data.scenes["Yard"]
    assert yard.camera is not None
    assert asking.range_of(yard).frames == 48
    assert len(scene.objects) == before


def test_what_happens_at_the_end_is_remembered(desk, tmp_path) -> None:
    from sora_addon.client import closing

    bpy.context.window_manager.sora.at_close = "stop"
    assert not closing.finishes()
    assert json.loads((tmp_path / "home" / "settings.json").read_text()) == {"finish": False}
    bpy.context.window_manager.sora.at_close = "finish"
    closing.recall(tmp_path / "home")
    assert closing.finishes()


def test_every_operator_says_in_its_tooltip_what_it_does(desk) -> None:
    from sora_addon import registration

    for cls in registration.CLASSES:
        if issubclass(cls, bpy.types.Operator):
            room, name = cls.bl_idname.split(".")
            assert len(getattr(getattr(bpy.ops, room), name).get_rna_type().description) > 12, cls.bl_idname
