"""Takes in Blender's timeline: laid, retaken, switched, rendered."""

from .errors import SequencerError
from .lay import LaidTake, lay
from .render import render_sequence
from .takes import StripTake, takes_in, use_take
from .view import ViewChoice, choose_view, needs_choice

__all__ = [
    "LaidTake",
    "SequencerError",
    "StripTake",
    "ViewChoice",
    "choose_view",
    "lay",
    "needs_choice",
    "render_sequence",
    "takes_in",
    "use_take",
]
