"""The timeline as a film: what the sequencer shows, rendered to an mp4."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..contract import SAMPLE_RATE
from .errors import SequencerError


def render_sequence(scene: Any, path: Path, first: int | None = None, last: int | None = None) -> int:
    """Render the timeline of ``scene``, frames ``first`` to ``last`` (the scene's own), to the mp4 ``path``.

    H.264 and AAC at 48 kHz; the scene's settings are as before afterwards. Returns the frames that the file has.
    Raises SequencerError where there is nothing to render or the file has not every frame.
    """
    if scene.sequence_editor is None:
        raise SequencerError(f"The scene {scene.name!r} has no timeline; lay a take first")
    start: int = scene.frame_start if first is None else first
    end: int = scene.frame_end if last is None else last
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with _film_settings(scene, path, start, end):
        try:
            bpy.ops.render.render(animation=True, scene=scene.name)
        except RuntimeError as error:
            raise SequencerError(f"Blender did not render the timeline: {str(error).strip()}") from error
    frames = count_frames(path)
    if frames != end - start + 1:
        raise SequencerError(f"{path.name} has {frames} frames instead of {end - start + 1}; is the disk full?")
    return frames


def count_frames(path: Path) -> int:
    """The frames of a film, as Blender reads it; 0 where there is no such file."""
    if not path.is_file():
        return 0
    clip = bpy.data.movieclips.load(str(path))
    try:
        return clip.frame_duration
    finally:
        bpy.data.movieclips.remove(clip)


@contextlib.contextmanager
def _film_settings(scene: Any, path: Path, first: int, last: int) -> Iterator[None]:
    render, film, media = scene.render, scene.render.ffmpeg, scene.render.image_settings
    changes = [
        (scene, {"frame_start": first, "frame_end": last, "frame_step": 1}),
        (render, {"filepath": str(path), "use_file_extension": False, "use_sequencer": True, "use_compositing": False}),
        (film, {"format": "MPEG4", "codec": "H264", "constant_rate_factor": "HIGH", "audio_codec": "AAC"}),
        (film, {"audio_mixrate": SAMPLE_RATE, "audio_channels": "STEREO", "use_autosplit": False}),
    ]
    kept = [(owner, name, getattr(owner, name)) for owner, values in changes for name in values]
    kind, file_format = getattr(media, "media_type", None), media.file_format
    color_mode = media.color_mode
    try:
        compat.set_media(media, "video", "FFMPEG")
        for owner, values in changes:
            for name, value in values.items():
                setattr(owner, name, value)
        yield
    finally:
        if kind is not None:
            media.media_type = kind
        media.file_format = file_format
        media.color_mode = color_mode
        for owner, name, value in kept:
            setattr(owner, name, value)
