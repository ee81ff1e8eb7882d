"""What the solver is told: the pose of every thing in every frame, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...contract import Sound

Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]

Motion = Literal["still", "moving", "rigid", "deforming", "particles"]


@dataclass(frozen=True, eq=False)
class Clock:
    """When each row was taken: whole frames, ``lead`` of them before the first of the shot."""

    fps: float
    rows: int
    """All rows: the frames of the shot, those before it and those after it."""
    lead: int = 1
    tail: int = 1

    @property
    def step(self) -> float:
        """Seconds from row to row."""
        return 1.0 / self.fps

    @property
    def times(self) -> Doubles:
        """(rows,) seconds from the first frame."""
        return (np.arange(self.rows) - self.lead) / self.fps

    @property
    def end(self) -> float:
        """Seconds from the first frame to the end of the last."""
        return (self.rows - self.lead - self.tail) / self.fps

    def holds(self, time: float) -> bool:
        """Whether the shot shows that time. A thousandth of a frame early is the first frame."""
        return -1e-3 * self.step <= time < self.end


@dataclass(frozen=True, eq=False)
class Track:
    """One mesh on its way through the shot. A body may have several."""

    body: int
    """Contract index."""
    motion: Motion
    worlds: Doubles
    """(rows, 4, 4) local axes to world, metres; (1, 4, 4) where it never moves."""
    points: Doubles
    """(V, 3) local vertices."""
    corners: Ints
    """(T, 3) vertices of the triangles."""
    deformed: Doubles | None = None
    """(rows, V, 3) vertices in world axes, for a mesh that changes its shape."""
    mass: float | None = None
    """Kilograms."""
    friction: float = 0.5
    restitution: float = 0.0
    sound: Sound = "generic"
    reach: float = 0.0
    """Metres that the shape the simulation collides may differ from the mesh that is seen."""
    feet: bool = False
    """It is moved by an armature: what lands is a foot."""
    partners: frozenset[int] = field(default_factory=frozenset)
    """Bodies that it hangs on (its parent, its armature, the other side of its hinge)."""


@dataclass(frozen=True, eq=False)
class Drops:
    """The particles of one system, row by row."""

    body: int
    ids: list[NDArray[np.int32]]
    """A row each: (N,) the same for the same particle in every row."""
    points: list[NDArray[np.float32]]
    """A row each: (N, 3) world, metres."""
    velocities: list[NDArray[np.float32]]
    """A row each: (N, 3) metres a second."""
    died: list[Doubles]
    """A row each: (N,) seconds from the first frame; inf where it lives on."""
    mass: float | None = None
    """Kilograms of one particle."""


@dataclass(frozen=True)
class Threshold:
    """What is too soft to be heard, and how near is touching. Metres and seconds."""

    impact: float = 0.06
    """Closing speed. A coin laid down by hand closes at some 0.1 m/s."""
    slide: float = 0.03
    roll: float = 0.03
    touch: float = 0.002
    """Distance of two meshes that rest on each other, at most."""
    lasting: float = 0.08
    """Seconds that a roll or slide lasts at least."""
    slip: float = 0.3
    """Slip over speed below which a moving contact rolls."""
    again: float = 0.02
    """Seconds within which one pair is heard once."""


THRESHOLD = Threshold()


def rigid_motion(worlds: Doubles, points: Doubles) -> tuple[Doubles, Doubles, Doubles] | None:
    """Origins (F, 3), rotations (F, 3, 3) and vertices with the scale in them, or None where the scale changes.

    The matrix is split as rotation times stretch (polar decomposition: Shoemake and Duff, "Matrix Animation and Polar
    Decomposition", 1992). A mirrored matrix keeps its mirror in the stretch.
    """
    linear = worlds[:, :3, :3]
    left, sizes, right = np.linalg.svd(linear)
    flip = np.where(np.linalg.det(left @ right) < 0, -1.0, 1.0)
    left = left.copy()
    left[:, :, 2] *= flip[:, None]
    rotations = left @ right
    stretch = np.swapaxes(rotations, 1, 2) @ linear
    size = max(float(np.abs(sizes).max()), 1e-9)
    if np.abs(stretch - stretch[:1]).max() > 1e-3 * size:
        return None
    return worlds[:, :3, 3].copy(), rotations, points @ stretch[0].T
