"""A line of the table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    what: str
    bound: str
    measured: str
    holds: bool | None = None
    """None where nothing is asked for: a figure to compare with."""


class NotMeasured(RuntimeError):
    """A figure could not be had; the text says why. Its line does not hold."""
