"""What trust costs a clip of 5 s at 720p: seconds of the processor, children and threads included."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from made_shot import MadeShot

from engine.media.clip import write_clip
from engine.media.sound_file import write_sound
from engine.pipeline import stages
from engine.pipeline.generate import Options, generate
from sora_addon.contract import Shot, Size, Take, read_shot

from .credentials import own_home
from .line import Line

sys.path.insert(0, str(Path(__file__).parents[1] / "trust"))
from marked_clips import FRAMES, RATE, made_frames, made_samples

Made = TypeVar("Made")
SIZE = Size(1280, 720)
SIGNING, ALL = 0.1, 12.0


def lines() -> list[Line]:
    with tempfile.TemporaryDirectory() as name, own_home(Path(name)):
        spent = _spent(Path(name))
    parts = ", ".join(f"{what} {seconds:.2f}" for what, seconds in spent.items() if what != "the clip alone")
    whole = sum(seconds for what, seconds in spent.items() if what != "the clip alone")
    clip = spent["the clip alone"]
    what = "of a clip of 5 s at 1280x720"
    return [
        Line(f"signing {what}", "0.1 s", f"{clip:.2f} CPU-s", clip <= SIGNING),
        Line(f"all of trust {what}", "12 CPU-s", f"{whole:.2f} CPU-s: {parts}", whole <= ALL),
    ]


def _spent(folder: Path) -> dict[str, float]:
    """CPU-seconds of each part. The take's folder is a real one whose media are put in place of smaller ones."""
    MadeShot(width=32, height=32, frames=4, drop=0.1).write(folder / "shot")
    take = generate(folder / "shot", folder / "take", Options("sketch"), lambda stage, step, total: None)
    shot: Shot = read_shot(folder / "shot")
    frames, samples = made_frames(6, FRAMES, SIZE.width, SIZE.height), made_samples(6)
    spent: dict[str, float] = {}

    def counted(what: str, work: Callable[[], Made]) -> Made:
        start = time.process_time()
        made = work()
        spent[what] = time.process_time() - start
        return made

    given = counted("parents and certificates", lambda: stages.trusted(shot, folder / "shot", ()))
    counted("words", lambda: stages.moderate_words(shot, folder / "shot", given))
    counted("frames", lambda: stages.moderate_clip(frames, shot, given))
    counted("mark", lambda: stages.mark(frames, samples, take.id, RATE))
    clip, names = folder / "take" / take.files.clip, (take.files.sound, *take.files.stems.values())
    write_clip(clip, frames, samples, RATE, SIZE)
    for name in names:
        write_sound(folder / "take" / name, samples)
    unsigned = clip.read_bytes()
    counted("the clip alone", lambda: _sign_clip(clip, take, given))
    clip.write_bytes(unsigned)
    counted(
        f"signing of clip, sound and {len(take.files.stems)} stems", lambda: stages.sign(folder / "take", take, given)
    )
    return spent


def _sign_clip(clip: Path, take: Take, given: stages.Trusted) -> None:
    stages.sign_file(clip, stages.statement(take, take.files.clip, given, marked=True), given.signing)
