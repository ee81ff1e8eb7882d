"""The Sora tab, from top to bottom."""

from __future__ import annotations

from . import (
    section_bodies,
    section_chain,
    section_contacts,
    section_guide,
    section_jobs,
    section_shot,
    section_start,
    section_takes,
)
from .both import in_both

CLASSES = (
    *section_bodies.CLASSES,
    *section_takes.CLASSES,
    *in_both(
        *section_start.SECTIONS,
        *section_shot.SECTIONS,
        *section_guide.SECTIONS,
        *section_chain.SECTIONS,
        *section_jobs.SECTIONS,
        *section_takes.SECTIONS,
        *section_bodies.SECTIONS,
        *section_contacts.SECTIONS,
    ),
)
