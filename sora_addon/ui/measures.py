"""The figures of a report as an artist would say them."""

from __future__ import annotations

from collections.abc import Iterable

from ..contract import Measure
from . import say

PLAIN: tuple[tuple[str, str], ...] = (
    ("camera.rotation", "camera holds: {value:.2f} degrees"),
    ("camera.position", "camera stands: {value:.3f} m off"),
    ("sound.onset", "sound: {value:.0f} ms"),
    ("motion.dropped", "frames missing: {value:.0f}"),
    ("colour.flicker", "light flickers: {value:.1f} %"),
    ("edges.depth", "edges kept: {percent:.0f} %"),
)
"""Measures that say something to an artist, the most telling first."""


def in_words(measures: Iterable[Measure], most: int = 3) -> list[str]:
    """The most telling figures that the report has, each a few words; what could not be measured is passed over."""
    figures = {measure.name: measure.take for measure in measures if measure.take is not None}
    found = []
    for name, template in PLAIN:
        value = figures.get(name)
        if value is not None and len(found) < most:
            found.append(say.fill(template, value=value, percent=100.0 * value))
    return found
