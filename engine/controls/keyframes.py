"""Pictures that a clip must pass through, at the frames where the artist put them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .conform import Fit, picture_in

Picture = NDArray[np.uint8]
GREY = 127
"""What stands for "to be made" in a video with holes: half of what a byte holds."""


@dataclass(frozen=True)
class Keyframe:
    """``picture`` (height, width, 3) sRGB at the model's size, at the model's ``frame``, counted from 0."""

    frame: int
    picture: Picture
    strength: float
    exact: bool
    """Whether the model's frame shows just the shot's frame that the picture was made for."""


def keyframes(
    given: Mapping[int, tuple[Picture, float]], fit: Fit, frames: Iterable[int] | None = None
) -> tuple[Keyframe, ...]:
    """Pictures of the shot's size and their strengths, by frames after the shot's first, at the model's nearest frames.

    ``frames`` that the model can hold a picture at, all where none are said. Of two that fall on one frame the stronger
    stays, of two as strong the nearer. Raises ValueError for a picture of another size.
    """
    slots = list(range(fit.frames)) if frames is None else list(frames)
    best: dict[int, tuple[tuple[float, float], Keyframe]] = {}
    for offset, (picture, strength) in given.items():
        if picture.shape != (fit.shot_height, fit.shot_width, 3):
            raise ValueError(f"the keyframe of frame {offset} is {picture.shape}, not of the shot's size")
        slot = min(slots, key=lambda one: (abs(fit.place(one) - offset), one))
        off = abs(fit.place(slot) - offset)
        rank = (-strength, float(off))
        if slot not in best or rank < best[slot][0]:
            best[slot] = rank, Keyframe(slot, picture_in(picture, fit), strength, off == 0)
    return tuple(best[slot][1] for slot in sorted(best))


def ends(pins: Iterable[Keyframe], fit: Fit) -> tuple[Keyframe | None, Keyframe | None]:
    """The keyframes that show the shot's first and its last frame, for models that take just those; None where missing.

    Frames that only the grid asks for hold the last, so a model may be given it at its own last frame as well.
    """
    by_frame = {pin.frame: pin for pin in pins}
    last = next(k for k in range(fit.frames) if fit.shown(k) == fit.shot_frames - 1)
    return by_frame.get(0), by_frame.get(last) if last > 0 else None


def latent_frames(fit: Fit, step: int = 8) -> tuple[int, ...]:
    """The model's frames that begin a latent of their own: 0, 1, 1 + step ..., those that a latent index can name."""
    return (0, *range(1, fit.frames, step))


def latent_index(frame: int, step: int = 8) -> int:
    """Which latent holds the model's ``frame``: the first holds frame 0 alone, each other ``step`` frames."""
    return 0 if frame == 0 else (frame - 1) // step + 1


def with_holes(pins: Iterable[Keyframe], frames: int, height: int, width: int) -> tuple[Picture, Picture]:
    """A video (frames, height, width, 3) with the pictures in their places and grey elsewhere, and its mask.

    The mask (frames, height, width) is 0 where the picture is to be kept and 255 where one is to be made.
    """
    video = np.full((frames, height, width, 3), GREY, np.uint8)
    mask = np.full((frames, height, width), 255, np.uint8)
    for pin in pins:
        video[pin.frame], mask[pin.frame] = pin.picture, 0
    return video, mask
