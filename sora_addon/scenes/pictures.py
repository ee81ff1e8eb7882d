"""Pictures by procedure: floors, walls and boards with enough marks for a camera to be tracked by.

Every picture tiles. Value noise after Perlin (1985), summed in octaves; seeds are fixed, so a scene is always the same.
"""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float64]
Tone = tuple[float, float, float]
"""sRGB, 0 to 1."""


def noise(size: int, cells: tuple[int, int], seed: int, octaves: int = 4) -> Grid:
    """(size, size) in about -1 to 1; ``cells`` features down and across in the lowest octave."""
    rng = np.random.default_rng(seed)
    total, weight, whole = np.zeros((size, size)), 1.0, 0.0
    for octave in range(octaves):
        down, across = cells[0] << octave, cells[1] << octave
        if max(down, across) > size // 2:
            break
        total += weight * _stretched(rng.uniform(-1.0, 1.0, (down, across)), size)
        whole += weight
        weight /= 2.0
    return total / whole


def _stretched(grid: Grid, size: int) -> Grid:
    for axis in (0, 1):
        cells = grid.shape[axis]
        place = np.arange(size) * cells / size
        index = place.astype(int)
        share = place - index
        share = share * share * (3.0 - 2.0 * share)
        share = share[:, None] if axis == 0 else share[None, :]
        here = np.take(grid, index, axis=axis)
        there = np.take(grid, (index + 1) % cells, axis=axis)
        grid = here + (there - here) * share
    return grid


def picture(name: str, tones: Grid) -> bpy.types.Image:
    """A packed image of (size, size, 3) sRGB tones, rows from the bottom."""
    height, width = tones.shape[:2]
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = np.clip(tones, 0.0, 1.0)
    image = bpy.data.images.new(name, width, height)
    image.pixels.foreach_set(pixels.ravel())
    image.update()
    image.pack()
    return image


def tiles(name: str, tone: Tone, *, size: int = 1024, count: int = 6, seed: int = 1) -> bpy.types.Image:
    """Square stone slabs, each of its own shade, stained, with worn joints."""
    rng = np.random.default_rng(seed)
    step = np.arange(size) * count / size
    row, column = np.meshgrid(step.astype(int), step.astype(int), indexing="ij")
    edge = np.minimum(_to_edge(step)[:, None], _to_edge(step)[None, :])
    wear = noise(size, (24, 24), seed + 1, 4)
    joint = np.clip((edge + 0.012 * wear) / 0.018, 0.0, 1.0)
    shade = rng.uniform(0.80, 1.12, (count, count))[row, column]
    warmth = rng.uniform(-0.035, 0.035, (count, count))[row, column]
    stains = noise(size, (5, 5), seed + 2, 5)
    grain = noise(size, (128, 128), seed + 3, 2)
    light = shade * (1.0 + 0.16 * stains + 0.13 * grain)
    tones = light[..., None] * np.array(tone) + warmth[..., None] * np.array([1.0, 0.2, -1.0])
    pits = np.clip((noise(size, (96, 96), seed + 4, 2) - 0.55) / 0.1, 0.0, 1.0)
    return picture(name, tones * (0.35 + 0.65 * joint)[..., None] * (1.0 - 0.45 * pits)[..., None])


def bricks(name: str, tone: Tone, *, size: int = 1024, rows: int = 16, seed: int = 11) -> bpy.types.Image:
    """A wall of bricks, half a brick offset, with plaster that has come off in places."""
    rng = np.random.default_rng(seed)
    y = np.arange(size) * rows / size
    row = y.astype(int)
    x = np.arange(size) * (rows // 2) / size
    across = x[None, :] + 0.5 * (row % 2)[:, None]
    column = across.astype(int) % (rows // 2)
    edge = np.minimum(_to_edge(y)[:, None] * 0.5, _to_edge(across))
    joint = np.clip((edge + 0.012 * noise(size, (48, 48), seed + 1)) / 0.03, 0.0, 1.0)
    shade = rng.uniform(0.72, 1.2, (rows, rows // 2))[row[:, None], column]
    light = shade * (1.0 + 0.2 * noise(size, (64, 64), seed + 2, 3))
    brick = light[..., None] * np.array(tone)
    mortar = np.array([0.56, 0.52, 0.47]) * (1.0 + 0.1 * noise(size, (96, 96), seed + 3, 2))[..., None]
    wall = mortar + (brick - mortar) * joint[..., None]
    plaster = np.array([0.80, 0.71, 0.58]) * (1.0 + 0.10 * noise(size, (9, 9), seed + 4, 6))[..., None]
    cover = np.clip((noise(size, (3, 3), seed + 5, 6) + 0.16) / 0.03, 0.0, 1.0)
    return picture(name, wall + (plaster - wall) * cover[..., None])


def boards(
    name: str, tone: Tone, *, size: int = 512, count: int = 4, gap: float = 0.02, seed: int = 21
) -> bpy.types.Image:
    """Planks along the picture's width, with grain, knots and dark gaps (``gap`` of a plank wide)."""
    rng = np.random.default_rng(seed)
    step = np.arange(size) * count / size
    row = step.astype(int)
    lit = np.clip(_to_edge(step) / gap, 0.0, 1.0)[:, None] if gap else 1.0
    shade = rng.uniform(0.82, 1.12, count)[row][:, None]
    bend = noise(size, (6, 3), seed + 1, 3)
    rings = np.sin((step[:, None] * 4.0 + 2.5 * bend) * 2.0 * np.pi)
    grain = noise(size, (128, 4), seed + 2, 2)
    light = shade * (1.0 + 0.06 * rings + 0.16 * grain)
    knots = np.clip((noise(size, (7, 3), seed + 3, 2) - 0.62) / 0.12, 0.0, 1.0)
    return picture(name, light[..., None] * np.array(tone) * (lit * (1.0 - 0.5 * knots))[..., None])


def speckle(name: str, tone: Tone, *, size: int = 512, depth: float = 0.25, seed: int = 31) -> bpy.types.Image:
    """A cast or cut surface: clouds and fine grain."""
    clouds, grain = noise(size, (4, 4), seed, 5), noise(size, (100, 100), seed + 1, 2)
    light = 1.0 + depth * (0.6 * clouds + 0.6 * grain)
    return picture(name, light[..., None] * np.array(tone))


def _to_edge(step: Grid) -> Grid:
    """Distance to the nearest whole number."""
    share = step - np.floor(step)
    return np.minimum(share, 1.0 - share)
