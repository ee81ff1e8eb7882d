"""Materials of the scene: the contract's figures, and the formulas that the rasteriser draws with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import compat
from ..contract import Colour, Material, vector
from .material_formula import OBJECT_COLOR, Coverage, Formula, NotAFormula, constant
from .material_nodes import Nodes, root
from .sample import Doubles
from .surface import BLACK, Surface, plain

DEFAULT_NAME = "(no material)"
_DEFAULT_COLOR: Colour = (0.8, 0.8, 0.8)
_BLANK = constant(0.0)


@dataclass(frozen=True)
class _Shading:
    """What a shader socket comes to."""

    base: Formula
    alpha: Coverage
    roughness: float = 0.5
    metallic: float = 0.0
    transmission: float = 0.0
    ior: float = 1.45
    emission: Colour = BLACK


class MaterialRegistry:
    """Gives materials their contract index in the order in which they are first seen, from 1."""

    def __init__(self, *, culls: bool) -> None:
        """``culls``: whether the scene's renderer leaves out back faces where a material says so (EEVEE does)."""
        self._culls = culls
        self._indices: dict[tuple[str, str | None] | None, int] = {}
        self._notes: dict[int, list[str]] = {}
        self.materials: list[Material] = []
        """As each was at the frame in which it was first seen, by index."""
        self.surfaces: dict[int, Surface] = {}
        """As each was read last."""

    @property
    def left_out(self) -> list[str]:
        """What of each material is not shown."""
        return [
            f"Material {self.materials[i - 1].name!r}: {note}" for i, notes in self._notes.items() for note in notes
        ]

    def index(self, material: Any | None, changed: set[Any]) -> int:
        """The index of an evaluated material, None for an empty slot; read anew where its name is in ``changed``."""
        if material is None:
            key = None
        else:
            key = (material.name, material.library.filepath if material.library else None)
        found = self._indices.get(key)
        if found is None:
            found = self._indices[key] = len(self._indices) + 1
            contract, self.surfaces[found], self._notes[found] = self._read(material, found)
            self.materials.append(contract)
        elif key in changed:
            changed.discard(key)
            _, self.surfaces[found], self._notes[found] = self._read(material, found)
        return found

    def _read(self, material: Any | None, index: int) -> tuple[Material, Surface, list[str]]:
        if material is None:
            return Material(index, DEFAULT_NAME, _DEFAULT_COLOR), plain(_DEFAULT_COLOR), []
        viewport = vector(material.diffuse_color[:3])
        nodes = Nodes(viewport)
        tree = compat.node_tree(material)
        if tree is None:
            shading = _Shading(constant(viewport), Coverage(), float(material.roughness), float(material.metallic))
        else:
            shading = _output(tree, nodes)
        words = getattr(getattr(material, "sora", None), "words", "")
        contract = Material(
            index,
            material.name,
            vector(nodes.mean(shading.base)),
            roughness=_share(shading.roughness),
            metallic=_share(shading.metallic),
            transmission=_share(shading.transmission),
            ior=max(shading.ior, 1e-3),
            emission=shading.emission,
            words=words,
        )
        culls = self._culls and material.use_backface_culling
        return contract, _surface(shading, culls, nodes), nodes.notes


def _surface(shading: _Shading, culls: bool, nodes: Nodes) -> Surface:
    base, alpha = shading.base, shading.alpha
    tint = base.tint
    if alpha.tint and tint is not None and tint != alpha.attribute:
        nodes.note("transparency by a second colour attribute is left out")
        alpha = Coverage()
    if alpha.tint:
        tint = alpha.attribute
    terms = tuple(vector(row) for row in base.terms)
    return Surface(
        terms,  # type: ignore[arg-type]
        base.picture,
        None if tint == OBJECT_COLOR else tint,
        tint == OBJECT_COLOR,
        alpha.constant,
        alpha.weights,
        alpha.tint,
        alpha.picture,
        culls,
    )


def _output(tree: Any, nodes: Nodes) -> _Shading:
    output = tree.get_output_node("ALL") or tree.get_output_node("CYCLES") or tree.get_output_node("EEVEE")
    surface = root(output.inputs["Surface"]) if output is not None else None
    if output is None or surface is None or nodes.source(surface) is None:
        if output is not None and output.inputs["Volume"].is_linked:
            nodes.note("its volume is left out")
        return _Shading(_BLANK, Coverage(0.0))
    if output.inputs["Volume"].is_linked:
        nodes.note("its volume is left out")
    if output.inputs["Displacement"].is_linked:
        nodes.note("its displacement is left out, the surface is shown as it is modelled")
    return _shader(surface, nodes)


