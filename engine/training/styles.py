"""The truth in each style: from Cycles' linear radiance, the clay render and the passes to a picture as displayed.

The same grades as the sketch's (``engine/backends/looks.py``), but made from true light, with its bounces, reflections,
shadows and weather. What lies over a grade (grain, paper, vignette) is not learnt: ``looks.finished`` lays it on what the
model makes, and on the truth where the two are compared.

- cinematic, documentary, seventies, noir: grades of the radiance.
- cartoon, anime: the radiance is split into colour and light, light is set in steps (Lake et al., "Stylized rendering
  techniques for scalable real-time 3D animation", NPAR 2000) and drawn around (Saito and Takahashi, SIGGRAPH 1990).
- watercolour: Bousseau et al., "Interactive watercolor rendering with temporal coherence", NPAR 2006.
- clay, claymation: the render in which everything is grey clay, coloured by the passes for claymation, which stands on
  twos: ``sketch.shown_frames`` says which frame is shown.
- blueprint: lines of the geometry on shaded blue.

Colour and light are parted by the base colour of the passes, and by what the truth alone has: snow on what looks up, and
haze, which is taken off before and laid over the drawing after (Koschmieder 1924).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot

from ..backends.looks import GRADES, Plate, filmic
from ..controls.edges import edges
from ..media.colour import luminance
from ..media.passes import Planes
from ..words.style import Style

Floats = NDArray[np.float32]

CLAY_ALBEDO = 0.62
DARKEST = 0.05
"""Luminance of a base colour under which it is not divided by."""
BRIGHTEST = 1.25
"""Light over the key light above which it is colour: emitters, highlights, haze."""
DAYLIGHT = 0.8
"""Key light under which a drawing is darker too, as the dusk it is drawn in."""
DUSK = 0.35
"""How fast: the power of the key light that a drawing keeps."""
SNOW = (0.84, 0.87, 0.92)
SNOW_RIM = 0.35
"""Range of the normal's z over which snow covers a surface: ``sora_addon/scenes/training/air.py``."""
FURTHEST = 1e6
"""Metres that the sky counts as."""
CLEAREST = 0.12
"""Share of a surface's light that comes through the haze, under which it is not made up for."""
CLAY_EXPOSURE = 1.0
"""Key light of clay above which the clay is shown darker."""
DRAWN: tuple[Style, ...] = ("cartoon", "anime")
OF_CLAY: tuple[Style, ...] = ("clay", "claymation")


@dataclass(frozen=True)
class Weather:
    """What lies over the scene in the truth and is not in its passes."""

    extinction: Floats
    """(3,) per metre."""
    airlight: Floats
    """(3,) scene-linear, exposed as the shot is shown."""
    steepest: float | None
    """z of the normal from which on snow lies; None without snow."""
    up: Floats
    """(3,) the world's z in the camera's axes."""


@dataclass(frozen=True)
class Truth:
    """A frame of a clip, (H, W, 3) scene-linear, exposed as the shot is shown."""

    radiance: Floats
    clay: Floats | None
    """None where none was rendered: then clay and claymation cannot be made."""
    weather: Weather | None = None


@dataclass(frozen=True)
class Keys:
    """Light of a white matte surface where a clip is brightest, one figure for all its frames, so that nothing pumps."""

    light: float
    """Of the truth: what is drawn is exposed for the light that there is."""
    clay: float


def clay_key(frames: list[tuple[Truth, Planes]]) -> float:
    """The clay's key, from some frames of a clip, spread evenly, each with its pass body."""
    clays = [luminance(truth.clay)[seen["body"] > 0] / CLAY_ALBEDO for truth, seen in frames if truth.clay is not None]
    together = np.concatenate(clays) if clays else np.zeros(0, np.float32)
    return float(np.percentile(together, 95)) if together.size else 1.0


def light_key(frames: list[tuple[Truth, Planes]]) -> float:
    """The key of what is drawn, from some frames of a clip, spread evenly, each with its passes."""
    lights = [_light(_cleared(truth, seen), _true_base(truth, seen))[seen["body"] > 0] for truth, seen in frames]
    together = np.concatenate(lights) if lights else np.zeros(0, np.float32)
    return float(np.percentile(together, 95)) if together.size else 1.0


