"""From what a camera takes of a scene to a picture in a style: the same for a render, for the truth, and for what a model takes.

- cinematic, documentary, seventies, noir, watercolour: grades of the photograph.
- cartoon, anime: the photograph is split into colour and light, light is set in steps (Lake et al., "Stylized rendering
  techniques for scalable real-time 3D animation", NPAR 2000) and drawn around (Saito and Takahashi, SIGGRAPH 1990); haze is
  laid over the drawing (Koschmieder, 1924).
- watercolour: Bousseau et al., "Interactive watercolor rendering with temporal coherence", NPAR 2006.
- clay, claymation: the light on grey clay, coloured by what is seen for claymation.
- blueprint: lines of the geometry on shaded blue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot

from ..controls.edges import Edges, edges
from ..media.colour import luminance
from ..media.passes import Planes
from ..words.style import Style
from .looks import GRADES, Plate, filmic

Floats = NDArray[np.float32]

DARKEST = 0.05
"""Luminance of a base colour under which it is not divided by."""
BRIGHTEST = 1.25
"""Light over the key light above which it is colour: emitters, highlights, haze."""
DAYLIGHT, DUSK = 0.8, 0.35
"""Key light under which a drawing is darker too, as the dusk it is drawn in, and the power of the key that it keeps."""
CLAY_EXPOSURE = 1.0
"""Key light of clay above which the clay is shown darker."""
LEAST_KEY = 1e-3
KEY, LOOKS_FOR_KEYS = 95, 3
"""Percentile of the light that is the key, and the frames of a clip that it is taken from."""
SIGHTED = ("depth", "normal", "body", "material")
"""Passes that a style is drawn by."""
DRAWN: tuple[Style, ...] = ("cartoon", "anime")
OF_CLAY: tuple[Style, ...] = ("clay", "claymation")


@dataclass(frozen=True)
class Taken:
    """Light of a frame, (H, W, 3) scene-linear, exposed as the shot is shown."""

    photo: Floats
    clear: Floats
    """The photograph without the air before it."""
    through: Floats
    """Share of a surface's light that comes through the air."""
    airlight: Floats
    """(3,) light that the air gives."""
    base: Floats
    """Colour of what is seen, snow where it lies."""
    clay: Floats | None
    """Light that falls on it, were it all of clay; None where that is not known."""

    def cut(self, height: int, width: int) -> Taken:
        """Without what was padded below and to the right."""
        inside = np.s_[:height, :width]
        clay = None if self.clay is None else self.clay[inside]
        planes = (self.photo[inside], self.clear[inside], self.through[inside])
        return Taken(*planes, self.airlight, self.base[inside], clay)


@dataclass(frozen=True)
class Sight:
    """What the passes know of a frame exactly."""

    something: NDArray[np.bool_]
    """(H, W)."""
    lines: Edges
    emission: Floats | None = None
    """(H, W, 3); None where nothing shines by itself."""


@dataclass(frozen=True)
class Keys:
    """Light of a white matte surface where a clip is brightest, one figure for all its frames, so that nothing pumps."""

    light: float
    """Of the scene: what is drawn is exposed for the light that there is."""
    clay: float


def sight_of(shot: Shot, seen: Planes) -> Sight:
    """From the passes ``SIGHTED`` of a frame."""
    lines = edges(seen["depth"], seen["normal"], seen["body"])
    emitted = {one.index: one.emission for one in shot.materials if any(one.emission)}
    if not emitted:
        return Sight(seen["body"] > 0, lines)
    indices, place = np.unique(seen["material"], return_inverse=True)
    table = np.array([emitted.get(int(index), (0.0, 0.0, 0.0)) for index in indices], np.float32)
    emission = table[place.reshape(seen["material"].shape)] * np.float32(2.0**shot.view.exposure)
    return Sight(seen["body"] > 0, lines, emission)


def frames_for_keys(frames: Sequence[int]) -> list[int]:
    """Some of a clip's frames, from its first to its last."""
    last = len(frames) - 1
    return sorted({frames[i * last // (LOOKS_FOR_KEYS - 1)] for i in range(LOOKS_FOR_KEYS)})


def keys_of(frames: list[tuple[Taken, NDArray[np.bool_]]]) -> Keys:
    """From what was taken of ``frames_for_keys``, each with where something is."""
    lights = [light_on(taken)[something] for taken, something in frames]
    clays = [luminance(taken.clay)[something] for taken, something in frames if taken.clay is not None]
    return Keys(_key(lights), _key(clays))


def graded(style: Style, taken: Taken, sight: Sight, keys: Keys, frame: int) -> Floats:
    """(H, W, 3) sRGB, about 0 to 1, before the finish. Raises ValueError where the style needs clay and there is none."""
    picture = GRADES[style](_plate(style, taken, sight, keys, frame))
    if style in DRAWN:
        through = taken.through
        picture = np.asarray(picture * through + filmic(taken.airlight) * (1 - through), np.float32)
    return picture


def light_on(taken: Taken) -> Floats:
    """(H, W) luminance of the light that falls on a surface, as its colour tells."""
    return np.asarray(luminance(taken.clear) / np.maximum(luminance(taken.base), DARKEST), np.float32)


def _plate(style: Style, taken: Taken, sight: Sight, keys: Keys, frame: int) -> Plate:
    amount = np.minimum(light_on(taken), BRIGHTEST * keys.light)
    light = np.repeat(amount[..., None], 3, -1)
    base, emission, key = taken.base, np.zeros_like(taken.base), keys.light
    if style in DRAWN:
        # its own colour under its own light: coloured light and reflections stay in the colour
        mood = min(keys.light / DAYLIGHT, 1.0) ** DUSK
        base = np.asarray(taken.clear / np.maximum(light, LEAST_KEY) * mood, np.float32)
    elif style in OF_CLAY:
        if taken.clay is None:
            raise ValueError(f"frame {frame} has no clay, which {style} is made of")
        exposure = CLAY_EXPOSURE / max(keys.clay, CLAY_EXPOSURE)
        light = taken.clay * np.float32(exposure)
        emission = emission if sight.emission is None else sight.emission
        key = keys.clay * exposure
    return Plate(
        preview=taken.photo,
        base=base,
        light=light,
        emission=emission,
        something=sight.something,
        lines=sight.lines,
        key=max(key, LEAST_KEY),
        frame=frame,
        seed=None,
    )


def _key(lights: list[Floats]) -> float:
    together = np.concatenate(lights) if lights else np.zeros(0, np.float32)
    return float(np.percentile(together, KEY)) if together.size else 1.0
