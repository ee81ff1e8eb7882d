"""The measures on clips that are wrong by a known amount."""

from __future__ import annotations

import numpy as np
from made_shot import MadeShot
from measured_clip import MadeClip, knocks, moved

from engine.measure.camera_hold import CameraHold
from engine.measure.colour import ColourHold
from engine.measure.motion import MotionDropped
from engine.measure.sound import sound_onset

from .line import Line, NotMeasured

FRAMES = 24
DROPPED = 9
WITHIN = 0.1


def lines() -> list[Line]:
    clip = MadeClip(MadeShot(width=256, height=144, frames=FRAMES))
    return [camera(clip), late_sound(), dropped(clip), flicker(clip)]


def camera(clip: MadeClip) -> Line:
    found = clip.watched(CameraHold(), lambda i: clip.picture(i, moved(clip.row(i), 0.5)))["camera.rotation"]
    return _sized("a camera off by 0.5 degrees", "degrees", 0.5, found.value)


def late_sound() -> Line:
    shot = MadeShot(frames=48).shot()
    return _sized("sound late by 20 ms", "ms", 20.0, sound_onset(knocks(shot, 0.020), shot).value)


def dropped(clip: MadeClip) -> Line:
    """The clip goes on a frame early and holds its last."""
    last = FRAMES - 1
    found = clip.watched(MotionDropped(), lambda i: clip.picture(min(i + (i >= DROPPED), last)))["motion.dropped"]
    where = found.detail["dropped_before"]
    told = f"{found.value:g} frame, before frame {', '.join(map(str, where))}"
    return Line(
        "measures: a frame dropped", f"1, before frame {DROPPED}", told, found.value == 1 and where == [DROPPED]
    )


def flicker(clip: MadeClip) -> Line:
    gains = 1 + 0.01 * (-1.0) ** np.arange(FRAMES)
    found = clip.watched(ColourHold(24.0), lambda i: clip.picture(i, gain=float(gains[i])))["colour.flicker"]
    return _sized("a flicker of 1 %", "%", 1.0, found.value)


def _sized(what: str, unit: str, true: float, found: float | None) -> Line:
    if found is None:
        raise NotMeasured(f"{what} has no figure")
    return Line(f"measures: {what}", "within 10 %", f"{found:.3g} {unit}", abs(found / true - 1) <= WITHIN)
