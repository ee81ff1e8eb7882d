"""Takes in the timeline, in a real Blender."""

from __future__ import annotations

import array
import shutil
import uuid
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from takes_for_tests import HEIGHT, WIDTH, make_clip, make_sound, make_take, set_rate, timeline  # noqa: E402

import sora_addon  # noqa: E402
from sora_addon import compat  # noqa: E402
from sora_addon.contract import ContractError, Time  # noqa: E402
from sora_addon.sequencer import (  # noqa: E402
    SequencerError,
    choose_view,
    lay,
    needs_choice,
    render_sequence,
    takes_in,
    use_take,
)

pytestmark = pytest.mark.bpy
needs_audio = pytest.mark.skipif(not compat.has_audio(), reason="this bpy was built without Audaspace")

RATES = [(24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1)]


@pytest.fixture
def scene() -> Iterator[Any]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    sora_addon.register()
    bpy.context.scene.render.fps = 24
    yield bpy.context.scene
    sora_addon.unregister()


def children(scene: Any, meta_name: str) -> list[Any]:
    return list(compat.strips_of(compat.strips_of(scene.sequence_editor)[meta_name]))


def span(strip: Any) -> tuple[int, int]:
    return compat.strip_start(strip), compat.strip_end(strip)


@needs_audio
@pytest.mark.parametrize("fps", RATES)
def test_strips_are_of_equal_length_and_the_sound_is_sample_exact(scene, tmp_path, fps) -> None:
    set_rate(scene, fps)
    aud = pytest.importorskip("aud")
    time = Time(fps, 101, 131)
    take = make_take(tmp_path / "take", time=time)
    laid = lay(scene, tmp_path / "take")
    sound, clip = children(scene, laid.metas[0])
    assert (sound.type, clip.type) == ("SOUND", "MOVIE")
    assert span(sound) == span(clip) == (101, 132) == (laid.start, laid.end)
    heard = aud.Sound.file(bpy.path.abspath(sound.sound.filepath)).data()  # its ``length`` is a rounded float
    assert heard.shape == (take.samples, 2)
    assert Path(bpy.path.abspath(sound.sound.filepath)).name == "sound.wav"
    scene.frame_start, scene.frame_end = 101, 131
    compat.show_timeline(bpy.context.workspace, scene)
    mixed = tmp_path / "mixed.wav"
    scene.render.ffmpeg.audio_mixrate = 48_000
    bpy.ops.sound.mixdown(filepath=str(mixed), container="WAV", codec="PCM", format="S16")
    there, back = samples_of_wav(tmp_path / "take" / "sound.wav"), samples_of_wav(mixed)
    length = min(len(there), len(back))
    assert abs(len(there) - len(back)) <= 2 * 48_000 * fps[1] / fps[0]
    assert max(abs(a - b) for a, b in zip(there[: length - 200], back, strict=False)) <= 1


@needs_audio
@pytest.mark.parametrize(("resolution", "scale"), [((WIDTH, HEIGHT), 1.0), ((2 * WIDTH, 2 * HEIGHT), 2.0)])
def test_a_clip_of_another_size_fills_the_frame(scene, tmp_path, resolution, scale) -> None:
    scene.render.resolution_x, scene.render.resolution_y = resolution
    make_take(tmp_path / "take", time=Time((24, 1), 1, 3))
    _, clip = children(scene, lay(scene, tmp_path / "take").metas[0])
    assert (clip.transform.scale_x, clip.transform.scale_y) == pytest.approx((scale, scale))


def samples_of_wav(path: Path) -> array.array[int]:
    with wave.open(str(path), "rb") as file:
        return array.array("h", file.readframes(file.getnframes()))


@needs_audio
def test_handles_are_there_and_trimmed_away(scene, tmp_path) -> None:
    make_take(tmp_path / "take", time=Time((24, 1), 93, 124, handle_in=8, handle_out=4))
    laid = lay(scene, tmp_path / "take")
    assert (laid.start, laid.end) == (101, 121)
    assert [span(strip) for strip in children(scene, laid.metas[0])] == [(93, 125), (93, 125)]
    elsewhere = lay(scene, tmp_path / "take", at_frame=301)
    assert (elsewhere.start, elsewhere.end) == (301, 321)
    assert elsewhere.metas != laid.metas


