"""Light as a layout artist leaves it: all lamps white, the world grey, so that words alone say the hour. No bpy here."""

from __future__ import annotations

WHITE = (1.0, 1.0, 1.0)
GREY = (0.35, 0.35, 0.35)
"""Of the world."""
BLOCKED = (0.5, 0.5, 0.5)
"""Colour of what is only blocked."""
BLOCKED_ROUGHNESS = 0.5
SUN = 3.0
"""Watts a square metre."""
WEAK, STRONGER = 40.0, 3.0
"""Watts under which a bulb is made so many times as strong, to be seen beside the sun."""


def plain_energy(kind: str, energy: float) -> float:
    """Energy of a plain lamp in the place of one of that kind and energy, as Blender counts both."""
    if kind.lower() == "sun":
        return SUN
    return energy * STRONGER if kind.lower() == "point" and energy < WEAK else energy
