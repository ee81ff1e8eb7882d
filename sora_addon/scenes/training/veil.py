"""What the shot shows otherwise than the truth: the exporter sees a scene as an artist would have blocked it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Veil:
    """A change of the scene that hides something, and the one that undoes it."""

    hide: Callable[[], None]
    show: Callable[[], None]


@contextmanager
def veiled(veils: list[Veil]) -> Iterator[None]:
    """The scene as it was blocked, within the block; as it truly is, after it."""
    for veil in veils:
        veil.hide()
    try:
        yield
    finally:
        for veil in reversed(veils):
            veil.show()
