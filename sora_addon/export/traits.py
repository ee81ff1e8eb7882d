"""What the scene says of a body beyond where it stands: its name, sound, weight, and what it hangs on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
from mathutils import Vector

from ..contract import Sound
from .identity import body_identities, sound_of, sound_of_particles, words_of
from .instances import BodySource

GROWN = ("MESH", "CONVEX_HULL", "CONE", "CYLINDER", "CAPSULE")
"""Collision shapes that Bullet's margin may stand out of."""
MOST_REACH = 0.05
"""Metres."""


@dataclass(frozen=True)
class Traits:
    """Of one body, by its contract index."""

    id: str
    name: str
    sound: Sound
    words: str
    simulated: bool
    """A rigid-body world moves it."""
    mass: float | None
    """Kilograms; of one particle, for a system."""
    friction: float
    restitution: float
    reach: float
    """Metres that the shape which collides may stand off the mesh that is seen."""
    feet: bool
    """An armature moves it."""
    partners: frozenset[int]
    """Bodies that it hangs on."""


def traits_of(scene: Any, sources: Sequence[BodySource], unit: float) -> dict[int, Traits]:
    """What the scene says of each body, by index. ``unit``: metres of a Blender unit."""
    owners = [_owner(source) for source in sources]
    identities = body_identities(sources, [_kept(owner) for owner in owners])
    bodies: dict[Any, set[int]] = {}
    for source, owner in zip(sources, owners, strict=True):
        bodies.setdefault(owner, set()).add(source.index)
    hinged = _hinged(scene)
    return {
        source.index: _traits(source, owner, identity, bodies, hinged, unit)
        for source, owner, identity in zip(sources, owners, identities, strict=True)
    }


def _owner(source: BodySource) -> Any:
    return bpy.data.objects[source.object_name, source.library]


def _kept(owner: Any) -> str:
    return getattr(getattr(owner, "sora", None), "id", "")


def _traits(
    source: BodySource, owner: Any, identity: str, bodies: dict[Any, set[int]], hinged: dict[Any, set[Any]], unit: float
) -> Traits:
    rigid = owner.rigid_body if source.kind == "object" else None
    simulated = rigid is not None and rigid.type == "ACTIVE" and rigid.enabled and not rigid.kinematic
    hung = {one for one in (*_ancestors(owner), *_armatures(owner), *hinged.get(owner, ())) if one is not owner}
    partners = frozenset(index for one in hung for index in bodies.get(one, ())) - {source.index}
    name = source.object_name
    if source.kind == "instance":
        name = f"{source.object_name} of {source.instancer_name}"
    elif source.kind == "particles":
        name = source.system or f"{source.object_name} crowd"
    return Traits(
        id=identity,
        name=name,
        sound=sound_of_particles(owner, source.system) if source.system else sound_of(owner),
        words=words_of(owner),
        simulated=simulated,
        mass=_particle_mass(owner, source.system) if source.system else (rigid.mass if rigid and simulated else None),
        friction=float(rigid.friction) if rigid is not None else 0.5,
        restitution=min(1.0, float(rigid.restitution)) if rigid is not None else 0.0,
        reach=_reach(owner, rigid, unit),
        feet=any(True for _ in _armatures(owner)),
        partners=partners,
    )


def _particle_mass(emitter: Any, system: str) -> float | None:
    """What one particle weighs where it matters to the simulation; Blender's own default of 1 kg says nothing."""
    settings = next((one.settings for one in emitter.particle_systems if one.name == system), None)
    if settings is None or settings.mass == 1.0:
        return None
    return max(float(settings.mass), 1e-9)


def _reach(owner: Any, rigid: Any, unit: float) -> float:
    if rigid is None:
        return 0.0
    off = 0.0
    if rigid.collision_shape == "BOX":  # a box is centred on the origin, whatever its vertices say
        corners = [owner.matrix_world.to_scale() * Vector(corner) for corner in owner.bound_box]
        off = max(abs(max(c[i] for c in corners) + min(c[i] for c in corners)) / 2 for i in range(3))
    if rigid.collision_shape in GROWN and (rigid.use_margin or rigid.collision_shape == "MESH"):
        off += float(rigid.collision_margin) if rigid.use_margin else 0.04
    return min(off * unit, MOST_REACH)


def _ancestors(thing: Any) -> Iterator[Any]:
    while thing.parent is not None:
        thing = thing.parent
        yield thing


def _armatures(thing: Any) -> Iterator[Any]:
    """The armatures that move an object: by a modifier, or as the parent of one of its bones."""
    for modifier in thing.modifiers:
        if modifier.type == "ARMATURE" and modifier.object is not None and modifier.show_render:
            yield modifier.object
    if thing.parent is not None and thing.parent.type == "ARMATURE" and thing.parent_type in ("BONE", "ARMATURE"):
        yield thing.parent


def _hinged(scene: Any) -> dict[Any, set[Any]]:
    """What rigid-body constraints hold together, by object."""
    world = scene.rigidbody_world
    pairs: dict[Any, set[Any]] = {}
    if world is None or world.constraints is None:
        return pairs
    for holder in world.constraints.objects:
        joint = holder.rigid_body_constraint
        if joint is None or not joint.enabled or joint.object1 is None or joint.object2 is None:
            continue
        pairs.setdefault(joint.object1, set()).add(joint.object2)
        pairs.setdefault(joint.object2, set()).add(joint.object1)
    return pairs
