"""Noise that stays on surfaces: white in every frame, and carried from one to the next along the exact motion.

Each pixel holds one particle of noise, its place within the pixel and its density. A particle moves by the exact motion
vector, so motion below half a pixel adds up and is never lost. Particles that meet in a pixel become one (contraction);
a pixel that none reaches takes a share of the particle that its surface comes from (expansion); a surface that was
hidden gets fresh noise. After Burgert et al., "Go-with-the-Flow: motion-controllable video diffusion models using
real-time warped noise", CVPR 2025 (the density and the two cases), and Chang et al., "How I Warped Your Noise", ICLR 2024
(the split that keeps white noise white). Written from the papers; the places within pixels are ours.

Why it stays white: n children z/sqrt(n) + (e - mean e), e fresh, of a particle z have the covariance 1/n + (I - 1/n) = I,
and a sum of particles, weighted by the roots of their densities over the root of the sum, has the variance 1. Every
particle ends in one pixel only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Planes = dict[str, NDArray[Any]]

NEEDED = ("depth", "body", "to_next", "from_previous")
"""The passes that carrying reads."""
ROUND_TRIP = 1.0
"""Pixels by which motion forwards and backwards may disagree on one point."""
BEHIND = 1.15
"""Of two particles of a body that land on one pixel, one that lies this many times deeper is hidden."""


class CarriedNoise:
    """White noise (H, W, C) of the frame that it stands at; ``advance`` takes it to the next."""

    def __init__(self, seed: int, frame: int, height: int, width: int, channels: int) -> None:
        """``frame`` is the number of the first frame, as Blender counts."""
        self.seed = seed
        self.number = frame
        self.values: Floats = self._fresh((height, width, channels))
        self.density: Floats = np.ones((height, width), np.float32)
        self.offset: Floats = np.zeros((height, width, 2), np.float32)
        """Pixels from the pixel's centre to the particle, x and y."""

    def _fresh(self, shape: tuple[int, ...]) -> Floats:
        random = np.random.default_rng([self.seed, abs(self.number), int(self.number < 0)])
        return random.standard_normal(shape, np.float32)

    def advance(self, now: Planes, following: Planes) -> None:
        """To the next frame. Both hold the passes of ``NEEDED`` at the noise's own size, motion in its pixels."""
        height, width, channels = self.values.shape
        self.number += 1
        fresh = self._fresh((2, height * width, channels))
        source, target, place = self._landed(now, following)
        reached = np.zeros(height * width, bool)
        reached[target] = True
        hole, parent = _pulled(now, following, np.flatnonzero(~reached))
        source, target = np.concatenate([source, parent]), np.concatenate([target, hole])
        place = np.concatenate([place, np.zeros((len(hole), 2), np.float32)])

        share = np.bincount(source, minlength=height * width)[source].astype(np.float32)[:, None]
        # a child's own noise is drawn by its target where it fills a hole, by its source where it went on itself
        own = np.concatenate([fresh[0][source[: len(source) - len(hole)]], fresh[1][hole]])
        children = self.values.reshape(-1, channels)[source] / np.sqrt(share)
        # in these brackets, so that a particle that stays alone keeps its value to the bit
        children = children + (own - _sums(own, source, height * width)[source] / share)
        density = self.density.reshape(-1)[source].astype(np.float64) / share[:, 0]

        whole = np.bincount(target, density, height * width)
        known = whole > 0
        root = np.sqrt(np.where(known, whole, 1.0))[:, None]
        merged = _sums(children * np.sqrt(density)[:, None], target, height * width) / root
        middle = _sums(place * density[:, None], target, height * width) / np.where(known, whole, 1.0)[:, None]
        values = np.where(known[:, None], merged, fresh[1])
        self.values = values.reshape(height, width, channels).astype(np.float32)
        self.density = np.where(known, whole, 1.0).reshape(height, width).astype(np.float32)
        self.offset = np.where(known[:, None], middle, 0.0).reshape(height, width, 2).astype(np.float32)

    def _landed(self, now: Planes, following: Planes) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
        """Source and target pixels, flat, of the particles that are seen again, and where in the pixel (N, 2)."""
        height, width = self.density.shape
        motion = _motion(now, "to_next")
        # apart from the column's number, so that rounding parts no neighbours that move alike
        step = self.offset + motion
        whole = np.floor(step + np.float32(0.5))
        column, row, inside = _pixel(_centres(height, width) + whole, height, width)
        back = _motion(following, "from_previous")[row, column]
        kept = inside & (now["body"] == following["body"][row, column])
        kept &= _agree(motion, back)
        target = row * width + column
        depth = np.where(np.isfinite(now["depth"]), now["depth"], 1e9).reshape(-1)
        source = np.flatnonzero(kept.reshape(-1))
        target = target.reshape(-1)[source]
        nearest = np.full(height * width, np.inf, np.float64)
        np.minimum.at(nearest, target, depth[source])
        front = depth[source] <= BEHIND * nearest[target]
        source, target = source[front], target[front]
        place = (step - whole).reshape(-1, 2)[source]
        return source, target, place.astype(np.float32)


