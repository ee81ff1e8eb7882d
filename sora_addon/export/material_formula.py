"""Colours and coverage as short formulas of a picture and a colour attribute. Plain numpy: no bpy here.

``Surface`` says what the formulas mean; here they are built, added, multiplied and mixed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..contract import Colour
from .sample import Doubles
from .surface import Picture

PICTURE, TINT, ALPHA = 1, 2, 4
"""Bits of a term's number: the factors in it."""

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Rec. 709."""


class NotAFormula(ValueError):
    """Squares, or two pictures: more than a formula can hold."""


@dataclass(frozen=True, eq=False)
class Formula:
    """A colour: the sum of ``terms`` (8, 3), each times the factors that its number's bits name."""

    terms: Doubles
    picture: Picture | None = None
    tint: str | None = None
    """Name of the colour attribute, or OBJECT_COLOR."""

    @property
    def constant(self) -> bool:
        return not self.terms[1:].any()

    @property
    def color(self) -> Doubles:
        """Of a constant."""
        return self.terms[0]

    def plus(self, other: Formula) -> Formula:
        """Raises NotAFormula."""
        return Formula(self.terms + other.terms, *_sources(self, other))

    def times(self, other: Formula) -> Formula:
        """Raises NotAFormula where a factor would be squared."""
        terms = np.zeros((8, 3))
        for i in range(8):
            for j in range(8):
                if self.terms[i].any() and other.terms[j].any():
                    if i & j:
                        raise NotAFormula
                    terms[i | j] += self.terms[i] * other.terms[j]
        return Formula(terms, *_sources(self, other))

    def scaled(self, factor: float) -> Formula:
        return replace(self, terms=self.terms * factor)

    def mixed(self, other: Formula, factor: Formula) -> Formula:
        """(1 - factor) self + factor other. Raises NotAFormula."""
        return self.plus(factor.times(other)).plus(factor.times(self).scaled(-1.0))

    def mean(self, mean_of: Callable[[Picture], tuple[float, float, float, float]]) -> Doubles:
        """(3,) with the picture's mean for the picture and white for the attribute."""
        red, green, blue, alpha = mean_of(self.picture) if self.picture is not None else (1.0, 1.0, 1.0, 1.0)
        shade = np.array([red, green, blue])
        total = np.zeros(3)
        for i in range(8):
            total += self.terms[i] * (shade if i & PICTURE else 1.0) * (alpha if i & ALPHA else 1.0)
        return total


OBJECT_COLOR = "\0object"
"""The tint that is the object's own colour."""


def constant(color: Colour | Doubles | float) -> Formula:
    """A formula of one colour, or of one grey."""
    terms = np.zeros((8, 3))
    terms[0] = color
    return Formula(terms)


def picture_color(picture: Picture, *, covered: bool) -> Formula:
    """A picture's colour; ``covered``: times its alpha."""
    terms = np.zeros((8, 3))
    terms[PICTURE | (ALPHA if covered else 0)] = 1.0
    return Formula(terms, picture)


def picture_alpha(picture: Picture) -> Formula:
    """A picture's alpha as a grey."""
    terms = np.zeros((8, 3))
    terms[ALPHA] = 1.0
    return Formula(terms, picture)


def tint_color(name: str) -> Formula:
    """A colour attribute, or OBJECT_COLOR."""
    terms = np.zeros((8, 3))
    terms[TINT] = 1.0
    return Formula(terms, None, name)


def _sources(one: Formula, other: Formula) -> tuple[Picture | None, str | None]:
    if one.picture is not None and other.picture is not None and one.picture != other.picture:
        raise NotAFormula
    if one.tint is not None and other.tint is not None and one.tint != other.tint:
        raise NotAFormula
    return one.picture or other.picture, one.tint or other.tint


@dataclass(frozen=True)
class Coverage:
    """An alpha: ``constant`` + ``weights`` . (R, G, B, A of the picture) + ``tint`` times the attribute's alpha."""

    constant: float = 1.0
    weights: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    tint: float = 0.0
    picture: Picture | None = None
    attribute: str | None = None

    @property
    def fixed(self) -> bool:
        return not any(self.weights) and self.tint == 0.0

    def scaled(self, factor: float) -> Coverage:
        weights = tuple(factor * weight for weight in self.weights)
        return replace(self, constant=factor * self.constant, weights=weights, tint=factor * self.tint)

    def shifted(self, amount: float) -> Coverage:
        return replace(self, constant=self.constant + amount)

    def times(self, other: Coverage) -> Coverage:
        """Raises NotAFormula where both vary."""
        if other.fixed:
            return self.scaled(other.constant)
        if self.fixed:
            return other.scaled(self.constant)
        raise NotAFormula
