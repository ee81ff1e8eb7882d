"""Where in a timeline a take goes: channels that are free."""

from __future__ import annotations

from typing import Any

from .. import compat
from .errors import SequencerError

CHANNELS = 128
"""Blender's own limit."""


def free_channel(editor: Any, start: int, end: int) -> int:
    """The channel for a strip from frame ``start`` up to ``end``: the lowest above all that it would share frames with.

    A clip belongs over the animatic that it replaces. Where nothing is free above, the highest free one below.
    Channels that the artist locked or muted are passed over. Raises SequencerError where every channel is taken.
    """
    taken = {
        strip.channel
        for strip in compat.strips_of(editor)
        if compat.strip_start(strip) < end and compat.strip_end(strip) > start
    }
    shut = {i for i, channel in enumerate(editor.channels) if channel.lock or channel.mute}
    top = max(taken, default=0)
    above = range(top + 1, CHANNELS + 1)
    below = range(top, 0, -1)
    for channel in (*above, *below):
        if channel not in taken and channel not in shut:
            return channel
    raise SequencerError(f"No channel is free from frame {start} to {end - 1}; move or remove a strip there")
