"""From what a camera takes to what is shown: the grades of the styles, as ``engine/backends/looks.py`` has them, in torch.

A style is no matter of taste that would have to be learnt: it is a published way to draw (``engine/training/styles.py`` has
the sources), applied to what the network took. So every clip teaches every style.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..backends.plates import BRIGHTEST, CLAY_EXPOSURE, DARKEST, DAYLIGHT, DUSK, KEY, LEAST_KEY
from ..media.colour import LUMINANCE
from ..words.style import STYLES, Style
from .compose import Shown, Taken, displayed, encoded


class Keys(NamedTuple):
    """Light of a white matte surface where a clip is brightest, (N,) each: one for all its frames, so that nothing pumps."""

    light: Tensor
    clay: Tensor


def keys_of(taken: Taken, frames: int) -> Keys:
    """Of clips of ``frames`` frames each, from what was taken of them."""
    things = taken.shown.sky.flatten(1) < 0.5

    def key(light: Tensor) -> Tensor:
        light = light.flatten(1).masked_fill(~things, torch.nan).reshape(-1, frames * things.shape[1])
        return light.nanquantile(KEY / 100, 1).nan_to_num(1.0).clamp(min=LEAST_KEY).repeat_interleave(frames)

    return Keys(key(_light(taken)), key(_luminance(taken.clay)))


def graded(styles: Tensor, taken: Taken, keys: Keys) -> Tensor:
    """(N, 3, H, W) as displayed, about 0 to 1, each frame in its style: ``styles`` (N,), indices of STYLES; the photograph as
    it is where there is none."""
    if (styles == styles[0]).all():
        return _graded(int(styles[0]), taken, keys)
    seen = [
        _graded(int(style), _some(taken, n), Keys(*(key[n : n + 1] for key in keys))) for n, style in enumerate(styles)
    ]
    return torch.cat(seen)


def _graded(style: int, taken: Taken, keys: Keys) -> Tensor:
    if style >= len(STYLES):
        return displayed(taken.photo)
    keys = Keys(*(key.clamp(min=LEAST_KEY)[:, None, None, None] for key in keys))
    return GRADES[STYLES[style]](taken, keys)


def _some(taken: Taken, frame: int) -> Taken:
    one = slice(frame, frame + 1)
    shown = Shown._make(part[one] for part in taken.shown)
    return Taken._make([*(part[one] for part in taken[:-1]), shown])


def _cinematic(taken: Taken, _: Keys) -> Tensor:
    picture = displayed(_bloom(taken.photo, 0.08))
    grey = _luminance(picture)
    picture = picture + (1 - grey) * _rgb(grey, -0.012, 0.004, 0.018) + grey * _rgb(grey, 0.02, 0.004, -0.018)
    return _contrast(picture, 1.12)


def _documentary(taken: Taken, _: Keys) -> Tensor:
    return _saturate(_contrast(displayed(taken.photo, 0.55), 0.94), 0.86)


def _cartoon(taken: Taken, keys: Keys) -> Tensor:
    flat = _colour(taken, keys) * _bands(taken, keys, (0.4, 0.72), (0.42, 0.76, 1.06))
    picture = torch.lerp(flat, taken.photo, taken.shown.sky)
    inked = _ink(_saturate(_encoded(picture), 1.35), taken, 1.0, (0.05, 0.04, 0.06))
    return _hazed(inked, taken)


def _anime(taken: Taken, keys: Keys) -> Tensor:
    tone = _bands(taken, keys, (0.55,), (0.0, 1.0))
    shade = _rgb(tone, 0.52, 0.50, 0.72) * (1 - tone) + _rgb(tone, 1.12, 1.06, 0.98) * tone
    picture = torch.lerp(_colour(taken, keys) * shade, taken.photo * 1.15, taken.shown.sky)
    picture = _saturate(_encoded(_bloom(picture, 0.12)), 1.2)
    return _hazed(_ink(picture, taken, 0.75, (0.16, 0.10, 0.20)), taken)


def _noir(taken: Taken, keys: Keys) -> Tensor:
    share = (_light(taken) / keys.light).clamp(0, 1)
    lit = taken.photo * torch.lerp(0.25 + 0.75 * share, torch.full_like(share, 0.35), taken.shown.sky) / keys.light
    picture = displayed(_luminance(_bloom(lit, 0.06)), 0.6).expand_as(taken.photo)
    return _contrast(picture, 1.4, 0.38)


def _clay(taken: Taken, keys: Keys) -> Tensor:
    light, key = _clay_light(taken, keys)
    grey = light * _rgb(light, 0.62, 0.58, 0.54)
    return displayed(torch.lerp(grey, (0.4 * key).expand_as(grey), taken.shown.sky), 0.65)


def _claymation(taken: Taken, keys: Keys) -> Tensor:
    light, _ = _clay_light(taken, keys)
    guide = taken.clear / _luminance(taken.clear).clamp(min=DARKEST)
    shining = taken.shown.shining * guide
    picture = _saturate(taken.base, 1.15) * 0.92 * light + 0.03 * light + shining
    return displayed(torch.lerp(picture, taken.photo, taken.shown.sky), 0.55)


def _watercolour(taken: Taken, _: Keys) -> Tensor:
    colour = displayed(taken.photo * 1.3, 0.5).clamp(0, 1)
    # the filter's own gradient would cost more than it teaches
    colour = colour + (_washed(colour) - colour).detach()
    colour = _saturate(0.12 + 0.88 * colour, 1.15)
    lines = torch.maximum(taken.shown.outlines, taken.shown.creases)
    return colour * (1 - (1 - colour) * 1.5 * _blurred(lines, 1.1 * lines.shape[-2] / 144))


def _blueprint(taken: Taken, keys: Keys) -> Tensor:
    shade = _light(taken).minimum(BRIGHTEST * keys.light).clamp(0, 1.2) * (1 - taken.shown.sky)
    blue = _rgb(shade, 0.05, 0.17, 0.42) * (0.82 + 0.3 * shade)
    heavy = _blurred(taken.shown.outlines, 0.6) * 1.6
    line = torch.maximum(heavy, _blurred(taken.shown.creases, 0.5)).clamp(0, 0.92)
    return torch.lerp(blue, _rgb(blue, 0.86, 0.93, 1.0).expand_as(blue), line)


def _seventies(taken: Taken, _: Keys) -> Tensor:
    picture = displayed(_bloom(taken.photo, 0.14, (1.0, 0.45, 0.25)), 0.5)
    picture = picture * _rgb(picture, 1.05, 0.98, 0.82) * 0.88 + _rgb(picture, 0.075, 0.06, 0.06)
    return _saturate(picture, 0.9)


GRADES: dict[Style, Callable[[Taken, Keys], Tensor]] = {
    "cinematic": _cinematic,
    "documentary": _documentary,
    "cartoon": _cartoon,
    "anime": _anime,
    "noir": _noir,
    "clay": _clay,
    "watercolour": _watercolour,
    "claymation": _claymation,
    "blueprint": _blueprint,
    "seventies": _seventies,
}


def _light(taken: Taken) -> Tensor:
    """(N, 1, H, W) light on a surface, as its colour tells."""
    return _luminance(taken.clear) / _luminance(taken.base).clamp(min=DARKEST)


def _colour(taken: Taken, keys: Keys) -> Tensor:
    """A thing's own colour under its own light: coloured light and reflections stay in it."""
    light = _light(taken).minimum(BRIGHTEST * keys.light).clamp(min=LEAST_KEY)
    return taken.clear / light * (keys.light / DAYLIGHT).clamp(max=1) ** DUSK


