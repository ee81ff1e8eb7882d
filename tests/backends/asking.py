"""What the fixture ``ask`` is."""

from __future__ import annotations

from collections.abc import Callable

from engine.backends.protocol import Request

Ask = Callable[..., Request]
"""A request for the little shot: ``progress``, ``earlier``, ``preview``, ``stems``; another ``shot`` and ``folder``; words by name."""