@needs_audio
def test_a_retake_replaces_in_place_and_the_earlier_one_can_come_back(scene, tmp_path) -> None:
    first = make_take(tmp_path / "1", time=Time((24, 1), 1, 12))
    second = make_take(tmp_path / "2", time=Time((24, 1), 1, 12))
    place = lay(scene, tmp_path / "1").metas[0]
    meta = compat.strips_of(scene.sequence_editor)[place]
    meta.channel = 5
    laid = lay(scene, tmp_path / "2")
    assert laid.metas == (place,)
    assert laid.replaced == (first.id,)
    assert meta.channel == 5
    assert [(strip.plays, strip.take) for strip in takes_in(scene)] == [(False, first.id), (True, second.id)]
    assert [strip.mute for strip in children(scene, place)] == [True, True, False, False]
    use_take(scene, first.id)
    assert [strip.mute for strip in children(scene, place)] == [False, False, True, True]
    assert lay(scene, tmp_path / "2").replaced == (first.id,)
    assert len(children(scene, place)) == 4
    assert [record.take for record in scene.sora.takes] == [first.id, second.id]


@needs_audio
def test_a_retake_follows_the_shot_to_where_the_artist_moved_and_trimmed_it(scene, tmp_path) -> None:
    make_take(tmp_path / "1", time=Time((24, 1), 1, 24))
    make_take(tmp_path / "2", time=Time((24, 1), 1, 24))
    place = lay(scene, tmp_path / "1", at_frame=201).metas[0]
    compat.trim_strip(compat.strips_of(scene.sequence_editor)[place], 205, 220)
    laid = lay(scene, tmp_path / "2")
    assert (laid.start, laid.end) == (205, 220)
    assert {span(strip) for strip in children(scene, place)} == {(201, 225)}


@needs_audio
def test_a_longer_retake_shows_whole_where_nothing_was_trimmed(scene, tmp_path) -> None:
    make_take(tmp_path / "1", time=Time((24, 1), 1, 12))
    longer = make_take(tmp_path / "2", time=Time((24, 1), 1, 20))
    lay(scene, tmp_path / "1")
    laid = lay(scene, tmp_path / "2")
    assert (laid.start, laid.end) == (1, 21)
    first = laid.replaced[0]
    use_take(scene, first)
    assert span(compat.strips_of(scene.sequence_editor)[laid.metas[0]]) == (1, 13)
    use_take(scene, longer.id)
    assert span(compat.strips_of(scene.sequence_editor)[laid.metas[0]]) == (1, 21)


@needs_audio
def test_the_take_goes_above_what_lies_there_and_past_locked_channels(scene, tmp_path) -> None:
    make_take(tmp_path / "take", time=Time((24, 1), 1, 12))
    editor = scene.sequence_editor_create()
    length = {"length": 50} if bpy.app.version >= (5, 0, 0) else {"frame_end": 51}
    compat.strips_of(editor).new_effect(name="animatic", type="COLOR", channel=2, frame_start=1, **length)
    editor.channels[3].lock = True
    laid = lay(scene, tmp_path / "take")
    assert compat.strips_of(editor)[laid.metas[0]].channel == 4


def remove_clip(folder) -> None:
    (folder / "clip.mp4").unlink()


def spoil_clip(folder) -> None:
    (folder / "clip.mp4").write_bytes(b"not a film at all" * 50)


def shorten_clip(folder) -> None:
    (folder / "clip.mp4").unlink()
    make_clip(folder / "clip.mp4", Time((24, 1), 1, 7), (1.0, 0.0, 0.0))


