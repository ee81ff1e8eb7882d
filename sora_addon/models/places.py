"""Where models lie, and the one that a job takes. No bpy here."""

from __future__ import annotations

import os
from pathlib import Path

from .told import Listing, Model

VARIABLE = "SORA_MODELS"
"""Tells the engine of another folder than its usual one."""
_chosen: list[Path] = []


def choose_home(folder: Path | None) -> None:
    """Say where this process's models lie; None for the usual place, or the variable's."""
    _chosen[:] = [] if folder is None else [folder]


def model_variables() -> dict[str, str]:
    """What the engine's environment holds of it."""
    return {VARIABLE: str(_chosen[0])} if _chosen else {}


def chosen_model(listing: Listing | None, backend: str, choice: str) -> Model | None:
    """The model that a backend loads: ``choice`` where that is ready, else its usual one, else any that is."""
    ready = [model for model in listing.of(backend) if model.standing.ready] if listing is not None else []
    return next((model for name in (choice, backend) for model in ready if model.name == name), next(iter(ready), None))


def model_folder(listing: Listing | None, backend: str, choice: str) -> str:
    """The folder that a job's settings name: that of ``choice`` where it is ready, else of one that is.

    Empty where the backend finds its model by itself, or none is ready.
    """
    model = chosen_model(listing, backend, choice)
    if listing is None or model is None:
        return ""
    usual = os.path.join(listing.home, backend)
    return "" if os.path.normpath(model.standing.folder) == os.path.normpath(usual) else model.standing.folder
