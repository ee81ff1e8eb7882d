"""Exact motion over any span of a shot: where the points that a frame shows are at another time, and if they are seen."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Planes = dict[str, NDArray[Any]]
Doubles = NDArray[np.float64]
Mask = NDArray[np.bool_]

NEEDED = ("body", "to_next", "from_previous")
"""The passes that following reads."""
ROUND_TRIP = 1.0
"""Pixels by which motion forwards and backwards may disagree on one point."""


def pixel_places(height: int, width: int) -> Doubles:
    """(height * width, 2) x and y of every pixel's centre, row by row."""
    j, i = np.mgrid[0:height, 0:width] + 0.5
    return np.stack([i.reshape(-1), j.reshape(-1)], -1)


def pixels_under(places: Doubles, height: int, width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column (N,) of the pixel that each place (N, 2) lies in, the nearest where it is outside or unknown."""
    known = np.nan_to_num(places)
    return (
        np.clip(np.floor(known[:, 1]), 0, height - 1).astype(np.intp),
        np.clip(np.floor(known[:, 0]), 0, width - 1).astype(np.intp),
    )


def stepped(here: Planes, there: Planes, forward: bool, places: Doubles) -> tuple[Doubles, Mask]:
    """Places (N, 2) of frame ``here`` a frame later, or earlier, and where the point is seen there (N,).

    It is seen where it stays in the picture, on the same body, and the motion there leads back to within a pixel. Unknown
    places stay unknown.
    """
    height, width = here["body"].shape
    ahead, back, sign = ("to_next", "from_previous", 1) if forward else ("from_previous", "to_next", -1)
    row, column = pixels_under(places, height, width)
    step = sign * here[ahead][row, column].astype(np.float64)
    moved = places + step
    with np.errstate(invalid="ignore"):
        seen = ((moved >= 0) & (moved < (width, height))).all(-1)
        to_row, to_column = pixels_under(moved, height, width)
        seen &= (np.abs(step - sign * there[back][to_row, to_column]) < ROUND_TRIP).all(-1)
    return moved, seen & (here["body"][row, column] == there["body"][to_row, to_column])


def carried(frame: Callable[[int], Planes], start: int, stop: Fraction | int) -> tuple[Doubles, Mask]:
    """Where the point that each pixel of frame ``start`` shows is at ``stop``, (H, W, 2) pixels, and if it is seen (H, W).

    ``frame`` gives the passes of ``NEEDED`` by number; ``stop`` may lie between two frames, before or after. What is
    hidden or leaves the picture on the way is not seen, and its place is where it was lost.
    """
    now = frame(start)
    height, width = now["body"].shape
    places, seen, at = pixel_places(height, width), np.ones(height * width, bool), Fraction(start)
    while at != stop:
        forward = stop > at
        share = min(Fraction(1), abs(stop - at))
        following = frame(int(at) + (1 if forward else -1))
        moved, kept = stepped(now, following, forward, places)
        seen &= kept
        places = np.where(seen[:, None], places + float(share) * (moved - places), places)
        at += share if forward else -share
        now = following
    return places.reshape(height, width, 2), seen.reshape(height, width)


def motion_between(frame: Callable[[int], Planes], start: int, stop: int) -> NDArray[np.float32]:
    """(H, W, 2) pixels that each point of frame ``start`` moves until frame ``stop``; NaN where it is lost on the way.

    Over one frame it is the pass itself, which knows where hidden points go too; over none it is 0. Before ``start`` it
    is how far the point has moved since, as in ``from_previous``.
    """
    if abs(stop - start) == 1:
        return frame(start)["to_next" if stop > start else "from_previous"]
    places, seen = carried(frame, start, stop)
    height, width = seen.shape
    motion = places - pixel_places(height, width).reshape(height, width, 2)
    motion = motion if stop >= start else -motion
    return np.where(seen[..., None], motion, np.nan).astype(np.float32)
