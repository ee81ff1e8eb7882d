"""The truth of a clip as a camera takes it, from Cycles' linear radiance, the clay render and the passes; styles are then the
same grades as a model's (``engine/backends/plates.py``).

What lies over a grade (grain, paper, vignette) is not learnt: ``looks.finished`` lays it on what the model makes, and on the
truth where the two are compared. Colour and light are parted by the base colour of the passes, and by what the truth alone
has: snow on what looks up, and haze, which is taken off (Koschmieder 1924).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot

from ..backends.plates import Keys, Taken, graded, keys_of, sight_of
from ..media.passes import Planes
from ..words.style import Style

Floats = NDArray[np.float32]

CLAY_ALBEDO = 0.62
SNOW = (0.84, 0.87, 0.92)
SNOW_RIM = 0.35
"""Range of the normal's z over which snow covers a surface: ``sora_addon/scenes/training/air.py``."""
FURTHEST = 1e6
"""Metres that the sky counts as."""
CLEAREST = 0.12
"""Share of a surface's light that comes through the haze, under which it is not made up for."""


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


def truth_keys(frames: list[tuple[Truth, Planes]]) -> Keys:
    """Key lights of a clip, from some of its frames, spread evenly, each with its passes."""
    return keys_of([(taken(truth, seen), seen["body"] > 0) for truth, seen in frames])


def truth_in(style: Style, truth: Truth, seen: Planes, shot: Shot, number: int, keys: Keys) -> Floats:
    """(H, W, 3) sRGB, about 0 to 1, of the frame ``number``, before the finish.

    ``seen`` holds the passes base_color, depth, normal, body and material of that frame. Raises ValueError where the
    style needs a clay render and there is none.
    """
    return graded(style, taken(truth, seen), sight_of(shot, seen), keys, number)


def taken(truth: Truth, seen: Planes) -> Taken:
    """The truth as a camera takes it."""
    weather = truth.weather
    through = np.ones_like(truth.radiance) if weather is None else _through(weather, seen)
    return Taken(
        photo=truth.radiance,
        clear=_cleared(truth, through),
        through=through,
        airlight=np.zeros(3, np.float32) if weather is None else weather.airlight,
        base=_true_base(truth, seen),
        clay=None if truth.clay is None else np.asarray(truth.clay / np.float32(CLAY_ALBEDO), np.float32),
    )


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


def _cleared(truth: Truth, through: Floats) -> Floats:
    """(H, W, 3) radiance without the haze before it; what hardly comes through is left as it is."""
    if truth.weather is None or not truth.weather.extinction.any():
        return truth.radiance
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
