"""From a shot folder to a delivered take folder: the order of the stages, and the only way out."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import (
    REPORT_FORMAT,
    TAKE_FILE,
    TAKE_FORMAT,
    TAKE_VERSION,
    Backend,
    ContractError,
    Files,
    Hashes,
    Link,
    Machine,
    Measure,
    Report,
    Shot,
    SoundMix,
    Stage,
    Take,
    Words,
    read_shot,
    read_take,
    shot_digest,
    write_document,
)

from ..measure import measure
from ..media.clip import read_clip, write_clip
from ..media.colour import from_uint8
from ..media.exr import write_frames_exr
from ..media.loudness import master
from ..media.passes import Passes
from ..media.sound_file import read_sound, write_sound
from ..sound import foley
from ..trust.library import remember
from . import stages
from .chains import Part, Preview, Progress, check_samples, parts_of, run_chain
from .deliver import deliver
from .mixing import JOINT, mixed
from .spool import frames_digest, room_needed, samples_digest, spool

LIBRARIES = ("numpy", "scipy", "opencv-python-headless", "av", "OpenEXR", "soundfile", "c2pa-python")


@dataclass(frozen=True)
class Options:
    """What the caller decides beside the shot; None leaves what the shot says."""

    backend: str
    words: Words | None = None
    """Instead of all the words of the shot; those that follow are laid over them."""
    prompt: str | None = None
    style: str | None = None
    seed: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    """The backend's own, laid over those of the words; the backend checks them."""
    exr: bool = False
    """Deliver frames as EXR too."""
    loudness: float | None = None
    """LUFS to master to (EBU R128); None keeps the levels. True peak stays under -1 dBTP in any case."""
    wrong_camera: bool = False
    """Measure against a wrong camera too, as a control."""
    chain: tuple[Link, ...] = ()
    """Backends that go on, one after the other, from what ``backend`` makes."""
    mix: SoundMix = field(default_factory=SoundMix)
    """How a backend's own sound and the foley come together."""
    accept: tuple[str, ...] = ()
    """States of parents that the artist takes although they are not intact: 'tampered', 'expired', 'truncated'."""


def generate(
    shot_folder: Path, out: Path, options: Options, progress: Progress, preview: Preview | None = None
) -> Take:
    """Make a take of the shot in ``shot_folder`` at ``out``, which must not exist; nothing is left there on failure.

    What is on its way lies beside ``out`` in ``NAME.PROCESS.partial`` and ``NAME.PROCESS.scratch.*``. Raises ContractError for what is wrong with the shot, the options or the disk, and ``Cancelled``.
    """
    clock = _Clock()
    with clock("admit"):
        shot, parts = _admit(shot_folder, out, options)
        given = stages.trusted(shot, shot_folder, options.accept)
        stages.moderate_words(shot, shot_folder, given)
        digest = shot_digest(shot_folder, shot)
        passes = Passes(shot_folder, shot)
    take_id = str(uuid.uuid4())
    prefix = f"{out.name}.{os.getpid()}.scratch."
    with deliver(out) as folder, tempfile.TemporaryDirectory(dir=out.parent, prefix=prefix) as name:
        scratch = Path(name)
        with clock("foley"):
            stems = foley(shot, lambda step, total: progress("foley", step, total))
        with clock("backend", " ".join(part.backend.capabilities.name for part in parts)):
            outcome = run_chain(shot, passes, scratch, parts, progress, preview, stems)
            frames = outcome.frames
        with clock("mix"):
            heard = mixed(shot, stems, outcome.sound, options.mix, outcome.sound_over_foley)
            samples = master(heard, options.loudness)
            check_samples(samples, shot)
            tracks = stems.as_dict() | ({} if outcome.sound is None else {JOINT: outcome.sound})
        hashes = Hashes(frames_digest(frames), samples_digest(samples))
        with clock("moderate"):
            stages.moderate_clip(frames, shot, given)
        with clock("mark"):
            mark = stages.mark(frames, samples, take_id, shot.time.rate)
        with clock("encode"):
            files = _encode(folder, shot, frames, samples, tracks, options, progress)
        with clock("measure"):
            measures = _measures(folder, files, shot, passes, scratch, options.wrong_camera, progress)
            write_document(folder / files.report, Report(REPORT_FORMAT, TAKE_VERSION, take_id, shot.id, measures))
        first = parts[0].backend.capabilities
        take = Take(
            format=TAKE_FORMAT,
            version=TAKE_VERSION,
            id=take_id,
            shot=shot.id,
            shot_digest=digest,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            time=shot.time,
            samples=len(samples),
            size=shot.size,
            words=shot.words,
            backend=Backend(first.name, first.version, _settings(options, shot)),
            machine=_machine(),
            hashes=hashes,
            files=files,
            stages=clock.stages,
            parents=[shot.take] if shot.take else [],
            accepted=given.accepted,
            mark=mark,
            chain=outcome.made,
            plans=outcome.plans,
            mix=None if outcome.sound is None else options.mix,
        )
        with clock("sign"):
            take = replace(take, delivered=stages.sign(folder, take, given))
        write_document(folder / TAKE_FILE, take)
    remember(take.id, out, take.made)
    return take


