"""Walks a material's nodes to what the rasteriser can show, and says what it could not follow."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Colour, vector
from .material_formula import (
    LUMINANCE,
    OBJECT_COLOR,
    Coverage,
    Formula,
    NotAFormula,
    constant,
    picture_alpha,
    picture_color,
    tint_color,
)
from .picture_mean import picture_mean
from .sample import Doubles
from .surface import Picture

_PROCEDURAL = {
    "TEX_NOISE", "TEX_VORONOI", "TEX_WAVE", "TEX_MAGIC", "TEX_GRADIENT", "TEX_MUSGRAVE", "TEX_GABOR", "TEX_WHITE_NOISE",
}  # fmt: skip
_HALFWAY = {"FRESNEL": 0.1, "LAYER_WEIGHT": 0.3, "NEW_GEOMETRY": 0.0, "LIGHT_PATH": 0.0}


class _Unknown(ValueError):
    """A node that cannot be followed."""


@dataclass(frozen=True)
class _Place:
    """A socket and the groups that it lies in, innermost last: what a group's inputs lead to."""

    socket: Any
    groups: tuple[Any, ...] = ()


class Nodes:
    """Evaluates sockets of one material. ``notes`` collects what was replaced by its mean."""

    def __init__(self, viewport_color: Colour) -> None:
        self._viewport_color = viewport_color
        self.notes: list[str] = []

    def source(self, place: _Place) -> _Place | None:
        """The output that feeds an input, through reroutes, groups and muted nodes; None where nothing does."""
        socket, groups = place.socket, place.groups
        for _ in range(1000):
            if not socket.is_linked or not socket.links or socket.links[0].is_muted:
                return _Place(socket, groups) if groups != place.groups else None
            link = socket.links[0]
            node, output = link.from_node, link.from_socket
            if node.type == "REROUTE":
                socket = node.inputs[0]
            elif node.mute:
                inner = [one.from_socket for one in node.internal_links if one.to_socket == output]
                if not inner:
                    return None
                socket = inner[0]
            elif node.type == "GROUP" and node.node_tree is not None:
                end = next(
                    (one for one in node.node_tree.nodes if one.type == "GROUP_OUTPUT" and one.is_active_output), None
                )
                if end is None:
                    return None
                groups = (*groups, node)
                socket = _same(end.inputs, output)
            elif node.type == "GROUP_INPUT" and groups:
                socket = _same(groups[-1].inputs, output)
                groups = groups[:-1]
            else:
                return _Place(output, groups)
        return None

    def color(self, place: _Place) -> Formula:
        """What an input of colours or values holds."""
        source = self.source(place)
        if source is None:
            return constant(_default(place.socket))
        if not source.socket.is_output:
            return constant(_default(source.socket))
        node = source.socket.node
        try:
            return self._node_color(node, source)
        except (_Unknown, NotAFormula):
            return self._mean(node, place)

    def value(self, place: _Place) -> float:
        """A single number for an input, the mean where it varies."""
        return float(self.mean(self.color(place)) @ LUMINANCE)

    def mean(self, formula: Formula) -> Doubles:
        """(3,) the mean colour of a formula."""
        return formula.mean(picture_mean)

    def note(self, text: str) -> None:
        """Remember what could not be shown, once."""
        if text not in self.notes:
            self.notes.append(text)

    def input(self, node: Any, name: str, groups: tuple[Any, ...]) -> _Place:
        """An input of a node by name or identifier."""
        for socket in node.inputs:
            if socket.identifier == name:
                return _Place(socket, groups)
        return _Place(node.inputs[name], groups)

    def _mean(self, node: Any, place: _Place) -> Formula:
        self.note(f"the node {node.name!r} is shown as its mean")
        if node.type == "MIX" or node.type == "MIX_RGB":
            return constant(self.mean(self._mix(node, place_groups(place, self), means=True)))
        if node.type in _PROCEDURAL:
            return constant(0.5)
        if node.type in ("TEX_CHECKER", "TEX_BRICK"):
            groups = place_groups(place, self)
            both = [self.mean(self.color(self.input(node, name, groups))) for name in ("Color1", "Color2")]
            return constant((both[0] + both[1]) / 2)
        if node.type == "VALTORGB":
            return constant(_ramp_mean(node.color_ramp))
        if node.type in _HALFWAY:
            return constant(_HALFWAY[node.type])
        if node.type == "TEX_IMAGE" and node.image is not None:
            return constant(np.array(picture_mean(_picture_name(node))[:3]))
        if place.socket.type == "RGBA":
            return constant(self._viewport_color)
        return constant(0.5)

    def _node_color(self, node: Any, source: _Place) -> Formula:
        socket, groups = source.socket, source.groups
        kind = node.type
        if kind in ("RGB", "VALUE"):
            return constant(_default(socket))
        if kind == "TEX_IMAGE":
            return self._image(node, socket, groups)
        if kind == "VERTEX_COLOR":
            if socket.name != "Color":
                raise _Unknown
            return tint_color(node.layer_name)
        if kind == "ATTRIBUTE":
            if node.attribute_type != "GEOMETRY" or socket.name != "Color":
                raise _Unknown
            return tint_color(node.attribute_name)
        if kind == "OBJECT_INFO":
            if socket.name != "Color":
                raise _Unknown
            return tint_color(OBJECT_COLOR)
        if kind in ("MIX", "MIX_RGB"):
            return self._mix(node, groups, means=False)
        if kind == "MATH":
            return self._math(node, groups)
        if kind == "VECT_MATH" and node.operation in ("MULTIPLY", "ADD", "SUBTRACT"):
            one, two = (self.color(_Place(node.inputs[i], groups)) for i in (0, 1))
            return _arithmetic(node.operation, one, two)
        if kind == "INVERT":
            return self._bend(node, groups, _invert)
        if kind == "GAMMA":
            return self._only_constant(
                node, groups, lambda c: np.maximum(c, 0.0) ** self.value(self.input(node, "Gamma", groups))
            )
        if kind == "BRIGHTCONTRAST":
            bright, contrast = (self.value(self.input(node, name, groups)) for name in ("Bright", "Contrast"))
            return self._only_constant(
                node, groups, lambda c: np.maximum(c * (1 + contrast) + bright - contrast / 2, 0)
            )
        if kind == "HUE_SAT":
            return self._hue(node, groups)
        if kind == "VALTORGB":
            factor = self.color(self.input(node, "Fac", groups))
            if not factor.constant:
                raise _Unknown
            at = node.color_ramp.evaluate(float(factor.color @ LUMINANCE))
            return constant(at[3] if socket.name == "Alpha" else np.array(at[:3]))
        if kind in ("RGBTOBW", "CLAMP"):
            inner = self.color(_Place(node.inputs[0], groups))
            if not inner.constant:
                raise _Unknown
            grey = float(inner.color @ LUMINANCE)
            return constant(min(max(grey, 0.0), 1.0) if kind == "CLAMP" else grey)
        if kind in ("COMBINE_COLOR", "COMBRGB", "COMBXYZ"):
            if getattr(node, "mode", "RGB") != "RGB":
                raise _Unknown
            parts = [self.color(_Place(one, groups)) for one in node.inputs[:3]]
            masked = [part.times(constant(np.eye(3)[i])) for i, part in enumerate(parts)]
            return masked[0].plus(masked[1]).plus(masked[2])
        raise _Unknown

    def _only_constant(self, node: Any, groups: tuple[Any, ...], change: Callable[[Doubles], Doubles]) -> Formula:
        inner = self.color(self.input(node, "Color", groups))
        if inner.constant:
            return constant(change(inner.color))
        self.note(f"the node {node.name!r} is left out, its input is shown as it is")
        return inner

    def _bend(self, node: Any, groups: tuple[Any, ...], change: Callable[[Formula], Formula]) -> Formula:
        inner = self.color(self.input(node, "Color", groups))
        factor = self.color(self.input(node, "Fac", groups))
        return inner.mixed(change(inner), factor)

    def _hue(self, node: Any, groups: tuple[Any, ...]) -> Formula:
        hue, saturation, value, factor = (
            self.value(self.input(node, name, groups)) for name in ("Hue", "Saturation", "Value", "Fac")
        )

        def turned(color: Doubles) -> Doubles:
            h, s, v = colorsys.rgb_to_hsv(*np.maximum(color, 0.0))
            new = colorsys.hsv_to_rgb((h + hue + 0.5) % 1.0, min(s * saturation, 1.0), v * value)
            return color + factor * (np.array(new) - color)

        inner = self.color(self.input(node, "Color", groups))
        if hue == 0.5 and saturation == 1.0:
            return inner.mixed(inner.scaled(value), constant(factor))
        return self._only_constant(node, groups, turned)

    def _mix(self, node: Any, groups: tuple[Any, ...], *, means: bool) -> Formula:
        if node.type == "MIX_RGB":
            names, blend = ("Fac", "Color1", "Color2"), node.blend_type
        elif node.data_type == "RGBA":
            names, blend = ("Factor_Float", "A_Color", "B_Color"), node.blend_type
        elif node.data_type == "FLOAT":
            names, blend = ("Factor_Float", "A_Float", "B_Float"), "MIX"
        else:
            raise _Unknown
        factor, one, two = (self.color(self.input(node, name, groups)) for name in names)
        if means:
            factor, one, two = (constant(self.mean(part)) for part in (factor, one, two))
        if factor.constant:
            factor = constant(np.clip(factor.color, 0.0, 1.0))
        if blend == "MIX":
            return one.mixed(two, factor)
        if blend == "MULTIPLY":
            return one.mixed(one.times(two), factor)
        if blend == "ADD":
            return one.plus(two.times(factor))
        if blend == "SUBTRACT":
            return one.plus(two.times(factor).scaled(-1.0))
        if blend == "SCREEN":
            screened = constant(1.0).plus(_invert(one).times(_invert(two)).scaled(-1.0))
            return one.mixed(screened, factor)
        if one.constant and two.constant and factor.constant and blend in _BLENDS:
            return one.mixed(constant(_BLENDS[blend](one.color, two.color)), factor)
        if means:
            return one.mixed(two, factor)
        raise _Unknown

    def _math(self, node: Any, groups: tuple[Any, ...]) -> Formula:
        one, two = (self.color(_Place(node.inputs[i], groups)) for i in (0, 1))
        if node.operation in ("MULTIPLY", "ADD", "SUBTRACT"):
            result = _arithmetic(node.operation, one, two)
        elif one.constant and two.constant and node.operation in _MATHS:
            result = constant(_MATHS[node.operation](float(one.color @ LUMINANCE), float(two.color @ LUMINANCE)))
        else:
            raise _Unknown
        return constant(np.clip(result.color, 0.0, 1.0)) if node.use_clamp and result.constant else result

    def _image(self, node: Any, socket: Any, groups: tuple[Any, ...]) -> Formula:
        if node.image is None:
            return constant((1.0, 0.0, 1.0))
        picture = self.picture(node, groups)
        if socket.name == "Alpha":
            return picture_alpha(picture)
        # As Blender: where nothing asks for the alpha, the colour comes multiplied by it.
        plain = node.image.alpha_mode in ("NONE", "CHANNEL_PACKED") or node.image.colorspace_settings.is_data
        return picture_color(picture, covered=not plain and not node.outputs["Alpha"].is_linked)

    def picture(self, node: Any, groups: tuple[Any, ...]) -> Picture:
        """The picture of an image texture node. Raises _Unknown where it is not laid on flat by a UV map."""
        if node.projection != "FLAT" or node.image.source not in ("FILE", "GENERATED"):
            raise _Unknown
        uv, place = self._coordinates(self.input(node, "Vector", groups))
        name = _picture_name(node)
        return Picture(
            name.name,
            name.library,
            uv,
            (*vector(place[0, [0, 1, 3]]), *vector(place[1, [0, 1, 3]])),
            node.extension,
            node.interpolation == "Closest",
            node.image.alpha_mode == "NONE",
        )

    def _coordinates(self, place: _Place) -> tuple[str | None, Doubles]:
        """The UV map that feeds a vector input, and the (4, 4) matrix that takes it there."""
        source = self.source(place)
        if source is None or not source.socket.is_output:
            return None, np.eye(4)
        node, groups = source.socket.node, source.groups
        if node.type == "UVMAP" and not node.from_instancer:
            return node.uv_map or None, np.eye(4)
        if node.type == "TEX_COORD" and source.socket.name == "UV" and not node.from_instancer:
            return None, np.eye(4)
        if node.type == "ATTRIBUTE" and node.attribute_type == "GEOMETRY" and source.socket.name == "Vector":
            return node.attribute_name, np.eye(4)
        if node.type == "MAPPING" and node.vector_type in ("POINT", "TEXTURE", "VECTOR"):
            uv, inner = self._coordinates(self.input(node, "Vector", groups))
            return uv, self._mapping(node, groups) @ inner
        raise _Unknown

    def _mapping(self, node: Any, groups: tuple[Any, ...]) -> Doubles:
        parts = {}
        for name in ("Location", "Rotation", "Scale"):
            formula = self.color(self.input(node, name, groups)) if name in node.inputs else constant(0.0)
            if not formula.constant:
                raise _Unknown
            parts[name] = formula.color
        x, y, turn = parts["Rotation"]
        if x or y:
            raise _Unknown
        matrix, scale = np.eye(4), np.diag([*parts["Scale"], 1.0])
        matrix[:2, :2] = [[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]
        matrix = matrix @ scale
        if node.vector_type != "VECTOR":
            matrix[:3, 3] = parts["Location"]
        if node.vector_type == "TEXTURE":
            if not parts["Scale"][:2].all():
                raise _Unknown
            scale[2, 2] = matrix[2, 2] = 1.0
            return np.asarray(np.linalg.inv(matrix), np.float64)
        return matrix

    def coverage(self, place: _Place) -> Coverage:
        """What an alpha input or a shader's mix factor holds; its mean where it cannot be followed."""
        source = self.source(place)
        if source is None or not source.socket.is_output:
            return Coverage(_grey(source.socket if source else place.socket))
        try:
            return self._node_coverage(source)
        except (_Unknown, NotAFormula):
            self.note(f"transparency by the node {source.socket.node.name!r} is shown as its mean")
            return Coverage(self.value(place))

    def _node_coverage(self, source: _Place) -> Coverage:
        node, socket, groups = source.socket.node, source.socket, source.groups
        if node.type == "TEX_IMAGE" and node.image is not None:
            weights = (0.0, 0.0, 0.0, 1.0) if socket.name == "Alpha" else (*LUMINANCE.tolist(), 0.0)
            return Coverage(0.0, weights, 0.0, self.picture(node, groups))
        if node.type == "VERTEX_COLOR" and socket.name == "Alpha":
            return Coverage(0.0, tint=1.0, attribute=node.layer_name)
        if node.type == "ATTRIBUTE" and node.attribute_type == "GEOMETRY" and socket.name == "Alpha":
            return Coverage(0.0, tint=1.0, attribute=node.attribute_name)
        if node.type == "INVERT":
            return self.coverage(self.input(node, "Color", groups)).scaled(-1.0).shifted(1.0)
        if node.type == "MATH":
            one, two = (self.coverage(_Place(node.inputs[i], groups)) for i in (0, 1))
            operation = node.operation
            if operation == "MULTIPLY":
                return one.times(two)
            if operation == "ROUND":
                return one
            if operation in ("GREATER_THAN", "LESS_THAN") and two.fixed:
                # Only the side of a half counts afterwards, so a step is a shift.
                shifted = one.shifted(0.5 - two.constant)
                return shifted if operation == "GREATER_THAN" else shifted.scaled(-1.0).shifted(1.0)
            if operation in ("ADD", "SUBTRACT") and two.fixed:
                return one.shifted(two.constant if operation == "ADD" else -two.constant)
            if operation == "SUBTRACT" and one.fixed:
                return two.scaled(-1.0).shifted(one.constant)
        raise _Unknown


def place_groups(place: _Place, nodes: Nodes) -> tuple[Any, ...]:
    """The groups that the node before an input lies in."""
    source = nodes.source(place)
    return source.groups if source is not None else place.groups


def root(socket: Any) -> _Place:
    """A socket of the material's own tree."""
    return _Place(socket)


def _same(sockets: Any, wanted: Any) -> Any:
    return next(socket for socket in sockets if socket.identifier == wanted.identifier)


def _picture_name(node: Any) -> Picture:
    library = node.image.library
    return Picture(node.image.name, library.filepath if library else None)


def _default(socket: Any) -> Doubles:
    value = getattr(socket, "default_value", 0.0)
    if isinstance(value, (int, float)):
        return np.full(3, float(value))
    return np.array(value[:3], np.float64)


def _grey(socket: Any) -> float:
    value = getattr(socket, "default_value", 1.0)
    return float(value) if isinstance(value, (int, float)) else float(np.array(value[:3]) @ LUMINANCE)


def _invert(formula: Formula) -> Formula:
    return constant(1.0).plus(formula.scaled(-1.0))


def _arithmetic(operation: str, one: Formula, two: Formula) -> Formula:
    if operation == "MULTIPLY":
        return one.times(two)
    return one.plus(two if operation == "ADD" else two.scaled(-1.0))


def _ramp_mean(ramp: Any) -> Doubles:
    return np.mean([ramp.evaluate((i + 0.5) / 64)[:3] for i in range(64)], axis=0)


_BLENDS: dict[str, Callable[[Doubles, Doubles], Doubles]] = {
    "DARKEN": np.minimum,
    "LIGHTEN": np.maximum,
    "DIFFERENCE": lambda one, two: np.abs(one - two),
    "DIVIDE": lambda one, two: np.divide(one, two, out=np.zeros(3), where=two != 0.0),
    "OVERLAY": lambda one, two: np.where(one < 0.5, 2 * one * two, 1 - 2 * (1 - one) * (1 - two)),
}

_MATHS: dict[str, Callable[[float, float], float]] = {
    "DIVIDE": lambda one, two: one / two if two else 0.0,
    "POWER": lambda one, two: one**two if one > 0 else 0.0,
    "MINIMUM": min,
    "MAXIMUM": max,
    "SQRT": lambda one, _: math.sqrt(max(one, 0.0)),
    "ABSOLUTE": lambda one, _: abs(one),
    "GREATER_THAN": lambda one, two: float(one > two),
    "LESS_THAN": lambda one, two: float(one < two),
    "ROUND": lambda one, _: float(round(one)),
}
