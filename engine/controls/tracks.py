"""Motion as drawn point tracks: points of surfaces, followed through the whole shot, and the lines that they leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Planes = dict[str, NDArray[Any]]
Doubles = NDArray[np.float64]

NEEDED = ("depth", "body", "to_next", "from_previous")
"""The passes that following reads."""
ROUND_TRIP = 1.0
"""Pixels by which motion forwards and backwards may disagree on one point."""


@dataclass(frozen=True)
class Tracks:
    """``places`` (F, N, 2) pixels, x and y; ``seen`` (F, N) where the point is seen; its place is NaN where it is not."""

    places: Doubles
    seen: NDArray[np.bool_]


def follow(frames: Iterable[Planes], points: Doubles) -> Tracks:
    """Points (N, 2), pixels in the first frame, along the exact motion, each until it is hidden or leaves the picture.

    ``frames`` hold the passes of ``NEEDED``, in order.
    """
    places, seen = [np.asarray(points, np.float64)], [np.ones(len(points), bool)]
    before: Planes | None = None
    for planes in frames:
        if before is not None:
            at, kept = _advanced(before, planes, places[-1], seen[-1])
            places.append(at)
            seen.append(kept)
        else:
            seen[0] &= _body_at(planes, places[0]) > 0
            places[0] = np.where(seen[0][:, None], places[0], np.nan)
        before = planes
    return Tracks(np.stack(places), np.stack(seen))


def spread_points(body: NDArray[np.uint32], apart: float, indices: Iterable[int] | None = None) -> Doubles:
    """(N, 2) pixel centres on a grid some ``apart`` pixels wide, where a body is seen, or one of those."""
    height, width = body.shape
    rows = np.arange(int(apart / 2), height, max(1, round(apart)))
    columns = np.arange(int(apart / 2), width, max(1, round(apart)))
    j, i = (grid.reshape(-1) for grid in np.meshgrid(rows, columns, indexing="ij"))
    chosen = body[j, i] > 0 if indices is None else np.isin(body[j, i], list(indices))
    return np.stack([i[chosen] + 0.5, j[chosen] + 0.5], -1)


def drawn_tracks(tracks: Tracks, frame: int, height: int, width: int, tail: int = 12) -> NDArray[np.uint8]:
    """(height, width, 3) the points that are seen in ``frame`` and the way of their last ``tail`` frames, on black.

    A point keeps its colour, which is its place in the frame that it is first seen in.
    """
    picture = np.zeros((height, width, 3), np.uint8)
    thick = max(1, round(height / 180))
    for point in np.flatnonzero(tracks.seen[frame]):
        colour = _colour(tracks, int(point), height, width)
        way = tracks.places[max(0, frame - tail) : frame + 1, point]
        way = way[np.isfinite(way).all(-1)]
        corners = np.round((way - 0.5) * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(picture, [corners], False, colour, thick, cv2.LINE_AA, 4)
        centre = (int(corners[-1, 0, 0]), int(corners[-1, 0, 1]))
        cv2.circle(picture, centre, thick * 2 * 16, colour, -1, cv2.LINE_AA, 4)
    return picture


def _advanced(
    now: Planes, following: Planes, places: Doubles, seen: NDArray[np.bool_]
) -> tuple[Doubles, NDArray[np.bool_]]:
    height, width = now["body"].shape
    row, column = _under(places, height, width)
    step = now["to_next"][row, column].astype(np.float64)
    there = places + step
    with np.errstate(invalid="ignore"):
        inside = ((there >= 0) & (there < (width, height))).all(-1)
    to_row, to_column = _under(there, height, width)
    back = following["from_previous"][to_row, to_column]
    with np.errstate(invalid="ignore"):
        agree = (np.abs(step - back) < ROUND_TRIP).all(-1)
    kept = seen & inside & agree & (now["body"][row, column] == following["body"][to_row, to_column])
    return np.where(kept[:, None], there, np.nan), kept


def _under(places: Doubles, height: int, width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    known = np.nan_to_num(places)
    return (
        np.clip(np.floor(known[:, 1]), 0, height - 1).astype(np.intp),
        np.clip(np.floor(known[:, 0]), 0, width - 1).astype(np.intp),
    )


def _body_at(planes: Planes, places: Doubles) -> NDArray[np.uint32]:
    row, column = _under(places, *planes["body"].shape)
    return planes["body"][row, column]


def _colour(tracks: Tracks, point: int, height: int, width: int) -> tuple[int, int, int]:
    first = tracks.places[int(np.argmax(tracks.seen[:, point])), point]
    return int(64 + 191 * first[0] / width), int(64 + 191 * first[1] / height), 255
