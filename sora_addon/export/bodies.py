"""Bodies and what the contact solver is told, from what every instance did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

import numpy as np

from ..contract import IDENTITY, Body, BodyRow, Box, Matrix, Time, Vector
from .contacts import Drops, Track
from .contacts.rotation import turned
from .contacts.track import rigid_motion
from .history import History, Way
from .instances import BodySource
from .sample import Doubles
from .traits import Traits

Motion = Literal["still", "moving", "rigid", "deforming", "particles"]


def bodies_of(history: History, sources: Sequence[BodySource], traits: Mapping[int, Traits], time: Time) -> list[Body]:
    """A body for each source that was seen, by index."""
    ways: dict[int, list[Way]] = {}
    for way in history.ways.values():
        ways.setdefault(way.body, []).append(way)
    bodies = []
    for source in sources:
        own = ways.get(source.index, [])
        if source.kind == "particles":
            bodies.append(_crowd(source, traits[source.index], own, history))
        elif own:
            bodies.append(_single(source, traits[source.index], own[0], history, time))
    return bodies


def tracks_of(
    history: History, sources: Sequence[BodySource], traits: Mapping[int, Traits], crowds: bool = True
) -> list[Track]:
    """What the solver may let meet. ``crowds``: also single instances of crowds, each a track of the same body."""
    kinds = {source.index: source for source in sources}
    tracks = []
    for way in history.ways.values():
        source, trait = kinds[way.body], traits[way.body]
        if (
            source.system is not None
            or (way.melts and trait.sound != "water")
            or (source.kind == "particles" and not crowds)
        ):
            continue
        worlds = way.whole(history.clock.rows)
        bent = way.bent_rows(history.clock.rows) if way.bends else None
        tracks.append(
            Track(
                body=way.body,
                motion=_motion(way, worlds, trait),
                worlds=worlds,
                points=way.mesh.points.astype(np.float64),
                corners=way.mesh.corners,
                deformed=bent,
                mass=trait.mass,
                friction=trait.friction,
                restitution=trait.restitution,
                sound=trait.sound,
                reach=trait.reach,
                feet=trait.feet,
                partners=trait.partners,
            )
        )
    return tracks


def drops_of(history: History, traits: Mapping[int, Traits], time: Time) -> list[Drops]:
    """The particles of each system, row by row."""
    rows = range(history.clock.rows)
    systems = []
    for body, samples in history.particles.items():
        nothing = np.zeros((0, 3), np.float32)
        found = [samples.get(row) for row in rows]
        systems.append(
            Drops(
                body=body,
                ids=[one.ids if one else np.zeros(0, np.int32) for one in found],
                points=[one.points if one else nothing for one in found],
                velocities=[one.velocities if one else nothing for one in found],
                died=[(one.died - time.first) / float(time.rate) if one else np.zeros(0) for one in found],
                mass=traits[body].mass,
            )
        )
    return systems


def _motion(way: Way, worlds: Doubles, trait: Traits) -> Motion:
    if way.bends or way.melts:
        return "deforming"
    if len(worlds) == 1:
        return "still"
    return "rigid" if trait.simulated else "moving"


def _single(source: BodySource, trait: Traits, way: Way, history: History, time: Time) -> Body:
    worlds = way.whole(history.clock.rows)
    first = worlds[min(history.clock.lead, len(worlds) - 1)]
    return _body(source, trait, _motion(way, worlds, trait), way, _own_bounds(way, first), _rows(worlds, history, time))


def _crowd(source: BodySource, trait: Traits, ways: Sequence[Way], history: History) -> Body:
    """All of a system, or of a crowd, is one body that stands at the world's origin; its bounds hold all of it."""
    places = [sample.points for sample in history.particles.get(source.index, {}).values() if len(sample.points)]
    for way in ways:
        corners = way.mesh.points[:: max(1, len(way.mesh.points) // 64)]
        places += [corners @ world[:3, :3].T + world[:3, 3] for world in way.worlds.values()]
    bounds = _bounds(np.concatenate(places).astype(np.float64)) if places else Box((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    return _body(source, trait, "particles", ways[0] if ways else None, bounds, [BodyRow(IDENTITY)])


def _body(source: BodySource, trait: Traits, motion: Motion, way: Way | None, bounds: Box, rows: list[BodyRow]) -> Body:
    materials = sorted({int(index) for index in np.unique(way.mesh.materials)}) if way is not None else []
    return Body(
        id=trait.id,
        index=source.index,
        name=trait.name,
        motion=motion,
        sound=trait.sound,
        materials=materials,
        bounds=bounds,
        rows=rows,
        mass=trait.mass,
        friction=trait.friction,
        restitution=trait.restitution,
        words=trait.words,
    )


def _own_bounds(way: Way, world: Doubles) -> Box:
    """In the body's own axes, with its scale."""
    points = way.mesh.points.astype(np.float64)
    rigid = rigid_motion(world[None], points)
    return _bounds(points if rigid is None else rigid[2])


def _bounds(points: Doubles) -> Box:
    return Box(_vector(points.min(axis=0)), _vector(points.max(axis=0)))


def _rows(worlds: Doubles, history: History, time: Time) -> list[BodyRow]:
    """The shot's rows, with velocities by central differences of the frames on either side."""
    if len(worlds) == 1:
        return [BodyRow(_matrix(worlds[0]))]
    lead, rate = history.clock.lead, float(time.rate)
    turns = _rotations(worlds)
    rows = []
    for row in range(lead, lead + time.frames):
        before, after = max(row - 1, 0), min(row + 1, len(worlds) - 1)
        per = rate / (after - before)
        velocity = (worlds[after, :3, 3] - worlds[before, :3, 3]) * per
        spin = turned(turns[after] @ turns[before].T) * per
        rows.append(BodyRow(_matrix(worlds[row]), _vector(velocity), _vector(spin)))
    return rows


def _rotations(worlds: Doubles) -> Doubles:
    """(F, 3, 3) the rotations in world matrices that may scale or mirror (polar decomposition)."""
    left, _, right = np.linalg.svd(worlds[:, :3, :3])
    mirror = np.where(np.linalg.det(left @ right) < 0.0, -1.0, 1.0)
    left = left.copy()
    left[:, :, 2] *= mirror[:, None]
    return left @ right


def _matrix(world: Doubles) -> Matrix:
    return cast(Matrix, tuple(float(value) for value in world.ravel()))


def _vector(values: Doubles) -> Vector:
    x, y, z = (float(value) for value in values)
    return (x, y, z)