def graded(style: Style, truth: Truth, seen: Planes, shot: Shot, number: int, keys: Keys) -> Floats:
    """(H, W, 3) sRGB, about 0 to 1, of the frame ``number``, before the finish.

    ``seen`` holds the passes base_color, depth, normal, body and material of that frame. Raises ValueError where the
    style needs a clay render and there is none.
    """
    picture = GRADES[style](_plate(style, truth, seen, shot, number, keys))
    if style in DRAWN and truth.weather is not None:
        through = _through(truth.weather, seen)
        return np.asarray(picture * through + filmic(truth.weather.airlight) * (1 - through), np.float32)
    return picture


def _plate(style: Style, truth: Truth, seen: Planes, shot: Shot, number: int, keys: Keys) -> Plate:
    base, cleared = seen["base_color"].astype(np.float32), _cleared(truth, seen)
    amount = np.minimum(_light(cleared, _true_base(truth, seen)), BRIGHTEST * keys.light)
    light = np.repeat(amount[..., None], 3, -1)
    emission = np.zeros_like(base)
    key = keys.light
    if style in DRAWN:
        # its own colour under its own light: coloured light and reflections stay in the colour
        mood = min(keys.light / DAYLIGHT, 1.0) ** DUSK
        base = np.asarray(cleared / np.maximum(light, 1e-3) * mood, np.float32)
    elif style in OF_CLAY:
        if truth.clay is None:
            raise ValueError(f"frame {number} has no clay render, which {style} is made of")
        exposure = CLAY_EXPOSURE / max(keys.clay, CLAY_EXPOSURE)
        light = truth.clay * np.float32(exposure / CLAY_ALBEDO)
        emission = _emission(shot, seen)
        base = _smooth(base, seen)
        key = keys.clay * exposure
    return Plate(
        preview=truth.radiance,
        base=base,
        light=light,
        emission=emission,
        depth=seen["depth"],
        something=seen["body"] > 0,
        lines=edges(seen["depth"], seen["normal"], seen["body"]),
        key=max(key, 1e-3),
        frame=number,
        seed=None,
    )


def _light(radiance: Floats, base: Floats) -> Floats:
    """(H, W) luminance of the light that falls on a surface, as its colour tells."""
    return np.asarray(luminance(radiance) / np.maximum(luminance(base), DARKEST), np.float32)


def _true_base(truth: Truth, seen: Planes) -> Floats:
    """(H, W, 3) base colour, under snow where snow lies, as a render with many samples a pixel shows it."""
    base = _smooth(seen["base_color"].astype(np.float32), seen)
    if truth.weather is None or truth.weather.steepest is None:
        return base
    upward = seen["normal"] @ truth.weather.up
    share = np.clip((upward - truth.weather.steepest) / SNOW_RIM, 0, 1)[..., None]
    return np.asarray(base * (1 - share) + np.asarray(SNOW, np.float32) * share, np.float32)


def _through(weather: Weather, seen: Planes) -> Floats:
    """(H, W, 3) share of a surface's light that reaches the camera."""
    return np.exp(-np.minimum(seen["depth"], FURTHEST)[..., None] * weather.extinction).astype(np.float32)


def _cleared(truth: Truth, seen: Planes) -> Floats:
    """(H, W, 3) radiance without the haze before it; what hardly comes through is left as it is."""
    if truth.weather is None or not truth.weather.extinction.any():
        return truth.radiance
    through = _through(truth.weather, seen)
    clear = (truth.radiance - truth.weather.airlight * (1 - through)) / np.maximum(through, CLEAREST)
    known = np.clip(through.min(-1, keepdims=True) / CLEAREST - 1, 0, 1)
    return np.asarray(np.maximum(clear, 0) * known + truth.radiance * (1 - known), np.float32)


def _smooth(base: Floats, seen: Planes) -> Floats:
    """Passes have one sample a pixel and renders have many: a tent where bodies and materials meet."""
    label = seen["body"].astype(np.int64) * 4096 + seen["material"]
    border = np.zeros(label.shape, np.uint8)
    border[:, 1:] |= label[:, 1:] != label[:, :-1]
    border[1:] |= label[1:] != label[:-1]
    near = cv2.dilate(border, np.ones((2, 2), np.uint8), anchor=(1, 1)) > 0
    kernel = np.array([0.25, 0.5, 0.25], np.float32)
    blurred = cv2.sepFilter2D(base, -1, kernel, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.where(near[..., None], blurred, base).astype(np.float32)


def _emission(shot: Shot, seen: Planes) -> Floats:
    emitted = {material.index: material.emission for material in shot.materials}
    indices, place = np.unique(seen["material"], return_inverse=True)
    table = np.array([emitted.get(int(index), (0.0, 0.0, 0.0)) for index in indices], np.float32)
    return table[place.reshape(seen["material"].shape)] * np.float32(2.0**shot.view.exposure)
