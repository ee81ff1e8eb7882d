"""Whether another Blender sees the same scene: marks of what stands where, taken in both and compared.

A copy of a file can evaluate otherwise than the original did: caches that are looked for beside the file, drivers whose
functions live in the artist's session, values changed but not keyed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Numbers = list[float]

LENGTH_SLACK = 1e-4
"""Blender units, and the same share of a length: two builds of the same solver differ by less."""
ANGLE_SLACK = 1e-4
SHAPED = ("MESH", "CURVE", "SURFACE", "FONT", "META")
"""Objects that evaluate to a mesh."""


@dataclass(frozen=True)
class Mark:
    """One evaluated object. ``matrix`` is 16 numbers, row by row; ``low``, ``high``, ``mean`` of its vertices, local."""

    matrix: Numbers
    vertices: int | None = None
    low: Numbers = field(default_factory=list)
    high: Numbers = field(default_factory=list)
    mean: Numbers = field(default_factory=list)


@dataclass(frozen=True)
class Fingerprint:
    """The scene as it stands evaluated at one frame."""

    frame: int
    subframe: float
    camera: str
    lens: dict[str, float]
    objects: dict[str, Mark]
    instances: int
    """Objects drawn by instancing: particles, collections, geometry nodes."""


def fingerprint(scene: Any, view_layer: Any) -> Fingerprint:
    """Marks of every object that the view layer evaluates, at the frame where the scene stands."""
    view_layer.update()
    depsgraph = view_layer.depsgraph
    camera = scene.camera
    return Fingerprint(
        frame=scene.frame_current,
        subframe=scene.frame_subframe,
        camera=camera.name_full if camera else "",
        lens=_lens(camera.evaluated_get(depsgraph)) if camera else {},
        objects={thing.name_full: _mark(thing) for thing in depsgraph.objects},
        instances=sum(1 for instance in depsgraph.object_instances if instance.is_instance),
    )


def _lens(camera: Any) -> dict[str, float]:
    names = ("lens", "ortho_scale", "sensor_width", "sensor_height", "shift_x", "shift_y", "clip_start", "clip_end")
    return {name: getattr(camera.data, name) for name in names} if camera.type == "CAMERA" else {}


def _mark(thing: Any) -> Mark:
    matrix = [value if math.isfinite(value) else 0.0 for row in thing.matrix_world for value in row]
    # An object being edited evaluates with other modifiers than the saved one will.
    if thing.type not in SHAPED or thing.mode != "OBJECT":
        return Mark(matrix)
    mesh = thing.data if thing.type == "MESH" else thing.to_mesh()
    count = len(mesh.vertices) if mesh else 0
    points = np.empty(count * 3, np.float32)
    if count:
        mesh.vertices.foreach_get("co", points)
    if thing.type != "MESH":
        thing.to_mesh_clear()
    if not count or not np.isfinite(points).all():
        return Mark(matrix, count)
    points = points.reshape(-1, 3)
    mean = points.mean(axis=0, dtype=np.float64)
    return Mark(matrix, count, points.min(axis=0).tolist(), points.max(axis=0).tolist(), mean.tolist())


def differences(artist: Fingerprint, worker: Fingerprint) -> list[str]:
    """A sentence for each thing that is not the same, the camera first, the largest moves before the smaller."""
    found: list[tuple[float, str]] = []
    if artist.camera != worker.camera:
        found.append((math.inf, f"the camera is '{worker.camera}' instead of '{artist.camera}'"))
    elif artist.lens != worker.lens:
        for name, value in artist.lens.items():
            there = worker.lens.get(name, math.nan)
            if not math.isclose(there, value, rel_tol=1e-5, abs_tol=1e-6):
                found.append((math.inf, f"the camera's {name} is {there:g} instead of {value:g}"))
    for name in artist.objects.keys() - worker.objects.keys():
        found.append((math.inf, f"'{name}' is missing"))
    for name in worker.objects.keys() - artist.objects.keys():
        found.append((math.inf, f"'{name}' is there, and is not in the scene"))
    for name in artist.objects.keys() & worker.objects.keys():
        found.extend(_compared(name, artist.objects[name], worker.objects[name], name == artist.camera))
    if artist.instances != worker.instances:
        found.append((0.0, f"{worker.instances} instances are there instead of {artist.instances}"))
    return [sentence for _, sentence in sorted(found, key=lambda item: (-item[0], item[1]))]


def _compared(name: str, here: Mark, there: Mark, is_camera: bool) -> list[tuple[float, str]]:
    title = f"the camera '{name}'" if is_camera else f"'{name}'"
    a, b = np.reshape(here.matrix, (4, 4)), np.reshape(there.matrix, (4, 4))
    moved = float(np.linalg.norm(a[:3, 3] - b[:3, 3]))
    if moved > LENGTH_SLACK * max(1.0, float(np.abs(a[:3, 3]).max())):
        place, other = _point(a[:3, 3]), _point(b[:3, 3])
        return [(math.inf if is_camera else moved, f"{title} stands {moved:.4g} away, at {other} instead of {place}")]
    turned = float(np.abs(a[:3, :3] - b[:3, :3]).max())
    if turned > ANGLE_SLACK * max(1.0, float(np.abs(a[:3, :3]).max())):
        return [(turned, f"{title} is turned or scaled otherwise, by {turned:.4g} in its matrix")]
    if here.vertices is None or there.vertices is None:
        return []
    if here.vertices != there.vertices:
        return [(0.0, f"{title} has {there.vertices} vertices instead of {here.vertices}")]
    if not here.mean or not there.mean:
        return []
    shift = max(
        float(np.linalg.norm(np.subtract(getattr(here, corner), getattr(there, corner))))
        for corner in ("low", "high", "mean")
    )
    if shift > LENGTH_SLACK * max(1.0, float(np.abs([here.low, here.high]).max())):
        return [(shift, f"{title} has another shape: its bounds or its middle lie {shift:.4g} elsewhere")]
    return []


def _point(place: np.ndarray) -> str:
    return "(" + ", ".join(f"{value:.3f}" for value in place) + ")"
