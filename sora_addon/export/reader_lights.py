"""The lamps and the world of the evaluated scene."""

from __future__ import annotations

import math
import uuid
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from .. import compat
from ..contract import Light, LightRow, matrix, vector
from ..contract.passes import MOST_LIGHTS
from .camera import rigid
from .instances import Claim, Placed
from .sample import Doubles

_SHAPES = {"SQUARE": "square", "RECTANGLE": "rectangle", "DISK": "disk", "ELLIPSE": "ellipse"}
_NAMESPACE = uuid.UUID("6f1d0a52-5a0e-4d3c-9a60-3b7f6a0b1c11")


class LightRegistry:
    """Lamps in the order in which they are first seen. The static part of each is that of the frame where it is."""

    def __init__(self, unit: float) -> None:
        self._unit = unit
        self._places: dict[Hashable, int] = {}
        self.lights: list[Light] = []
        self.left_out: list[str] = []

    def rows(self, placed: list[tuple[Claim, Doubles, Any]]) -> list[LightRow]:
        """A row for every lamp known so far, those of ``placed`` (who, matrix in Blender units, lamp data) added.

        A lamp that is not there this frame has no energy. Earlier frames' rows are as many as were known then.
        """
        shining: dict[int, LightRow] = {}
        for claim, place_now, data in placed:
            place = self._place(claim, data)
            if place is not None:
                shining[place] = self._row(place_now, data)
        dark = LightRow(
            (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0), (0, 0, 0), 0.0
        )
        return [shining.get(place, dark) for place in range(len(self.lights))]

    def _place(self, claim: Claim, data: Any) -> int | None:
        identity = claim.identity
        if identity not in self._places:
            if len(self.lights) >= MOST_LIGHTS:
                message = f"The lamp {claim.object.name!r}: a shot has at most {MOST_LIGHTS} lamps"
                if message not in self.left_out:
                    self.left_out.append(message)
                return None
            self._places[identity] = len(self.lights)
            self.lights.append(self._light(claim, data))
        return self._places[identity]

    def _light(self, claim: Claim, data: Any) -> Light:
        unit = self._unit
        light = Light(
            id=_identity(claim),
            name=claim.object.name,
            kind=data.type.lower(),
            shape="sphere",
            size=0.0,
            size_y=0.0,
            spot_angle=0.0,
            spot_blend=0.0,
            shadow=bool(data.use_shadow),
            rows=[],
        )
        if data.type == "SUN":
            return replace(light, shape="angle", size=float(data.angle))
        if data.type == "AREA":
            shape = _SHAPES[data.shape]
            size_y = data.size_y if shape in ("rectangle", "ellipse") else data.size
            return replace(light, shape=shape, size=float(data.size) * unit, size_y=float(size_y) * unit)
        light = replace(light, size=float(data.shadow_soft_size) * unit)
        if data.type == "SPOT":
            return replace(light, spot_angle=float(data.spot_size), spot_blend=float(data.spot_blend))
        return light

    def _row(self, placed: Doubles, data: Any) -> LightRow:
        world = np.array(placed)
        if data.type != "AREA":
            world = rigid(world)
        world[:3, 3] *= self._unit
        color, energy = compat.light_output(data)
        for node in _emission(data):
            color = vector(a * b for a, b in zip(color, node.inputs["Color"].default_value[:3], strict=True))
            energy *= node.inputs["Strength"].default_value
        if not compat.light_is_normalized(data):
            energy *= _area(data)
        # Power spreads over metres here and over Blender units there: the picture is the same with unit squared.
        energy *= 1.0 if data.type == "SUN" else self._unit**2
        return LightRow(matrix(world.reshape(-1)), vector(color), float(energy))


def _area(data: Any) -> float:
    """What Cycles divides a lamp's power by, in Blender units: the area that shines, seen from the front."""
    if data.type == "SUN":
        return math.pi * math.tan(data.angle / 2) ** 2
    if data.type == "AREA":
        size_y = data.size_y if data.shape in ("RECTANGLE", "ELLIPSE") else data.size
        return data.size * size_y * (math.pi / 4 if data.shape in ("DISK", "ELLIPSE") else 1.0)
    return math.pi * data.shadow_soft_size**2


def _emission(data: Any) -> list[Any]:
    """The emission node that a lamp's nodes end in, where it has some."""
    tree = compat.node_tree(data)
    if tree is None:
        return []
    for node in tree.nodes:
        if node.type == "OUTPUT_LIGHT" and node.is_active_output and node.inputs["Surface"].is_linked:
            source = node.inputs["Surface"].links[0].from_node
            return [source] if source.type == "EMISSION" else []
    return []


def is_lamp(placed: Placed) -> bool:
    """True for what ``LightRegistry`` takes."""
    return placed.object.type == "LIGHT"


def _identity(claim: Claim) -> str:
    own = getattr(claim.object, "sora", None)
    if own is not None and own.id and claim.maker is None:
        return str(own.id)
    names = [claim.object.name, claim.object.library.filepath if claim.object.library else ""]
    if claim.maker is not None:
        names += [claim.maker.name, *map(str, claim.numbers)]
    return str(uuid.uuid5(_NAMESPACE, "\0".join(names)))