def carried_noise(frames: Iterable[Planes], seed: int, first: int, channels: int = 3) -> Iterator[Floats]:
    """(H, W, channels) of each frame in order; ``frames`` hold the passes of ``NEEDED``, ``first`` is the first's number."""
    noise: CarriedNoise | None = None
    before: Planes = {}
    for planes in frames:
        if noise is None:
            height, width = planes["depth"].shape
            noise = CarriedNoise(seed, first, height, width, channels)
        else:
            noise.advance(before, planes)
        before = planes
        yield noise.values


def shrunk(planes: Planes, pool: int, size: tuple[int, int]) -> Planes:
    """The passes of ``NEEDED`` as a picture ``pool`` times smaller has them, its borders repeated up to ``size`` (h, w).

    One pixel stands for its neighbours, for bodies and motions have no mean; motion is in the small picture's pixels.
    """
    small: Planes = {}
    for name, plane in planes.items():
        part = plane[pool // 2 :: pool, pool // 2 :: pool]
        below, right = size[0] - part.shape[0], size[1] - part.shape[1]
        small[name] = np.pad(part, [(0, below), (0, right)] + [(0, 0)] * (plane.ndim - 2), mode="edge")
    for name in ("to_next", "from_previous"):
        small[name] = small[name] / np.float32(pool)
    return small


def _pulled(now: Planes, following: Planes, hole: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The pixels of ``hole`` whose surface was seen before, and the pixels it was seen at; all flat."""
    height, width = following["depth"].shape
    motion = _motion(following, "from_previous")
    column, row, inside = _pixel(_centres(height, width) - motion, height, width)
    kept = inside & (following["body"] == now["body"][row, column])
    kept &= _agree(_motion(now, "to_next")[row, column], motion)
    parent = (row * width + column).reshape(-1)[hole]
    seen = kept.reshape(-1)[hole]
    return hole[seen], parent[seen]


def _motion(planes: Planes, name: str) -> Floats:
    """(H, W, 2) pixels; where nothing is and motion is unknown, noise stays where it is on the picture."""
    motion = planes[name]
    return np.where((planes["body"] == 0)[..., None], np.nan_to_num(motion), motion).astype(np.float32)


def _agree(one: Floats, other: Floats) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(one - other) < ROUND_TRIP).all(-1))


def _centres(height: int, width: int) -> Floats:
    j, i = np.mgrid[0:height, 0:width].astype(np.float32) + np.float32(0.5)
    return np.stack([i, j], -1)


def _pixel(places: Floats, height: int, width: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Column and row that each place lies in, the nearest where it is outside or unknown, and if it is inside."""
    with np.errstate(invalid="ignore"):
        inside = np.asarray(((places >= 0) & (places < (width, height))).all(-1))
    known = np.nan_to_num(places, nan=0.0, posinf=0.0, neginf=0.0)
    column = np.clip(np.floor(known[..., 0]), 0, width - 1).astype(np.intp)
    row = np.clip(np.floor(known[..., 1]), 0, height - 1).astype(np.intp)
    return column, row, inside


def _sums(values: NDArray[Any], groups: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """(count, C) sums of ``values`` (N, C) by group."""
    sums = [np.bincount(groups, values[:, k], count) for k in range(values.shape[1])]
    return np.stack(sums, -1).astype(np.float64, copy=False)