def _shader(place: Any, nodes: Nodes) -> _Shading:
    source = nodes.source(place)
    if source is None or not source.socket.is_output:
        return _Shading(_BLANK, Coverage())
    node, groups = source.socket.node, source.groups

    def color(name: str) -> Formula:
        return nodes.color(nodes.input(node, name, groups))

    def value(name: str, otherwise: float) -> float:
        return nodes.value(nodes.input(node, name, groups)) if name in node.inputs else otherwise

    kind = node.type
    if kind == "BSDF_PRINCIPLED":
        strength = value("Emission Strength", 0.0)
        glow = nodes.mean(color("Emission Color")) * strength if strength else np.zeros(3)
        return _Shading(
            color("Base Color"),
            nodes.coverage(nodes.input(node, "Alpha", groups)),
            value("Roughness", 0.5),
            value("Metallic", 0.0),
            value("Transmission Weight", 0.0),
            value("IOR", 1.45),
            vector(glow),
        )
    if kind == "EMISSION":
        base = color("Color")
        return _Shading(base, Coverage(), 1.0, emission=vector(nodes.mean(base) * value("Strength", 1.0)))
    if kind == "BSDF_TRANSPARENT":
        return _Shading(_BLANK, Coverage(0.0))
    if kind == "MIX_SHADER":
        one, two = (_shader(nodes.input(node, name, groups), nodes) for name in ("Shader", "Shader_001"))
        return _mixed(one, two, nodes.input(node, "Fac", groups), nodes)
    if kind == "ADD_SHADER":
        one, two = (_shader(nodes.input(node, name, groups), nodes) for name in ("Shader", "Shader_001"))
        dark, lit = (one, two) if any(one.emission) and not any(two.emission) else (two, one)
        glow = vector(a + b for a, b in zip(one.emission, two.emission, strict=True))
        return _Shading(lit.base, lit.alpha, lit.roughness, lit.metallic, dark.transmission, lit.ior, glow)
    if kind in ("BSDF_GLASS", "BSDF_REFRACTION"):
        return _Shading(color("Color"), Coverage(), value("Roughness", 0.0), 0.0, 1.0, value("IOR", 1.45))
    if kind in ("BSDF_GLOSSY", "BSDF_ANISOTROPIC", "BSDF_METALLIC"):
        name = "Color" if "Color" in node.inputs else "Base Color"
        return _Shading(color(name), Coverage(), value("Roughness", 0.2), 1.0)
    if "Color" in node.inputs:
        return _Shading(color("Color"), Coverage(), value("Roughness", 1.0))
    nodes.note(f"the shader {node.name!r} is shown in grey")
    return _Shading(constant(_DEFAULT_COLOR), Coverage())


def _mixed(one: _Shading, two: _Shading, factor: Any, nodes: Nodes) -> _Shading:
    """A Mix Shader. With a transparent side the factor is a coverage; else everything is mixed."""
    clear_one = one.alpha == Coverage(0.0)
    clear_two = two.alpha == Coverage(0.0)
    if clear_one != clear_two:
        share = nodes.coverage(factor)
        solid = two if clear_one else one
        share = share if clear_one else share.scaled(-1.0).shifted(1.0)
        try:
            alpha = share.times(solid.alpha)
        except NotAFormula:
            nodes.note("transparency by more than one picture is shown by the first")
            alpha = share
        return _Shading(
            solid.base, alpha, solid.roughness, solid.metallic, solid.transmission, solid.ior, solid.emission
        )
    amount = nodes.value(factor)

    def between(a: float, b: float) -> float:
        return a + amount * (b - a)

    try:
        base = one.base.mixed(two.base, nodes.color(factor))
    except NotAFormula:
        nodes.note("a mix of two shaders is shown as its mean")
        base = constant(between_colors(nodes.mean(one.base), nodes.mean(two.base), amount))
    glow = vector(between(a, b) for a, b in zip(one.emission, two.emission, strict=True))
    return _Shading(
        base,
        one.alpha if amount < 0.5 else two.alpha,
        between(one.roughness, two.roughness),
        between(one.metallic, two.metallic),
        between(one.transmission, two.transmission),
        between(one.ior, two.ior),
        glow,
    )


def between_colors(one: Doubles, two: Doubles, amount: float) -> Doubles:
    """``amount`` of the way from ``one`` to ``two``."""
    return one + amount * (two - one)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
