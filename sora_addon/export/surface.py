"""What a material looks like to the rasteriser: a base colour and an alpha, as short formulas. Plain Python: no bpy here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..contract import Colour

Extension = Literal["REPEAT", "EXTEND", "CLIP", "MIRROR"]

BLACK: Colour = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Picture:
    """An image, and how it is laid on the surface."""

    name: str
    """Name of the image datablock."""
    library: str | None = None
    """Path of the library that it is linked from."""
    uv: str | None = None
    """Name of the UV map; None for the mesh's own first choice."""
    place: tuple[float, float, float, float, float, float] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    """Two rows (a, b, c): u' = a u + b v + c."""
    extension: Extension = "REPEAT"
    closest: bool = False
    """True where texels are not interpolated."""
    ignores_alpha: bool = False


@dataclass(frozen=True)
class Surface:
    """Base colour and alpha of a material at one frame.

    With I the picture's colour, a its alpha and V the mesh's colour attribute (or the object's own colour), the base
    colour is the sum of ``terms`` times 1, I, V, I V, a, a I, a V, a I V, channel by channel: this form holds constants,
    textures, products and mixes of them exactly. Alpha is ``alpha_constant`` + ``alpha_weights`` . (R, G, B, A of the
    alpha picture) + ``alpha_tint`` times V's alpha; below a half, the surface is not there.
    """

    terms: tuple[Colour, Colour, Colour, Colour, Colour, Colour, Colour, Colour]
    picture: Picture | None = None
    attribute: str | None = None
    """Name of the colour attribute; an empty name means the one that the mesh renders with."""
    object_color: bool = False
    """V is the object's own colour."""
    alpha_constant: float = 1.0
    alpha_weights: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    alpha_tint: float = 0.0
    alpha_picture: Picture | None = None
    culls: bool = False
    """True where faces seen from behind are not there."""

    @property
    def cuts(self) -> bool:
        """True where parts of the surface may be missing."""
        varies = any(self.alpha_weights) or self.alpha_tint != 0.0
        return varies or self.alpha_constant < 0.5

    @property
    def needs_tint(self) -> bool:
        """True where the formulas use the mesh's colour attribute."""
        used = any(any(self.terms[i]) for i in (2, 3, 6, 7)) or self.alpha_tint != 0.0
        return used and not self.object_color


def plain(color: Colour, alpha: float = 1.0) -> Surface:
    """A surface of one colour."""
    return Surface((color, BLACK, BLACK, BLACK, BLACK, BLACK, BLACK, BLACK), alpha_constant=alpha)
