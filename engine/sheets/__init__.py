"""Pictures of a take for people: a contact sheet, and the sound with the contacts that it is held to."""

from .frames import contact_sheet
from .waveform import sound_plot

__all__ = ["contact_sheet", "sound_plot"]
