"""What the panel reads beside the jobs: takes on disk, contacts that were found, the sound preview."""

from __future__ import annotations

from dataclasses import dataclass, field

from .found import Found
from .shelf import Shelf


@dataclass
class ContactState:
    """Of one scene."""

    found: Found | None = None
    searching: bool = False
    stage: str = ""
    step: int = 0
    total: int = 0
    problem: str = ""
    sounding: bool = False
    """The engine makes the sound of the contacts."""
    sound_problem: str = ""


@dataclass
class State:
    """Of this Blender; nothing of it is saved."""

    shelf: Shelf
    contacts: dict[str, ContactState] = field(default_factory=dict)
    """By the scene's identity."""

    def contacts_of(self, scene: str) -> ContactState:
        return self.contacts.get(scene) or ContactState()