def _clay_light(taken: Taken, keys: Keys) -> tuple[Tensor, Tensor]:
    """The light on clay, and its key, no brighter than ``CLAY_EXPOSURE``."""
    exposure = CLAY_EXPOSURE / keys.clay.clamp(min=CLAY_EXPOSURE)
    return taken.clay * exposure, keys.clay * exposure


def _hazed(drawn: Tensor, taken: Taken) -> Tensor:
    return torch.lerp(displayed(taken.airlight).expand_as(drawn), drawn, taken.through)


def _bands(taken: Taken, keys: Keys, borders: tuple[float, ...], levels: tuple[float, ...]) -> Tensor:
    amount = _light(taken) / keys.light
    tone = torch.full_like(amount, levels[0])
    for border, low, high in zip(borders, levels, levels[1:], strict=False):
        tone = tone + (high - low) * ((amount - border) / (0.12 * border) + 0.5).clamp(0, 1)
    return tone


def _ink(picture: Tensor, taken: Taken, strength: float, colour: tuple[float, float, float]) -> Tensor:
    line = strength * torch.maximum(taken.shown.outlines, 0.7 * taken.shown.creases)
    return torch.lerp(picture, _rgb(picture, *colour).expand_as(picture), line)


def _bloom(light: Tensor, share: float, tint: tuple[float, float, float] | None = None) -> Tensor:
    bright = (light - 0.8).clamp(min=0) if tint is None else (light - 0.6).clamp(min=0) * _rgb(light, *tint)
    # what is blurred so far need not be fine
    small = functional.avg_pool2d(bright.clamp(max=8.0), 4, ceil_mode=True)
    wide = _blurred(small, light.shape[-2] / 30 / 4)
    return light + share * 2 * functional.interpolate(wide, light.shape[-2:], mode="bilinear", align_corners=False)


def _washed(colour: Tensor) -> Tensor:
    """Three bilateral filters (Tomasi and Manduchi, 1998)."""
    frames = np.ascontiguousarray(colour.detach().float().permute(0, 2, 3, 1).cpu().numpy())
    for index, frame in enumerate(frames):
        for _ in range(3):
            frame = cv2.bilateralFilter(frame, 7, 0.12, 3.0)
        frames[index] = frame
    return torch.from_numpy(frames).permute(0, 3, 1, 2).to(colour)


def _blurred(picture: Tensor, sigma: float) -> Tensor:
    """By a Gaussian."""
    reach = max(1, round(3 * sigma))
    steps = torch.arange(-reach, reach + 1, dtype=picture.dtype, device=picture.device)
    kernel = torch.exp(-steps.square() / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(picture.shape[1], 1, -1)
    padded = functional.pad(picture, (reach, reach, reach, reach), mode="replicate")
    across = functional.conv2d(padded, kernel[:, :, None], groups=picture.shape[1])
    return functional.conv2d(across, kernel[..., None], groups=picture.shape[1])


def _luminance(light: Tensor) -> Tensor:
    return torch.einsum("nchw,c->nhw", light, light.new_tensor(LUMINANCE.tolist()))[:, None]


def _encoded(light: Tensor) -> Tensor:
    return encoded(light.clamp(0, 1))


def _contrast(picture: Tensor, slope: float, pivot: float = 0.4) -> Tensor:
    return pivot + (picture - pivot) * slope


def _saturate(picture: Tensor, amount: float) -> Tensor:
    return torch.lerp(_luminance(picture), picture, amount)


def _rgb(like: Tensor, red: float, green: float, blue: float) -> Tensor:
    return like.new_tensor((red, green, blue))[:, None, None]
