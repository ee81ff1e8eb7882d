"""Where the camera hears a thing: near or far, left or right, coming or going."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot, Vector

from .filters import HIGHEST

SPEED_OF_SOUND = 343.0
REFERENCE_DISTANCE = 3.0
"""Metres at which a voice has its own level."""
FARTHEST = 1e5
"""Metres from the world's origin: what lies beyond is heard from there."""
NEAREST = 0.4
"""Metres: nearer things get no louder."""
WIDTH = 0.8
"""Share of the stereo base that is used: film keeps things on screen near the centre."""
HEAD = 0.0875
"""Metres, radius."""
EARS = 0.5
"""Share of a head's delay between the ears: enough to place a thing, little enough to fold to mono."""


@dataclass(frozen=True, eq=False)
class Heard:
    """As the camera hears (T,) points: metres, azimuth in radians (right is positive), gains (T, 2), delays (T, 2) s."""

    distance: NDArray[np.float64]
    azimuth: NDArray[np.float64]
    gains: NDArray[np.float64]
    delays: NDArray[np.float64]


class Listener:
    """The camera of a shot as a pair of ears, between its frames too.

    Propagation delay is not applied: film shows thunder and lightning in one frame, an artist who sees a blow expects
    its sound with it, and the contract holds picture and sound to one time. What arrives later is only what arrives
    later than the direct sound: the far ear, reflections.
    """

    def __init__(self, shot: Shot) -> None:
        rows = shot.camera
        self._rate = float(shot.time.rate)
        world = np.array([row.world for row in rows], dtype=np.float64).reshape(-1, 4, 4)
        self._places = np.clip(world[:, :3, 3], -FARTHEST, FARTHEST)
        self._rights = world[:, :3, 0]
        self._forwards = world[:, :3, 2]
        # A cut between cameras is no flight from one to the other.
        self._cut = np.array([a.camera != b.camera for a, b in pairwise(rows)] + [True])

    def frame(self, seconds: float) -> int:
        """The frame, from 0, that shows that time."""
        return int(np.clip(np.floor(seconds * self._rate + 1e-6), 0, len(self._places) - 1))

    def camera(
        self, seconds: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Place, right and forward, each (T, 3), at those times."""
        place = np.clip(seconds * self._rate, 0.0, len(self._places) - 1.0)
        whole = np.minimum(place.astype(int), len(self._places) - 1)
        following = np.where(self._cut[whole], whole, whole + 1)
        part = (place - whole)[:, None]
        turned = [values[whole] * (1 - part) + values[following] * part for values in (self._rights, self._forwards)]
        turned = [values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9) for values in turned]
        return self._places[whole] * (1 - part) + self._places[following] * part, turned[0], turned[1]

    def hear(self, seconds: NDArray[np.float64], points: NDArray[np.float64]) -> Heard:
        """How (T, 3) world points sound at (T,) seconds. 1/r from 3 m, constant power between the loudspeakers."""
        place, right, forward = self.camera(seconds)
        ray = np.clip(points, -FARTHEST, FARTHEST) - place
        distance = np.linalg.norm(ray, axis=1)
        side, ahead = np.sum(ray * right, axis=1), np.sum(ray * forward, axis=1)
        # What is right at the camera is everywhere around it: no side, and no jump as it passes.
        pan = side / np.sqrt(distance**2 + NEAREST**2)
        azimuth = np.arctan2(side, ahead)
        angle = (1.0 + WIDTH * pan) * (np.pi / 4.0)
        loud = REFERENCE_DISTANCE / np.maximum(distance, NEAREST)
        gains = np.sqrt(2.0) * loud[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        # Woodworth (Experimental Psychology, 1938): a/c (theta + sin theta) for the ear that is turned away.
        theta = np.arcsin(np.clip(pan, -1.0, 1.0))
        late = EARS * HEAD / SPEED_OF_SOUND * (theta + np.sin(theta))
        return Heard(distance, azimuth, gains, np.stack([np.maximum(late, 0.0), np.maximum(-late, 0.0)], axis=1))

    def hear_one(self, seconds: float, point: Vector) -> Heard:
        """``hear`` for one time and point: arrays of one row."""
        return self.hear(np.array([seconds]), np.array([point], dtype=np.float64))


def air_cutoff(distance: float) -> float:
    """Hz above which air takes more than 3 dB over that distance.

    Below 10 kHz ISO 9613-1 at 20 degrees and 50 % humidity is near 1.6e-9 f^2 dB a metre.
    """
    return float(min(np.sqrt(3.0 / (1.6e-9 * max(distance, 0.1))), HIGHEST))


def tamed(peak: float) -> float:
    """A peak as it is mixed: as it is up to 0.35 (-9 dBFS), then ever less, never above 0.7 (-3 dBFS).

    It scales a whole event and bends no waveform: an anvil at the lens is the loudest thing and leaves room for others.
    """
    return peak if peak <= 0.35 else 0.35 + 0.35 * (1.0 - float(np.exp(-(peak - 0.35) / 0.35)))
