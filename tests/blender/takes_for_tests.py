"""Small takes, made with Blender's own encoder."""

from __future__ import annotations

import struct
import uuid
import wave
from pathlib import Path

import bpy

from sora_addon import compat
from sora_addon.contract import (
    REPORT_FORMAT,
    TAKE_FORMAT,
    TAKE_VERSION,
    Backend,
    Files,
    Hashes,
    Machine,
    Report,
    Size,
    Take,
    Time,
    Words,
    write_document,
)

WIDTH, HEIGHT = 64, 32
SHOT = str(uuid.UUID(int=7))


def make_take(
    folder: Path, *, time: Time, shot: str = SHOT, color: tuple[float, float, float] = (0.8, 0.4, 0.1)
) -> Take:
    """A take of a plain colour and a rising ramp of samples, its files exactly as long as ``time``."""
    folder.mkdir(parents=True)
    make_clip(folder / "clip.mp4", time, color)
    make_sound(folder / "sound.wav", time.samples)
    take = Take(
        format=TAKE_FORMAT,
        version=TAKE_VERSION,
        id=str(uuid.uuid4()),
        shot=shot,
        shot_digest="0" * 64,
        made="2026-01-01T00:00:00Z",
        time=time,
        samples=time.samples,
        size=Size(WIDTH, HEIGHT),
        words=Words(),
        backend=Backend("sketch", "1"),
        machine=Machine("here", "3.11", 1),
        hashes=Hashes("0" * 64, "0" * 64),
        files=Files("clip.mp4", "sound.wav", "report.json"),
    )
    write_document(folder / "report.json", Report(REPORT_FORMAT, TAKE_VERSION, take.id, take.shot, []))
    write_document(folder / "take.json", take)
    return take


def make_clip(path: Path, time: Time, color: tuple[float, float, float]) -> None:
    scene = bpy.data.scenes.new("film")
    try:
        render = scene.render
        render.resolution_x, render.resolution_y, render.resolution_percentage = WIDTH, HEIGHT, 100
        set_rate(scene, time.fps)
        scene.frame_start, scene.frame_end = 1, time.frames
        scene.view_settings.view_transform = "Standard"
        length = {"length": time.frames} if bpy.app.version >= (5, 0, 0) else {"frame_end": 1 + time.frames}
        strips = compat.strips_of(scene.sequence_editor_create())
        strips.new_effect(name="colour", type="COLOR", channel=1, frame_start=1, **length).color = color
        compat.set_media(render.image_settings, "video", "FFMPEG")
        film = render.ffmpeg
        film.format, film.codec, film.audio_codec = "MPEG4", "H264", "NONE"
        film.constant_rate_factor = "HIGH"
        render.filepath, render.use_file_extension = str(path), False
        bpy.ops.render.render(animation=True, scene=scene.name)
    finally:
        bpy.data.scenes.remove(scene)


def make_sound(path: Path, samples: int, rate: int = 48_000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<hh", i % 20_000, -(i % 20_000)) for i in range(samples)))


def set_rate(scene: bpy.types.Scene, fps: tuple[int, int]) -> None:
    whole = round(fps[0] / fps[1])
    scene.render.fps = whole
    scene.render.fps_base = whole * fps[1] / fps[0]


def timeline(scene: bpy.types.Scene) -> list[tuple]:
    """All that a strip's place and look depend on, to compare before and after."""
    if scene.sequence_editor is None:
        return ["no editor"]
    return sorted(
        (
            strip.name,
            strip.type,
            strip.channel,
            compat.strip_start(strip),
            compat.strip_end(strip),
            compat.strip_content_start(strip),
            compat.strip_content_length(strip),
            strip.mute,
            str(sorted((key, str(strip[key])) for key in strip.keys())),  # noqa: SIM118
        )
        for strip in compat.all_strips_of(scene.sequence_editor)
    )
