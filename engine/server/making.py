"""What the worker does with an order. Importing it imports all that a job needs."""

from __future__ import annotations

from pathlib import Path

from sora_addon.contract import SoundMix
from sora_addon.contract.messages import Order

from ..pipeline.generate import Options, Preview, Progress, generate
from .orders import take_settings
from .verify import made_for, verify


def make(order: Order, progress: Progress, preview: Preview | None) -> str:
    """Make the take and read it back; its id. Raises as ``generate`` and ``verify`` do."""
    progress("admit", 0, 1)
    exr, loudness, accept, settings = take_settings(order.settings)
    options = Options(
        order.backend,
        words=order.words,
        settings=settings,
        exr=exr,
        loudness=loudness,
        accept=accept,
        chain=tuple(order.chain),
        mix=order.mix or SoundMix(),
    )
    generate(Path(order.shot), Path(order.out), options, progress, preview)
    # It is delivered: a cancel that comes now is too late, and is not asked for any more.
    return verify(order).id


def look_over(order: Order) -> str:
    """The id of the take that stands at ``order.out``; '' where it is whole and of another shot. Raises as ``verify``."""
    take = verify(order)
    return take.id if made_for(order, take) else ""
