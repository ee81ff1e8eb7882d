"""Where on a lamp its shadow is seen from, and the spots around each of those that its softness is filtered over.

A lamp's surface is covered by ``samples * TAPS`` evenly spread points (R2, Roberts 2018, or a sunflower). They are divided into ``samples`` cells of equal count by cutting, again and again, the cell that is longest across its longest
side: a depth map is drawn from the middle of each cell, and the points of the cell, relative to its middle, are what
the filter of that map spreads over. All maps together thus see the whole lamp evenly, whatever their number.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

TAPS = 16
"""Filter points a sample."""


def square_points(count: int) -> Doubles:
    """(count, 2) evenly spread over [-1, 1] x [-1, 1]."""
    golden = 1.32471795724474602596
    index = np.arange(count)[:, None]
    return np.asarray(2.0 * ((0.5 + index * np.array([1.0 / golden, 1.0 / golden**2])) % 1.0) - 1.0, np.float64)


def disc_points(count: int) -> Doubles:
    """(count, 2) evenly spread over the unit disc: a sunflower (Vogel, 1979)."""
    index = np.arange(count) + 0.5
    radius, angle = np.sqrt(index / count), index * math.pi * (3.0 - math.sqrt(5.0))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)


def ball_points(count: int) -> Doubles:
    """(count, 3) unit vectors evenly spread: a spherical Fibonacci lattice; the corners of a tetrahedron for four."""
    if count == 1:
        return np.zeros((1, 3))
    if count == 4:
        return np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / math.sqrt(3.0)
    index = np.arange(count) + 0.5
    z = 1.0 - 2.0 * index / count
    angle = index * math.pi * (3.0 - math.sqrt(5.0))
    side = np.sqrt(1.0 - z * z)
    return np.stack([side * np.cos(angle), side * np.sin(angle), z], 1)


def ball_cells(samples: int) -> tuple[Doubles, Doubles]:
    """As ``cells``, for a sphere of radius 1 seen from anywhere: (samples, 3) middles, (samples, TAPS, 2) across the view.

    A disc of uniform light has a variance of 1/4 along each side. Middles at distance a add a^2/3 of it, the discs of
    radius q around them the rest, q^2/4.
    """
    q = samples**-0.37
    middles = ball_points(samples) * math.sqrt(0.75 * (1.0 - q * q))
    taps = disc_points(TAPS) - disc_points(TAPS).mean(0)
    angles = 2.0 * math.pi / TAPS * np.arange(samples) / samples
    turn = np.stack([np.cos(angles), -np.sin(angles), np.sin(angles), np.cos(angles)], 1).reshape(-1, 2, 2)
    return middles, q * np.einsum("sij,tj->sti", turn, taps)


def flat_cells(samples: int, *, disc: bool, half_x: float, half_y: float) -> tuple[Doubles, Doubles]:
    """(samples, 2) middles and (samples, TAPS, 2) points around them, in metres (or tangents) across the lamp.

    ``half_x`` and ``half_y`` are the half sides of a rectangle, or the half axes of an ellipse where ``disc``. ``samples``
    is a power of two.
    """
    if samples < 1 or samples & (samples - 1):
        raise ValueError(f"shadow_samples is {samples}; take 1, 2, 4, 8 or 16")
    count = samples * TAPS
    points = disc_points(count) if disc else square_points(count)
    points = (points - points.mean(0)) * np.array([half_x, half_y])
    parts = [points]
    while len(parts) < samples:
        halves = []
        for part in parts:
            order = np.argsort(part[:, int(np.argmax(np.ptp(part, axis=0)))], kind="stable")
            halves += [part[order[: len(part) // 2]], part[order[len(part) // 2 :]]]
        parts = halves
    cells = np.stack(parts)
    middles = cells.mean(1)
    return middles, cells - middles[:, None]