def measure_take(take_folder: Path, shot_folder: Path, wrong_camera: bool, progress: Progress) -> Report:
    """The report of a delivered take, measured anew on its own files. Raises ContractError."""
    take = read_take(take_folder)
    shot = read_shot(shot_folder)
    if take.shot != shot.id:
        raise ContractError("shot", f"the take was made from shot {take.shot}, this is {shot.id}", "give its own shot")
    with tempfile.TemporaryDirectory() as scratch:
        passes = Passes(shot_folder, shot)
        measures = _measures(take_folder, take.files, shot, passes, Path(scratch), wrong_camera, progress)
    return Report(REPORT_FORMAT, TAKE_VERSION, take.id, shot.id, measures)


def _admit(shot_folder: Path, out: Path, options: Options) -> tuple[Shot, list[Part]]:
    if out.exists():
        raise ContractError(str(out), "exists already", "choose another folder or remove it")
    shot = read_shot(shot_folder)
    shot = replace(shot, words=_words(options.words or shot.words, options))
    parts = parts_of(shot, options.backend, options.chain)
    out.parent.mkdir(parents=True, exist_ok=True)
    free, needed = shutil.disk_usage(out.parent).free, room_needed(shot, pictures=sum(part.paints for part in parts))
    if free < needed:
        raise ContractError(
            str(out.parent),
            f"has {free / 1e6:.0f} MB free, {needed / 1e6:.0f} MB are needed",
            "free some or choose another disk",
        )
    return shot, parts


def _words(words: Words, options: Options) -> Words:
    changes = {
        "prompt": options.prompt,
        "style": options.style,
        "seed": options.seed,
        "backend": options.backend,
        "settings": words.settings | options.settings,
    }
    return replace(words, **{name: value for name, value in changes.items() if value is not None})


def _settings(options: Options, shot: Shot) -> dict[str, object]:
    return shot.words.settings | {"exr": options.exr, "loudness": options.loudness}


def _encode(
    folder: Path,
    shot: Shot,
    frames: NDArray[np.uint8],
    samples: NDArray[np.float32],
    stems: dict[str, NDArray[np.float32]],
    options: Options,
    progress: Progress,
) -> Files:
    count = shot.time.frames

    def counted() -> Iterator[NDArray[np.uint8]]:
        for i in range(count):
            progress("encode", i, count)
            yield frames[i]
        progress("encode", count, count)

    write_clip(folder / "clip.mp4", counted(), samples, shot.time.rate, shot.size)
    write_sound(folder / "sound.wav", samples)
    (folder / "stems").mkdir()
    paths = {}
    for name, stem in stems.items():
        paths[name] = f"stems/{name}.wav"
        write_sound(folder / paths[name], stem)
    if options.exr:
        (folder / "frames").mkdir()
        for i in range(count):
            write_frames_exr(folder / "frames" / f"frame_{shot.time.first + i:07d}.exr", from_uint8(frames[i]))
    return Files("clip.mp4", "sound.wav", "report.json", paths, "frames" if options.exr else None)


def _measures(
    folder: Path,
    files: Files,
    shot: Shot,
    passes: Passes,
    scratch: Path,
    wrong_camera: bool,
    progress: Progress,
) -> list[Measure]:
    """Of what the artist gets, the encoded clip, not of what was sent to the encoder."""
    clip = read_clip(folder / files.clip)
    seen = spool(clip, shot.time.frames, shot.size.height, shot.size.width, scratch / "seen.raw")
    heard, _ = read_sound(folder / files.sound)
    return measure(seen, heard, shot, passes, wrong_camera=wrong_camera, progress=progress)


def _machine() -> Machine:
    libraries = {name: metadata.version(name) for name in LIBRARIES}
    threads = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
    return Machine(platform.platform(), platform.python_version(), threads, libraries)


class _Clock:
    """Seconds of each stage, in order."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []

    @contextmanager
    def __call__(self, name: str, note: str = "") -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.stages.append(Stage(name, round(time.perf_counter() - start, 3), note))
