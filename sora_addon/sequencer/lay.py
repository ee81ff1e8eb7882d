"""A take into the timeline: all of it, or nothing of it.

Everything that can be known from the files is checked before the first change; what only shows once Blender has opened
them is checked after, and then everything that was made is taken back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import bpy

from .. import compat
from ..contract import SAMPLE_RATE, Take, read_take
from .errors import SequencerError
from .place import free_channel
from .takes import CUT, FIRST, FOLDER, SHOT, TAKE, let_play, shift_of, shot_metas, strips_by_take
from .view import ViewChoice, choose_view
from .wav import read_wav


@dataclass(frozen=True)
class LaidTake:
    """Where a take came to lie."""

    take: Take
    metas: tuple[str, ...]
    """Names of the meta strips: one, or one for every place where the artist uses the shot."""
    start: int
    end: int
    """The frames that show in the first of them; ``end`` is the frame after the last."""
    replaced: tuple[str, ...]
    """UUIDs of takes that played there before and are kept, muted."""
    view: str
    """The view transform that the clip is shown under."""


def lay(scene: Any, folder: Path, at_frame: int | None = None, view: ViewChoice = "ask") -> LaidTake:
    """Lay the take in ``folder`` into the timeline of ``scene``.

    The cut (the take without its handles) starts at ``at_frame``; without it, where the shot lies in the timeline
    already, else at the shot's own frames. Handles are there, trimmed away. A take that lies there already plays
    again. ``view`` other than "ask" is recorded and acted on (``choose_view``). Raises SequencerError, or ContractError for a take folder that is not whole; the timeline is then as it was.
    """
    if scene.library is not None:
        raise SequencerError(f"The scene {scene.name!r} is linked from another file; lay the take there")
    take = read_take(folder)
    _check_rate(scene, take)
    _check_sound(folder, take)
    with compat.still_interface(bpy.context), _all_or_nothing(scene):
        return _lay(scene, folder, take, at_frame, view)


def _check_rate(scene: Any, take: Take) -> None:
    # fps_base is a 32-bit float: 1.001 comes back as 1.00100004
    theirs = scene.render.fps / scene.render.fps_base
    ours = float(take.time.rate)
    if abs(theirs / ours - 1.0) > 1e-6:
        raise SequencerError(
            f"The take has {_rate_text(take.time.rate)} frames a second and the scene {scene.name!r} {theirs:g}: picture "
            "and sound would drift apart; set the scene's frame rate to the take's, or make the take at the scene's"
        )


def _rate_text(rate: Fraction) -> str:
    return f"{float(rate):.6g}"


def _check_sound(folder: Path, take: Take) -> None:
    if not compat.has_audio():
        raise SequencerError(
            "This Blender was built without sound (Audaspace) and cannot make a sound strip; lay the take in Blender 4.5 "
            "or later, or in a Blender from blender.org"
        )
    wav = read_wav(folder / take.files.sound)
    if wav.rate != SAMPLE_RATE:
        raise SequencerError(
            f"{take.files.sound} has {wav.rate} samples a second, not {SAMPLE_RATE}; make the take again"
        )
    if wav.samples != take.samples:
        raise SequencerError(
            f"{take.files.sound} has {wav.samples} samples, not the {take.samples} of its take; make the take again"
        )


def _lay(scene: Any, folder: Path, take: Take, at_frame: int | None, view: ViewChoice) -> LaidTake:
    time = take.time
    editor = scene.sequence_editor or scene.sequence_editor_create()
    cut_start = time.first + time.handle_in
    cut_length = time.frames - time.handle_in - time.handle_out
    metas = list(shot_metas(scene, take.shot))
    if at_frame is not None:
        metas = [meta for meta in metas if compat.strip_start(meta) == at_frame]
    if not metas:
        start = cut_start if at_frame is None else at_frame
        meta = compat.strips_of(editor).new_meta(
            name=f"Shot {take.shot[:8]}",
            channel=free_channel(editor, start, start + cut_length),
            frame_start=start,
        )
        meta[SHOT] = take.shot
        metas = [meta]
    for meta in metas:
        if take.id not in strips_by_take(meta):
            _add_strips(meta, folder, take, _shift_in(meta, take))
    if view != "ask":
        choose_view(scene, view)
    played = dict.fromkeys(meta[TAKE] for meta in metas if TAKE in meta)
    for meta in metas:
        let_play(meta, take.id)
    _record(scene, folder, take)
    return LaidTake(
        take=take,
        metas=tuple(meta.name for meta in metas),
        start=compat.strip_start(metas[0]),
        end=compat.strip_end(metas[0]),
        replaced=tuple(other for other in played if other != take.id),
        view=scene.view_settings.view_transform,
    )


def _shift_in(meta: Any, take: Take) -> int:
    """Frames from the shot's own frame numbers to where ``meta`` shows it: as the take that plays there, if one does."""
    playing = strips_by_take(meta).get(meta.get(TAKE, ""))
    if playing:
        return shift_of(playing[0])
    return compat.strip_start(meta) - (take.time.first + take.time.handle_in)


