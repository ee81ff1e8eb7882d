"""Reading a clip's folder: its passes, its truth in any style, its sound."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from sora_addon.contract import Shot, read_shot

from ..backends.plates import SIGHTED, Keys, frames_for_keys
from ..media.passes import Passes, Planes
from ..media.sound_file import read_sound
from ..words.style import Style
from .styles import Truth, Weather, truth_in, truth_keys
from .variants import NONE, Blocked, Variant

Floats = NDArray[np.float32]

STYLED = ("base_color", *SIGHTED)
"""The passes that a style is made with."""


@dataclass(frozen=True)
class Clip:
    """A clip as it lies on disk; nothing of it is held but its documents."""

    folder: Path
    drawn: dict[str, Any]
    """clip.json."""
    shot: Shot
    passes: Passes
    """What is told."""
    gain: Floats
    """(3,) of its true light."""

    def blocked_as(self, variant: Variant) -> Clip:
        """The same clip, as an artist could have blocked it otherwise."""
        passes = Blocked(self.folder / "shot", self.shot, variant)
        return replace(self, shot=passes.shown, passes=passes, gain=variant.gain)

    @property
    def frames(self) -> range:
        """As Blender counts."""
        return range(self.shot.time.first, self.shot.time.last + 1)

    @property
    def styles(self) -> tuple[Style, ...]:
        """Those that its truth can be shown in."""
        return tuple(self.drawn["styles"])

    def truth(self, number: int) -> Truth:
        """The true light of a frame, exposed as the shot is shown. Raises OSError where there is none."""
        exposure = self.gain * np.float32(2.0**self.shot.view.exposure)
        clay = self.folder / "truth" / f"clay_{number:07d}.exr"
        return Truth(
            np.multiply(radiance(self.folder / "truth" / f"frame_{number:07d}.exr"), exposure, dtype=np.float32),
            np.multiply(radiance(clay), exposure, dtype=np.float32) if clay.is_file() else None,
            self.weather(number),
        )

    def weather(self, number: int) -> Weather | None:
        """What the truth of that frame has and the passes have not; None where the air is clear."""
        air = self.drawn["extra"]["air"]
        if "sigma" not in air and "snow_steepest" not in air:
            return None
        world = self.shot.camera[number - self.shot.time.first].world
        airlight = np.asarray(air.get("airlight", (0, 0, 0)), np.float32) * self.gain
        airlight = airlight * np.float32(2.0**self.shot.view.exposure)
        return Weather(
            np.asarray(air.get("sigma", (0, 0, 0)), np.float32),
            airlight,
            air.get("snow_steepest"),
            np.asarray(world[8:11], np.float32),
        )

    def keys(self) -> Keys:
        """Of the whole clip."""
        looks = [(self.truth(number), self.seen(number)) for number in frames_for_keys(self.frames)]
        return truth_keys(looks)

    def seen(self, number: int) -> Planes:
        """The passes that ``picture`` is made with: those of what is truly there, however it was blocked."""
        passes = self.passes.exported if isinstance(self.passes, Blocked) else self.passes
        return passes.frame(number, only=STYLED)

    def picture(self, style: Style, number: int, keys: Keys) -> Floats:
        """(H, W, 3) sRGB: the truth in that style, before its finish."""
        return truth_in(style, self.truth(number), self.seen(number), self.shot, number, keys)

    def sound(self) -> Floats:
        """(N, 2) at 48 kHz."""
        return read_sound(self.folder / "truth" / "sound.wav")[0]


def clips_in(folder: Path) -> list[Path]:
    """Whole clips under ``folder``, in the order of their seeds."""
    found = [path.parent for path in folder.glob("*/clip.json") if path.parent.name.isdecimal()]
    return sorted(found, key=lambda path: int(path.name))


def read_clip(folder: Path) -> Clip:
    """Raises ContractError where the shot is damaged, OSError where a file is missing."""
    shot = read_shot(folder / "shot")
    drawn = json.loads((folder / "clip.json").read_text(encoding="utf-8"))
    return Clip(folder, drawn, shot, Passes(folder / "shot", shot), NONE)


def radiance(path: Path) -> Floats:
    """(H, W, 3) scene-linear picture of a truth file."""
    with OpenEXR.File(str(path)) as file:
        return np.asarray(file.channels()["RGB"].pixels, np.float32)
