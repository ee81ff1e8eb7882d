"""What is read of the evaluated scene at one frame. Plain numpy: no bpy here.

World axes and metres (Blender units times the scene's unit scale), as in the contract.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..contract import CameraRow, Colour, LightRow
from .surface import Surface

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Mesh:
    """One evaluated mesh as triangles, in its own axes.

    ``key`` is equal for two meshes only if every array is: batches on the GPU are kept by it.
    """

    key: Hashable
    points: Floats
    """(V, 3) vertices."""
    corners: Ints
    """(T, 3) vertex of each triangle's corner."""
    normals: Floats
    """(T, 3, 3) unit normal at each corner."""
    materials: Ints
    """(T,) contract index of each triangle's material."""
    uvs: dict[str, Floats] = field(default_factory=dict)
    """(T, 3, 2) by name of the UV map."""
    colors: dict[str, Floats] = field(default_factory=dict)
    """(T, 3, 4) by name of the colour attribute, scene linear."""
    velocities: Floats | None = None
    """(V, 3) a second, in the mesh's axes, where the file says (fluids, Alembic)."""


@dataclass(frozen=True, eq=False)
class Instance:
    """A mesh in its place."""

    body: int
    """Contract index of the body that it belongs to."""
    identity: Hashable
    """The same for the same instance in every frame."""
    mesh: Mesh
    world: Doubles
    """(4, 4) mesh axes to world, metres."""
    color: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    """The object's own colour, which materials may use."""
    seen: bool = True
    """False where camera rays pass through it; it may still cast a shadow."""
    shadows: bool = True
    """False where it casts no shadow."""
    holdout: bool = False
    """True where it hides what is behind it and shows nothing itself."""


@dataclass(frozen=True, eq=False)
class ParticleSample:
    """The living particles of one system."""

    body: int
    ids: Ints
    """(N,) the same for the same particle in every frame."""
    points: Floats
    """(N, 3) world, metres."""
    velocities: Floats
    """(N, 3) metres a second."""
    sizes: Floats
    """(N,) radius, metres."""
    died: Doubles
    """(N,) frame of death, perhaps between two; inf where it outlives what the system knows."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The scene at one frame."""

    frame: int
    camera: CameraRow
    lights: list[LightRow]
    world_color: Colour
    instances: list[Instance]
    particles: list[ParticleSample] = field(default_factory=list)
    surfaces: dict[int, Surface] = field(default_factory=dict)
    """What each material looks like at this frame, by its contract index."""
