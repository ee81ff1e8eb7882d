"""What stands in the evaluated scene: every visible instance, and the body that it belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .sample import Doubles

BodyKind = Literal["object", "instance", "particles"]

MOST_SIBLINGS = 256
"""Instances of one thing by one instancer that are bodies of their own; a bigger crowd is one body together."""

_NO_NUMBER = 0x7FFFFFFF
"""Blender fills the unused places of ``persistent_id`` with it."""


@dataclass(frozen=True)
class BodySource:
    """What a body of the shot is in Blender.

    ``kind``: an ``object`` itself, a single ``instance`` that ``instancer_name`` makes of the object, or ``particles``:
    all particles of a system, or a crowd of instances too big to be told apart.
    """

    index: int
    object_name: str
    library: str | None
    instancer_name: str | None
    kind: BodyKind
    key: str
    """Tells bodies apart, the same in every export of the same file: names, and numbers of instances."""
    system: str | None = None
    """The particle system's name."""


@dataclass(frozen=True)
class Claim:
    """Who an instance is: an original object, who made the instance of it, and which of these it is."""

    object: Any
    maker: Any | None
    numbers: tuple[int, ...] = ()
    system: str | None = None

    @property
    def identity(self) -> Hashable:
        """The same in every frame."""
        return (self.object.session_uid, self.maker and self.maker.session_uid, self.numbers, self.system)


@dataclass(frozen=True)
class Placed:
    """One instance of the depsgraph. ``object`` is evaluated, and valid only until the next instance is asked for."""

    object: Any
    world: Doubles
    """(4, 4) in Blender units."""
    claim: Claim


class BodyRegistry:
    """Gives bodies their contract index in the order in which they are first seen, from 1."""

    def __init__(self) -> None:
        self._indices: dict[str, int] = {}
        self._sources: list[BodySource] = []
        self._crowds: dict[str, bool] = {}

    def sources(self) -> list[BodySource]:
        """Every body so far, by index."""
        return list(self._sources)

    def bodies_of(self, claims: Sequence[Claim]) -> list[int]:
        """The body of each instance of one frame.

        They are counted before they are told apart: whether a thing's instances are a crowd is settled in the frame
        where it is first seen.
        """
        crowds = Counter(_crowd(claim) for claim in claims if claim.maker is not None)
        for crowd, count in crowds.items():
            self._crowds.setdefault(crowd, count > MOST_SIBLINGS)
        return [self.body_of(claim) for claim in claims]

    def body_of(self, claim: Claim) -> int:
        """The body of one instance."""
        if claim.system is not None:
            maker = claim.maker or claim.object
            return self._index(f"particles {_full(maker)} > {claim.system}", maker, maker, "particles", claim.system)
        if claim.maker is None:
            return self._index(f"object {_full(claim.object)}", claim.object, None, "object", None)
        crowd = _crowd(claim)
        if self._crowds.get(crowd):
            return self._index(f"crowd {crowd}", claim.object, claim.maker, "particles", None)
        key = f"instance {crowd} {' '.join(map(str, claim.numbers))}"
        return self._index(key, claim.object, claim.maker, "instance", None)

    def _index(self, key: str, obj: Any, maker: Any | None, kind: BodyKind, system: str | None) -> int:
        found = self._indices.get(key)
        if found is None:
            found = self._indices[key] = len(self._indices) + 1
            library = obj.library.filepath if obj.library else None
            self._sources.append(BodySource(found, obj.name, library, maker.name if maker else None, kind, key, system))
        return found


def _crowd(claim: Claim) -> str:
    return f"{_full(claim.maker)} > {_full(claim.object)}"


def _full(obj: Any) -> str:
    return f"{obj.name} of {obj.library.filepath}" if obj.library else obj.name


def placed_instances(depsgraph: Any) -> Iterator[Placed]:
    """Everything that the evaluated scene shows: objects, and instances by collections, nodes, particles, vertices.

    Blender shows curves, texts, surfaces and metaballs as instances of the meshes that it makes of them; here they are
    the objects themselves.
    """
    for instance in depsgraph.object_instances:
        if not instance.show_self:
            continue
        obj = instance.object
        original = obj.original
        maker = instance.parent.original if instance.is_instance and instance.parent is not None else None
        if maker is None:
            claim = Claim(original, None)
        else:
            numbers = tuple(number for number in instance.persistent_id if number != _NO_NUMBER)
            system = instance.particle_system
            if system is None and maker == original and numbers == (0,):
                claim = Claim(original, None)
            else:
                claim = Claim(original, maker, numbers, system.name if system is not None else None)
        yield Placed(obj, np.array(instance.matrix_world, np.float64), claim)
