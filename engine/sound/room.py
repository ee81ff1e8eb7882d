"""The space around a sound: walls that answer, then a tail; in open air no more than the ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from sora_addon.contract import SAMPLE_RATE, Shot

from .filters import decibels
from .listener import FARTHEST, REFERENCE_DISTANCE, SPEED_OF_SOUND
from .materials import MATERIALS, OCTAVES
from .seeds import generator

SMALLEST_SIDE, LARGEST_SIDE = 1.0, 500.0
SHORTEST_TAIL, LONGEST_TAIL = 0.08, 8.0
AIR = np.array([0.0001, 0.0003, 0.0006, 0.0010, 0.0019, 0.0058])
"""1/m, power that air takes at ``OCTAVES`` (ISO 9613-1, 20 degrees, 50 % humidity)."""
SMOOTHNESS = 0.6
"""What a wall mirrors of what it gives back; the rest it scatters, and the tail holds that."""
GROUND = 0.3
"""What open ground gives back of the amplitude."""
WETNESS = decibels(-12.0)
"""A blocked room is bare, one that is lived in is not: carpets, curtains, people."""
WETTEST = 0.4
"""The tail's share is bent towards this: a dubbing stage keeps blows clear of the room they ring in."""
BLOCK = 2**19


class Space:
    """A shoebox or the open air, as the shot's room says.

    ``rt60`` (6,) seconds at ``OCTAVES`` after Sabine, 0.161 V / (S alpha + 4 m V) (Sabine 1898; Kuttruff, Room
    Acoustics); empty in open air.
    """

    def __init__(self, shot: Shot) -> None:
        room = shot.room
        self.enclosed = room is not None and room.enclosed
        self._floor = 0.0 if room is None else float(np.clip(room.bounds.low[2], -FARTHEST, FARTHEST))
        self.rt60 = np.zeros(0)
        self._seed = shot.words.seed
        self._kept: tuple[int, NDArray[np.float32]] | None = None
        if room is None or not room.enclosed:
            return
        low, high = (np.clip(corner, -FARTHEST, FARTHEST) for corner in (room.bounds.low, room.bounds.high))
        middle = 0.5 * (low + high)
        sides = np.clip(high - low, SMALLEST_SIDE, LARGEST_SIDE)
        self._low, self._high = middle - 0.5 * sides, middle + 0.5 * sides
        a, b, c = sides
        volume, surface = a * b * c, 2.0 * (a * b + b * c + a * c)
        absorption = np.asarray(MATERIALS[room.sound].absorption)
        taken = surface * absorption + 4.0 * AIR * volume
        self.rt60 = np.clip(0.161 * volume / taken, SHORTEST_TAIL, LONGEST_TAIL)
        self._wall = SMOOTHNESS * float(np.sqrt(1.0 - absorption[2:5].mean()))
        # Diffuse against direct energy at 3 m, 16 pi r^2 (1 - alpha) / A (Kuttruff): the same wherever one stands.
        wet = 16.0 * np.pi * REFERENCE_DISTANCE**2 * float((1.0 - absorption[2:5].mean()) / taken[2:5].mean())
        bare = WETNESS * float(np.sqrt(wet))
        self.send = bare / (1.0 + bare / WETTEST)
        self._first = 4.0 * volume / surface / SPEED_OF_SOUND

    def images(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """(I, T, 3) mirror images of (T, 3) points in the walls, or in the ground, and what a mirror gives back.

        Image sources of the first order (Allen and Berkley, J. Acoust. Soc. Am. 65, 1979); the tail holds the rest.
        """
        if not self.enclosed:
            image = points.copy()
            image[:, 2] = np.minimum(2.0 * self._floor - points[:, 2], points[:, 2])
            return image[None], GROUND
        inside = np.clip(points, self._low, self._high)
        found = []
        for axis in range(3):
            for wall in (self._low[axis], self._high[axis]):
                image = inside.copy()
                image[:, axis] = 2.0 * wall - inside[:, axis]
                found.append(image)
        return np.stack(found), self._wall

    def tail(self, longest: int) -> NDArray[np.float64]:
        """(K, 2) response of the diffuse field, at most ``longest`` samples; unit energy a channel, before ``send``.

        Gaussian noise that dies at each octave's own rate (Moorer, Computer Music Journal 3(2), 1979; Polack 1988),
        from the mean free path on; the two channels are as different as two ears in a diffuse field.
        """
        begin = int(self._first * SAMPLE_RATE)
        count = min(longest, begin + int(1.1 * float(self.rt60.max()) * SAMPLE_RATE))
        if count <= begin:
            return np.zeros((0, 2))
        rng = generator(self._seed, "tail")
        noise = rng.standard_normal((count - begin, 2))
        spectrum = np.fft.rfft(noise, axis=0)
        octave = np.log2(np.maximum(np.fft.rfftfreq(count - begin, 1.0 / SAMPLE_RATE), 1.0) / OCTAVES[0])
        octave = np.clip(octave, 0.0, len(OCTAVES) - 1.0)
        time = np.arange(count - begin) / SAMPLE_RATE
        out = np.zeros((count, 2))
        for band, length in enumerate(self.rt60):
            share = np.square(np.cos(0.5 * np.pi * np.clip(octave - band, -1.0, 1.0)))
            out[begin:] += (
                np.fft.irfft(spectrum * share[:, None], n=count - begin, axis=0)
                * np.exp(-6.908 * time / length)[:, None]
            )
        return out / np.sqrt(np.sum(np.square(out), axis=0))

    def _response(self, longest: int) -> NDArray[np.float32]:
        if self._kept is None or self._kept[0] != longest:
            self._kept = longest, (self.send * self.tail(longest)).astype(np.float32)
        return self._kept[1]

    def reverberate(self, sent: NDArray[np.float32], into: NDArray[np.float32]) -> None:
        """Add the tail of (N,) what was sent to (N, 2) ``into``, block by block."""
        if not self.enclosed or not sent.any():
            return
        count = sent.size
        response = self._response(count)
        for start in range(0, count, BLOCK):
            block = sent[start : start + BLOCK]
            if not block.any():
                continue
            end = min(count, start + block.size + len(response) - 1)
            for ear in range(2):
                into[start:end, ear] += fftconvolve(block, response[:, ear])[: end - start].astype(np.float32)