def _add_strips(meta: Any, folder: Path, take: Take, shift: int) -> None:
    """The sound and, above it, the picture of ``take`` on two new channels of ``meta``."""
    strips = compat.strips_of(meta)
    channel = max((strip.channel for strip in strips), default=0) + 1
    start = take.time.first + shift
    name = f"Take {take.id[:8]}"
    sound_path, clip_path = folder / take.files.sound, folder / take.files.clip
    try:
        sound = strips.new_sound(name=f"{name} sound", filepath=_stored(sound_path), channel=channel, frame_start=start)
        clip = strips.new_movie(
            name=name,
            filepath=_stored(clip_path),
            channel=channel + 1,
            frame_start=start,
            fit_method="FIT",  # a clip of half the scene's size fills the frame as well
        )
    except RuntimeError as error:
        raise SequencerError(f"Blender cannot open the media in {folder}: {str(error).strip()}") from error
    _check_clip(clip, take)
    _check_length(sound, take)
    for strip in (sound, clip):
        compat.trim_strip(strip, start, start + take.time.frames)
        strip[TAKE] = take.id
        strip[SHOT] = take.shot
        strip[FOLDER] = _stored(folder)
        strip[FIRST] = take.time.first
        strip[CUT] = [take.time.first + take.time.handle_in, take.time.last + 1 - take.time.handle_out]


def _check_clip(clip: Any, take: Take) -> None:
    # Blender does not complain of a clip that it cannot read: it makes a strip of one frame without a size.
    element = clip.elements[0] if clip.elements else None
    size = (element.orig_width, element.orig_height) if element else (0, 0)
    if size == (0, 0):
        raise SequencerError(f"Blender cannot read {take.files.clip}; make the take again")
    if size != (take.size.width, take.size.height):
        raise SequencerError(
            f"{take.files.clip} is {size[0]}x{size[1]}, not the {take.size.width}x{take.size.height} of its take; "
            "make the take again"
        )
    frames = compat.strip_content_length(clip)
    if frames != take.time.frames:
        raise SequencerError(
            f"{take.files.clip} has {frames} frames, not the {take.time.frames} of its take; make the take again"
        )


def _check_length(sound: Any, take: Take) -> None:
    # A last part of a frame may count as one more or none; more than that is another rate or another file.
    frames = compat.strip_content_length(sound)
    if abs(frames - take.time.frames) > 1:
        raise SequencerError(
            f"{take.files.sound} lasts {frames} frames, not the {take.time.frames} of its take; make the take again"
        )


def _stored(path: Path) -> str:
    """The path as the .blend keeps it: relative where the artist keeps paths relative."""
    absolute = str(path.resolve())
    if bpy.data.filepath and bpy.context.preferences.filepaths.use_relative_paths:
        with contextlib.suppress(ValueError):  # another drive: there is no relative path
            return bpy.path.relpath(absolute)
    return absolute


def _record(scene: Any, folder: Path, take: Take) -> None:
    if any(record.take == take.id for record in scene.sora.takes):
        return
    record = scene.sora.takes.add()
    record.take, record.shot, record.made = take.id, take.shot, take.made
    record.folder = _stored(folder)


@contextlib.contextmanager
def _all_or_nothing(scene: Any) -> Iterator[None]:
    """Take back every strip and sound that was made in the block, and the editor if it is new, where the block fails."""
    editor = scene.sequence_editor
    strips = {strip.as_pointer() for strip in compat.all_strips_of(editor)} if editor else set()
    sounds = {sound.as_pointer() for sound in bpy.data.sounds}
    whole = False
    try:
        yield
        whole = True
    finally:
        if not whole:
            _take_back(scene, strips, sounds)
            if editor is None and scene.sequence_editor is not None:
                scene.sequence_editor_clear()


def _take_back(scene: Any, strips: set[int], sounds: set[int]) -> None:
    editor = scene.sequence_editor
    if editor is not None:
        _remove_new(editor, strips)
    for sound in list(bpy.data.sounds):
        if sound.as_pointer() not in sounds:
            bpy.data.sounds.remove(sound)


def _remove_new(owner: Any, known: set[int]) -> None:
    collection = compat.strips_of(owner)
    for strip in list(collection):
        if strip.as_pointer() not in known:
            collection.remove(strip)
        elif strip.type == "META":
            _remove_new(strip, known)
