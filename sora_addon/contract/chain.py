"""A chain: backends one after the other over one shot; and how a backend's own sound is mixed with the foley."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from .codec import Bound, Length

MOST_LINKS = 8
"""Backends after the first."""

Gives = Literal["picture", "sound", "both"]
"""What is taken of a backend of a chain; the rest stays as the one before it made it."""

Gain = Annotated[float, Bound(low=-60.0, high=24.0)]
"""Decibels."""


@dataclass(frozen=True)
class Link:
    """A backend that goes on from what the one before it made."""

    backend: Annotated[str, Length(1, 200)]
    gives: Gives = "both"
    settings: dict[str, Any] = field(default_factory=dict)
    """Its own, checked by it; those of the words and of the other backends are not seen by it."""


@dataclass(frozen=True)
class SoundMix:
    """What is heard where a backend makes sound of its own: that, the foley, or both."""

    use: Literal["joint", "foley", "both"] = "both"
    """``joint`` is the backend's own sound."""
    duck: Annotated[float, Bound(low=0.0, high=60.0)] = 12.0
    """Decibels by which the backend's sound gives way to the foley at each contact, where both are heard."""
    joint: Gain = 0.0
    """Louder or softer."""
    foley: Gain = 0.0


Chain = Annotated[list[Link], Length(0, MOST_LINKS)]
