"""Exact adherence: how well a take obeyed its shot. Every figure is defined in docs/measures.md; none is learned."""

from .clip import measure

__all__ = ["measure"]
