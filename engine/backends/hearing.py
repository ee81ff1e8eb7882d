"""What is heard of a shot before any model."""

from __future__ import annotations

from ..sound import Stems, foley
from .protocol import Request


def foley_of(request: Request) -> Stems:
    """The shot's foley: the pipeline's, which it makes before any backend works, else made now. Not to be written to."""
    return foley(request.shot) if request.stems is None else request.stems
