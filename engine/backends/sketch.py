"""The instant preview of what the engine was told: a lit draft from the passes, graded by the style. No diffusion.

It is the guide that the built-in model corrects and the baseline that every measure is held against.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot

from ..controls.edges import Edges, edges
from ..media.colour import luminance, to_uint8
from ..media.passes import Passes
from ..words.style import Style, style_of
from .capabilities import SKETCH
from .looks import Plate, look
from .protocol import Frames, Request, Samples

Floats = NDArray[np.float32]


class Sketch:
    """Frames at any size and rate, a few tens of milliseconds each; sound is the foley's."""

    capabilities = SKETCH

    def frames(self, request: Request) -> Iterator[Frames]:
        """Every frame in order, (H, W, 3) uint8 sRGB. The same shot and seed give the same bytes."""
        shot = request.shot
        style = style_of(shot.words)
        key = key_light(shot, request.passes)
        for step, number in enumerate(shown_frames(shot, style)):
            request.progress("sketch", step, shot.time.frames)
            yield sketch_frame(shot, request.passes.frame(number), style, number, key)
        request.progress("sketch", shot.time.frames, shot.time.frames)

    def sound(self, request: Request) -> Samples | None:
        return None


def shown_frames(shot: Shot, style: Style) -> list[int]:
    """The frame of the scene that each frame of the clip shows: all of them, or held to 12 a second in claymation."""
    first, count = shot.time.first, shot.time.frames
    if style != "claymation":
        return list(range(first, first + count))
    poses_a_frame = min(12 / shot.time.rate, 1)
    return [first + int(int(i * poses_a_frame) / poses_a_frame) for i in range(count)]


def key_light(shot: Shot, passes: Passes) -> float:
    """How bright a white matte surface in the shot's full light is: one figure for the whole shot, so that nothing pumps.

    The 95th percentile over five frames, evenly spread.
    """
    first, count = shot.time.first, shot.time.frames
    only = ("body", "world_light", *(f"light_{index:03d}" for index in range(len(shot.lights))))
    seen = []
    for number in sorted({first + i * (count - 1) // 4 for i in range(5)}):
        frame = passes.frame(number, only=only)
        seen.append(luminance(_light(shot, frame))[frame["body"] > 0])
    together = np.concatenate(seen)
    return float(np.percentile(together, 95)) if together.size else 1.0


def sketch_frame(shot: Shot, passes: dict[str, NDArray], style: Style, number: int, key: float) -> Frames:
    """One frame, (H, W, 3) uint8 sRGB, from its passes by name (``engine.media.passes``) and its ``key_light``."""
    lines = edges(passes["depth"], passes["normal"], passes["body"])
    plate = sketch_plate(shot, passes, lines, number, key)
    return to_uint8(look(style, plate))


def _light(shot: Shot, passes: dict[str, NDArray]) -> Floats:
    light = passes["world_light"].astype(np.float32)
    for index in range(len(shot.lights)):
        light = light + passes[f"light_{index:03d}"]
    return light * np.float32(2.0**shot.view.exposure)


def sketch_plate(shot: Shot, passes: dict[str, NDArray], lines: Edges, number: int, key: float) -> Plate:
    """What the looks are made from, of one frame; before any grade."""
    exposure = np.float32(2.0**shot.view.exposure)
    emitted = {material.index: material.emission for material in shot.materials}
    indices, place = np.unique(passes["material"], return_inverse=True)
    emission = np.array([emitted.get(int(index), (0.0, 0.0, 0.0)) for index in indices], np.float32)
    soft = lines.any
    return Plate(
        preview=soften(passes["preview"] * exposure, soft),
        base=soften(passes["base_color"], soft),
        light=soften(_light(shot, passes), soft),
        emission=emission[place.reshape(passes["material"].shape)] * exposure,
        something=passes["body"] > 0,
        lines=lines,
        key=max(key, 1e-3),
        frame=number,
        seed=shot.words.seed,
    )


def soften(picture: Floats, where: NDArray[np.bool_]) -> Floats:
    """A tent over 3x3 pixels where a line runs: the passes have one sample a pixel, and stairs would show."""
    picture = np.ascontiguousarray(picture, np.float32)
    mask = cv2.dilate(where.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
    kernel = np.array([0.25, 0.5, 0.25], np.float32)
    # highlights must not bleed: what the eye averages is nearer to the display's value than to radiance
    shown = picture / (1.0 + picture)
    blurred = cv2.sepFilter2D(shown, -1, kernel, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.where(mask[..., None], blurred / np.maximum(1.0 - blurred, 1e-6), picture).astype(np.float32)
