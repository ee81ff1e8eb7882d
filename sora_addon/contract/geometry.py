"""Vectors and matrices of the contract: plain tuples, metres, world axes of Blender (right-handed, z up)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from .codec import Bound
from .errors import ContractError

Coordinate = Annotated[float, Bound(low=-1e9, high=1e9)]
"""A million kilometres either way; what lies beyond is a fault, and would overflow half way down."""
Radiance = Annotated[float, Bound(low=-1e6, high=1e6)]
Vector = tuple[Coordinate, Coordinate, Coordinate]
Colour = tuple[Radiance, Radiance, Radiance]
"""Scene-linear RGB with Rec.709 primaries; may be more than 1."""
Matrix = tuple[
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
    Coordinate,
]
"""4x4, row by row, that takes local column vectors to the world; its last row is 0 0 0 1."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def vector(values: Iterable[float]) -> Vector:
    """Three numbers, from numpy or Blender, as the contract holds vectors and colours. Raises ValueError at another count."""
    x, y, z = (float(value) for value in values)
    return x, y, z


def matrix(values: Iterable[float]) -> Matrix:
    """Sixteen numbers, row by row, as the contract holds them. Raises ValueError at another count."""
    numbers = tuple(float(value) for value in values)
    if len(numbers) != 16:
        raise ValueError(f"a matrix of the contract has 16 numbers, not {len(numbers)}")
    return numbers


def check_affine(matrix: Matrix, field: str) -> None:
    """Refuse a matrix whose last row is not 0 0 0 1."""
    if any(abs(value - wanted) > 1e-6 for value, wanted in zip(matrix[12:], (0, 0, 0, 1), strict=True)):
        raise ContractError(field, "has a last row other than 0 0 0 1", "write the matrix row by row")


def check_rigid(matrix: Matrix, field: str) -> None:
    """Refuse a matrix that scales, shears or mirrors."""
    check_affine(matrix, field)
    rows = [matrix[0:3], matrix[4:7], matrix[8:11]]
    for i in range(3):
        for j in range(3):
            dot = sum(a * b for a, b in zip(rows[i], rows[j], strict=True))
            if abs(dot - (i == j)) > 1e-3:
                raise ContractError(field, "scales or shears", "remove the scale of the camera and of its parents")
    (a, b, c), (d, e, f), (g, h, i_) = rows
    if a * (e * i_ - f * h) - b * (d * i_ - f * g) + c * (d * h - e * g) < 0:
        raise ContractError(field, "mirrors", "use a right-handed matrix")


@dataclass(frozen=True)
class Box:
    """Axis-aligned bounds, metres."""

    low: Vector
    high: Vector

    def check(self) -> None:
        if any(low > high for low, high in zip(self.low, self.high, strict=True)):
            raise ContractError("low", "is beyond 'high'")
