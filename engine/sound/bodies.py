"""A body as a resonator: its modes from its size, shape, mass and material, and how a blow at a point excites them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Body, Sound, Vector

from .materials import MATERIALS, Acoustic
from .seeds import generator

SMALLEST = 2e-3
"""Metres: thinner or smaller things sound as if they were that large."""
HUGE = 1.5
"""Metres: a still body that is larger is a floor, a wall, the ground, and thuds."""
THUD_PATCH = 1.2
"""Metres of a floor that move under a blow."""
LOWEST_MODE, SHORTEST_WAVE, HIGHEST_MODE = 40.0, 9_000.0, 17_000.0
LIGHTEST, HEAVIEST = 1e-7, 1e5
"""Kilograms."""


@dataclass(frozen=True, eq=False)
class Resonator:
    """A body that can be struck.

    ``sizes`` (3,) metres, falling; ``axes`` (3,) which of the body's own axes each size lies along; ``low`` (3,) the
    corner of its bounds. ``frequencies`` (M,) Hz rising, ``decays`` (M,) 1/s, ``orders`` (M, 2) half waves along the
    first two sizes.
    """

    body: Body
    material: Acoustic
    sizes: NDArray[np.float64]
    axes: NDArray[np.int64]
    low: NDArray[np.float64]
    mass: float
    grounded: bool
    frequencies: NDArray[np.float64]
    decays: NDArray[np.float64]
    orders: NDArray[np.float64]

    @property
    def sound(self) -> Sound:
        return self.body.sound

    @property
    def radius(self) -> float:
        """Of curvature where it is touched, metres."""
        return 0.5 * float(self.sizes[1] if self.grounded else self.sizes[2])

    def gains(self, point: Vector, frame: int) -> NDArray[np.float64]:
        """(M,) how strongly a blow at that world point, in that frame of the shot, excites each mode.

        The shape of mode (m, n) of a plate with free edges is near cos(m pi x) cos(n pi y): a blow on a node is mute.
        """
        world = np.asarray(self.body.row(frame).world).reshape(4, 4)
        axes = world[:3, :3] / np.maximum(np.linalg.norm(world[:3, :3], axis=0), 1e-9)
        local = np.nan_to_num(axes.T @ (np.asarray(point) - world[:3, 3]), posinf=1e6, neginf=-1e6)
        place = np.clip((local - self.low)[self.axes[:2]] / self.sizes[:2], 0.0, 1.0)
        shape = np.abs(np.prod(np.cos(np.pi * self.orders * place), axis=1))
        tilt = (self.frequencies / self.frequencies[0]) ** -0.4
        return (0.12 + 0.88 * shape) * tilt


def usual_mass(body: Body) -> float:
    """Kilograms: what the scene says, else bounds and material tell. A still body without a mass cannot be moved."""
    if body.mass is not None:
        return float(np.clip(body.mass, LIGHTEST, HEAVIEST))
    if body.motion == "still":
        return HEAVIEST
    sizes = np.maximum(np.subtract(body.bounds.high, body.bounds.low), SMALLEST)
    material = MATERIALS[body.sound]
    return float(np.clip(material.density * material.fill * 0.6 * np.prod(sizes), LIGHTEST, HEAVIEST))


def resonator(body: Body, seed: int) -> Resonator:
    """The modes of a body.

    Bending waves of a plate as large as its bounds and as thick as its mass allows: f = (pi / (2 sqrt 12)) c h ((mu_m /
    a)^2 + (mu_n / b)^2) with mu_m near m + 1/2 for free edges (Leissa, Vibration of Plates, NASA SP-160, 1969; Morse
    and Ingard, Theoretical Acoustics, 1968), so a rod has the ratios 1 : 2.78 : 5.44 of a free bar and things of equal
    make ring at frequencies as one over their size. Decay after van den Doel and Pai (Presence 7(4), 1998): pi f
    tan(phi), plus a constant for radiation and support. Each body's modes are a little its own, as no two castings are
    alike.
    """
    material = MATERIALS[body.sound]
    bounds = np.maximum(np.subtract(body.bounds.high, body.bounds.low), 0.0)
    bounds = np.minimum(np.maximum(bounds, SMALLEST), 1e6)
    axes = np.argsort(-bounds, kind="stable")
    sizes = bounds[axes]
    grounded = body.motion == "still" and bool(sizes[0] > HUGE and sizes[1] > 0.5 * HUGE)
    plate = np.minimum(sizes[:2], THUD_PATCH) if grounded else sizes[:2]

    thickness = material.thickness
    if body.mass is not None and not grounded:
        # A light shell sounds lower than a thick one. Scenes often keep a default mass: it may move the wall no further.
        area = 2.0 * (sizes[0] * sizes[1] + sizes[1] * sizes[2] + sizes[0] * sizes[2])
        wall = body.mass / (material.density * area) / sizes[0]
        thickness = float(np.clip(wall, 0.6 * thickness, 1.6 * thickness))
    wall = thickness * float(plate[0])

    rng = generator(seed, "modes", body.id)
    m, n = (grid.ravel().astype(np.float64) for grid in np.meshgrid(np.arange(9), np.arange(9), indexing="ij"))
    m, n = m[1:], n[1:]
    wave = np.square(np.where(m > 0, m + 0.5, 0.0) / plate[0]) + np.square(np.where(n > 0, n + 0.5, 0.0) / plate[1])
    frequencies = np.pi / (2.0 * np.sqrt(12.0)) * material.bending_speed * wall * wave
    lowest = float(frequencies.min())
    # Small solids ring above hearing; held below SHORTEST_WAVE, and always higher the smaller, they keep a voice.
    heard = float(np.hypot(lowest, LOWEST_MODE))
    heard = heard / np.sqrt(1.0 + (heard / SHORTEST_WAVE) ** 2)
    frequencies *= heard / lowest
    frequencies *= 1.0 + 0.025 * rng.standard_normal(frequencies.size)
    order = np.argsort(frequencies, kind="stable")
    order = order[frequencies[order] < HIGHEST_MODE][: material.modes]
    frequencies = frequencies[order]
    orders = np.stack([m[order], n[order]], axis=1)

    decays = material.damping + np.pi * frequencies * material.loss
    decays *= 1.0 + 0.15 * rng.random(decays.size)
    if grounded:
        # A slab lies on soil or joists: energy leaves it on all sides.
        decays = 2.5 * decays + 70.0
    elif body.motion == "still":
        decays = 1.3 * decays + 8.0
    low = np.clip(np.asarray(body.bounds.low, dtype=np.float64), -1e6, 1e6)
    return Resonator(body, material, sizes, axes, low, usual_mass(body), grounded, frequencies, decays, orders)
