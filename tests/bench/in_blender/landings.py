"""When a distance that is known step by step comes to nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

TOUCHING = 2e-4
"""Metres."""
SOFTEST = 0.06
"""Metres a second of closing, below which a landing is not asked for (``contacts.track.Threshold.impact``)."""
ONE_BLOW = 0.02
"""Seconds within which the corners of a thing land together (``contacts.track.Threshold.again``)."""
FLIGHT = 3
"""Whole frames that a flight must last so that they can show it: two that fix it, and one to spare."""


@dataclass(frozen=True)
class Landing:
    first: float
    """Seconds at which the first corner lands."""
    last: float
    speed: float
    """Closing speed of the first, m/s."""
    flight: float
    """Seconds since one of these corners last landed, or since the start."""


def landings(gaps: Doubles, step: float) -> list[Landing]:
    """Landings in order. ``gaps`` (steps, corners) are metres to the surface, ``step`` seconds."""
    single: list[Landing] = []
    for corner in gaps.T:
        before = 0.0
        for index in range(1, len(corner)):
            speed = float(corner[index - 1] - corner[index]) / step
            # Bullet turns what bounces round before it touches: a landing is where the next step would lead through
            if corner[index] > TOUCHING >= corner[index] - speed * step and speed > SOFTEST:
                time = index * step + float(corner[index]) / speed
                single.append(Landing(time, time, speed, time - before))
                before = time
    single.sort(key=lambda landing: landing.first)
    blows: list[Landing] = []
    for one in single:
        if blows and one.first - blows[-1].last < ONE_BLOW:
            whole = blows.pop()
            one = Landing(whole.first, one.last, whole.speed, min(whole.flight, one.flight))
        blows.append(one)
    return blows


def corners_below(poses: Doubles, half: float) -> Doubles:
    """(steps, 8) heights of the corners of a cube of half side ``half``."""
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float) * half
    return np.einsum("fj,vj->fv", poses[:, 2, :3], signs) + poses[:, None, 2, 3]
