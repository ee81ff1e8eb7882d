"""The looks of the styles: from a lit plate to a picture as displayed (0 to 1, sRGB).

A look is a grade, which goes by what the scene holds, and then a finish, which goes by the film or the paper alone. A
model learns grades; the finish is laid on what it makes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..controls.edges import Edges
from ..media.colour import luminance, to_display
from ..words.style import Style

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Plate:
    """What a look is made from; (H, W, 3) scene-linear unless said."""

    preview: Floats
    base: Floats
    light: Floats
    emission: Floats
    something: NDArray[np.bool_]
    """(H, W) false where the sky shows."""
    lines: Edges
    key: float
    """Light of a white matte surface where the shot is brightest."""
    frame: int
    seed: int | None
    """None without the marks of thumbs, which are another matter for every pose and cannot be foreseen."""


@dataclass(frozen=True)
class Finish:
    """What lies over a graded picture."""

    vignette: float = 0.0
    grain: float = 0.0
    paper: float = 0.0
    """Of the paper's tooth and the pigment's flow."""
    grid: float = 0.0
    """Of the lines that a drawing is ruled with."""


def filmic(linear: Floats, shoulder: float = 0.7) -> Floats:
    """sRGB display of scene light: straight up to ``shoulder``, then rolling off towards 1 so that lamps keep detail."""
    over = np.maximum(linear - shoulder, 0.0)
    room = 1.0 - shoulder
    return to_display(np.where(linear > shoulder, shoulder + room * over / (over + room), linear))


def cinematic(plate: Plate) -> Floats:
    picture = filmic(_bloom(plate.preview, 0.08))
    grey = luminance(picture)[..., None]
    # shadows towards teal, lights towards amber, a little
    picture = picture + np.asarray(
        (1 - grey) * _rgb(-0.012, 0.004, 0.018) + grey * _rgb(0.02, 0.004, -0.018), np.float32
    )
    return _contrast(picture, 1.12)


def documentary(plate: Plate) -> Floats:
    picture = filmic(plate.preview, 0.55)
    return _saturate(_contrast(picture, 0.94), 0.86)


def cartoon(plate: Plate) -> Floats:
    flat = plate.base * _bands(plate, (0.4, 0.72), (0.42, 0.76, 1.06)) + plate.emission
    picture = np.where(plate.something[..., None], flat, plate.preview)
    return _ink(_saturate(to_display(picture), 1.35), plate, 1.0, (0.05, 0.04, 0.06))


def anime(plate: Plate) -> Floats:
    tone = _bands(plate, (0.55,), (0.0, 1.0))
    shade = _rgb(0.52, 0.50, 0.72) * (1 - tone) + _rgb(1.12, 1.06, 0.98) * tone
    flat = plate.base * shade + plate.emission
    picture = np.where(plate.something[..., None], flat, plate.preview * 1.15)
    picture = _saturate(to_display(_bloom(picture, 0.12)), 1.2)
    return _ink(picture, plate, 0.75, (0.16, 0.10, 0.20))


def noir(plate: Plate) -> Floats:
    # low key: what the lamps do not reach falls to black, whatever the scene's exposure was
    share = np.clip(luminance(plate.light) / plate.key, 0, 1)[..., None]
    lit = plate.preview * np.where(plate.something[..., None], 0.25 + 0.75 * share, 0.35) / np.float32(plate.key)
    picture = np.repeat(filmic(luminance(_bloom(lit, 0.06)), 0.6)[..., None], 3, -1)
    return _contrast(picture, 1.4, 0.38)


def clay(plate: Plate) -> Floats:
    grey = plate.light * _rgb(0.62, 0.58, 0.54)
    backdrop = np.full_like(grey, np.float32(0.4 * plate.key))
    return filmic(np.where(plate.something[..., None], grey, backdrop), 0.65)


def claymation(plate: Plate) -> Floats:
    # thumbed surfaces: slow lumps in the light, another set for every pose
    height, width = plate.something.shape
    light = plate.light
    if plate.seed is not None:
        random = np.random.default_rng([plate.seed, plate.frame, 12])
        lumps = random.standard_normal((height // 12 + 2, width // 12 + 2)).astype(np.float32)
        light = light * (1.0 + 0.05 * cv2.resize(lumps, (width, height))[..., None])
    picture = _saturate(plate.base, 1.15) * 0.92 * light + 0.03 * light + plate.emission
    picture = np.where(plate.something[..., None], picture, plate.preview)
    return filmic(picture, 0.55)


def watercolour(plate: Plate) -> Floats:
    """Pigment density after Bousseau et al., "Interactive watercolor rendering with temporal coherence", 2006."""
    colour = np.clip(filmic(plate.preview * 1.3, 0.5), 0, 1)
    for _ in range(3):
        colour = np.asarray(cv2.bilateralFilter(colour, 7, 0.12, 3.0), np.float32)
    colour = _saturate(0.12 + 0.88 * colour, 1.15)
    rim = cv2.GaussianBlur(plate.lines.any.astype(np.float32), (0, 0), 1.1)
    return _denser(colour, np.float32(1.5) * np.asarray(rim, np.float32))


def blueprint(plate: Plate) -> Floats:
    height, width = plate.something.shape
    blue = np.empty((height, width, 3), np.float32)
    blue[:] = 0.05, 0.17, 0.42
    shade = np.clip(luminance(plate.light), 0, 1.2) * plate.something
    blue *= (0.82 + 0.3 * shade)[..., None]
    heavy = cv2.GaussianBlur((plate.lines.outline | plate.lines.occlusion).astype(np.float32), (0, 0), 0.6) * 1.6
    thin = cv2.GaussianBlur(plate.lines.crease.astype(np.float32), (0, 0), 0.5)
    line = np.clip(np.maximum(heavy, thin), 0, 0.92)[..., None]
    return blue * (1 - line) + line * _rgb(0.86, 0.93, 1.0)


def seventies(plate: Plate) -> Floats:
    picture = filmic(_bloom(plate.preview, 0.14, _rgb(1.0, 0.45, 0.25)), 0.5)
    picture = picture * _rgb(1.05, 0.98, 0.82) * 0.88 + _rgb(0.075, 0.06, 0.06)
    return _saturate(picture, 0.9)


GRADES: dict[Style, Callable[[Plate], Floats]] = {
    "cinematic": cinematic,
    "documentary": documentary,
    "cartoon": cartoon,
    "anime": anime,
    "noir": noir,
    "clay": clay,
    "watercolour": watercolour,
    "claymation": claymation,
    "blueprint": blueprint,
    "seventies": seventies,
}
FINISHES: dict[Style, Finish] = {
    "cinematic": Finish(vignette=0.22),
    "documentary": Finish(grain=0.012),
    "noir": Finish(vignette=0.4, grain=0.02),
    "watercolour": Finish(paper=1.0),
    "blueprint": Finish(grid=0.035),
    "seventies": Finish(vignette=0.25, grain=0.03),
}


def look(style: Style, plate: Plate) -> Floats:
    """(H, W, 3) a plate in that style, finished."""
    return finished(style, GRADES[style](plate), plate.frame, plate.seed or 0)


def finished(style: Style, graded: Floats, frame: int, seed: int) -> Floats:
    """(H, W, 3) the graded picture with what the style lays over it; grain is new for every frame, paper stays."""
    finish = FINISHES.get(style)
    if finish is None:
        return graded
    picture = graded
    if finish.grid:
        height, width = picture.shape[:2]
        step = max(height // 9, 8)
        j, i = np.mgrid[0:height, 0:width]
        ruled = ((j % step == step // 2) | (i % step == step // 2))[..., None]
        picture = picture + np.float32(finish.grid) * ruled * (1 - picture)
    if finish.paper:
        size = (picture.shape[0], picture.shape[1])
        tooth = 0.5 * _fixed_noise(size, seed, 1.2) + 0.6 * _fixed_noise(size, seed, 3.5)
        picture = _denser(picture, finish.paper * (0.16 * tooth + 0.16 * _fixed_noise(size, seed, 18.0)))
    if finish.grain:
        picture = _grain(picture, frame, seed, finish.grain)
    return _vignette(picture, finish.vignette) if finish.vignette else np.asarray(picture, np.float32)


def _rgb(red: float, green: float, blue: float) -> Floats:
    return np.array((red, green, blue), np.float32)


def _bands(plate: Plate, borders: tuple[float, ...], levels: tuple[float, ...]) -> Floats:
    """(H, W, 1) light in flat steps; ``borders`` are shares of the key light."""
    amount = luminance(plate.light)[..., None] / np.float32(plate.key)
    tone = np.full_like(amount, levels[0])
    for border, low, high in zip(borders, levels, levels[1:], strict=False):
        tone += (high - low) * np.clip((amount - border) / (0.12 * border) + 0.5, 0, 1)
    return tone


def _ink(picture: Floats, plate: Plate, strength: float, colour: tuple[float, float, float]) -> Floats:
    lines = np.maximum(plate.lines.outline | plate.lines.occlusion, 0.7 * plate.lines.crease).astype(np.float32)
    wide = max(plate.something.shape[0] / 360.0, 0.5)
    line = np.clip(cv2.GaussianBlur(lines, (0, 0), 0.55 * wide) * 1.7, 0, 1)[..., None] * strength
    return np.asarray(picture * (1 - line) + _rgb(*colour) * line, np.float32)


def _bloom(linear: Floats, share: float, tint: Floats | None = None) -> Floats:
    bright = np.maximum(linear - 0.8, 0) if tint is None else np.maximum(linear - 0.6, 0) * tint
    wide = cv2.GaussianBlur(np.minimum(bright, 8.0), (0, 0), linear.shape[0] / 30, borderType=cv2.BORDER_REPLICATE)
    return linear + np.float32(share) * 2 * wide


def _contrast(picture: Floats, slope: float, pivot: float = 0.4) -> Floats:
    return pivot + (picture - pivot) * np.float32(slope)


def _saturate(picture: Floats, amount: float) -> Floats:
    grey = luminance(picture)[..., None]
    return np.asarray(grey + (picture - grey) * np.float32(amount), np.float32)


def _vignette(picture: Floats, strength: float) -> Floats:
    height, width = picture.shape[:2]
    j, i = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    fall = strength * np.clip((i * i + j * j) / 2, 0, 1) ** 1.5
    return np.asarray(picture * (1 - fall)[..., None], np.float32)


def _denser(colour: Floats, more: NDArray[np.floating]) -> Floats:
    """Colour of a wash where the pigment lies ``more`` (H, W) times as thick again."""
    return np.asarray(colour * (1 - (1 - colour) * more[..., None]), np.float32)


def _grain(picture: Floats, frame: int, seed: int, strength: float) -> Floats:
    """New for every frame, as on film; the same for the same seed."""
    random = np.random.default_rng([seed, abs(frame), frame < 0])
    noise = cv2.GaussianBlur(random.standard_normal(picture.shape[:2]).astype(np.float32), (0, 0), 0.7)
    seen = 0.4 + np.sqrt(np.clip(picture, 0, 1)) / 2
    return np.asarray(picture + np.float32(strength * 2.4) * noise[..., None] * seen, np.float32)


def _fixed_noise(size: tuple[int, int], seed: int, blob: float) -> Floats:
    """``size`` (H, W) of unit noise of blobs some ``blob`` pixels wide that stays on the paper through the shot."""
    height, width = size
    random = np.random.default_rng([seed, int(blob * 10)])
    small = random.standard_normal((int(height / blob) + 3, int(width / blob) + 3)).astype(np.float32)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