def truncate_sound(folder) -> None:
    whole = (folder / "sound.wav").read_bytes()
    (folder / "sound.wav").write_bytes(whole[: len(whole) // 2])


def shorten_sound(folder) -> None:
    make_sound(folder / "sound.wav", 4_000)


def spoil_sound(folder) -> None:
    (folder / "sound.wav").write_bytes(b"RIFFnothing")


def other_rate(folder) -> None:
    shutil.rmtree(folder)
    make_take(folder, time=Time((30, 1), 1, 12), shot=str(uuid.UUID(int=7)))


FAULTS = {
    remove_clip: "clip",
    spoil_clip: "cannot read clip.mp4|cannot open",
    shorten_clip: "7 frames, not the 12",
    truncate_sound: "ends .* bytes early",
    shorten_sound: "4000 samples",
    spoil_sound: "sound.wav",
    other_rate: "30 frames a second",
}


@needs_audio
@pytest.mark.parametrize("retake", [False, True])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_failed_insert_leaves_the_timeline_as_it_was(scene, tmp_path, fault, retake) -> None:
    time = Time((24, 1), 1, 12)
    if retake:
        make_take(tmp_path / "good", time=time)
        lay(scene, tmp_path / "good")
    make_take(tmp_path / "bad", time=time)
    fault(tmp_path / "bad")
    before = timeline(scene), sorted(sound.name for sound in bpy.data.sounds), len(scene.sora.takes)
    with pytest.raises((SequencerError, ContractError), match=FAULTS[fault]):
        lay(scene, tmp_path / "bad", view="standard")
    assert (timeline(scene), sorted(sound.name for sound in bpy.data.sounds), len(scene.sora.takes)) == before
    assert scene.sora.view_choice == "ask"


@pytest.mark.skipif(compat.has_audio(), reason="this bpy has Audaspace")
def test_without_audaspace_nothing_is_laid_and_the_sentence_says_why(scene, tmp_path) -> None:
    make_take(tmp_path / "take", time=Time((24, 1), 1, 12))
    with pytest.raises(SequencerError, match="Audaspace"):
        lay(scene, tmp_path / "take")
    assert timeline(scene) == []


@needs_audio
def test_the_operators_lay_switch_and_undo(scene, tmp_path) -> None:
    make_take(tmp_path / "take", time=Time((24, 1), 1, 12))
    bpy.ops.ed.undo_push(message="before")
    with pytest.raises(RuntimeError, match="AgX"):
        bpy.ops.sora.lay_take(directory=str(tmp_path / "take"))
    assert bpy.ops.sora.lay_take(directory=str(tmp_path / "take"), view="standard") == {"FINISHED"}
    bpy.ops.ed.undo_push(message="laid")
    scene = bpy.context.scene
    assert len(takes_in(scene)) == 1
    assert scene.view_settings.view_transform == "Standard"
    bpy.ops.ed.undo()
    scene = bpy.context.scene
    assert timeline(scene) == []
    assert scene.view_settings.view_transform == "AgX"
    assert scene.sora.view_choice == "ask"
    assert len(scene.sora.takes) == 0


def test_the_view_is_asked_for_once_and_recorded(scene) -> None:
    assert needs_choice(scene)
    assert choose_view(scene, "leave") == "AgX"
    assert not needs_choice(scene)
    assert choose_view(scene, "standard") == "Standard"
    assert scene.sora.view_choice == "standard"
    scene.sora.view_choice = "ask"
    assert not needs_choice(scene)


@needs_audio
def test_the_rendered_timeline_has_every_frame_and_the_colours_of_the_clip(scene, tmp_path) -> None:
    make_take(tmp_path / "take", time=Time((24, 1), 1, 12), color=(0.8, 0.4, 0.1))
    lay(scene, tmp_path / "take", view="standard")
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = WIDTH, HEIGHT, 100
    settings = scene.render.image_settings
    before = settings.file_format, scene.render.filepath, scene.frame_end
    assert render_sequence(scene, tmp_path / "film.mp4", 1, 12) == 12
    assert (settings.file_format, scene.render.filepath, scene.frame_end) == before
    there, back = first_pixel(tmp_path / "take" / "clip.mp4"), first_pixel(tmp_path / "film.mp4")
    assert there == pytest.approx(back, abs=3 / 255)


def first_pixel(path: Path) -> tuple[float, ...]:
    image = bpy.data.images.load(str(path))
    try:
        return tuple(image.pixels[:3])
    finally:
        bpy.data.images.remove(image)
