"""Foley: what a shot sounds like, at 48 kHz on the picture's clock, from its contacts, its space and its words."""

from .atmosphere import unheard
from .foley import foley
from .stems import Stems, mix

__all__ = ["Stems", "foley", "mix", "unheard"]
