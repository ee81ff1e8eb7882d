"""The view transform that clips are shown under. Any but Standard changes their colours: the artist decides, once."""

from __future__ import annotations

from typing import Any, Literal

from .errors import SequencerError

ViewChoice = Literal["ask", "standard", "leave"]

STANDARD = "Standard"


def is_neutral(scene: Any) -> bool:
    """Whether the scene's view shows a clip as a player does."""
    view = scene.view_settings
    return (
        view.view_transform == STANDARD
        and view.look == "None"
        and view.exposure == 0.0
        and view.gamma == 1.0
        and not view.use_curve_mapping
    )


def needs_choice(scene: Any) -> bool:
    """Whether the artist has to be asked before a clip is laid in ``scene``."""
    return scene.sora.view_choice == "ask" and not is_neutral(scene)


def choose_view(scene: Any, choice: ViewChoice) -> str:
    """Record ``choice`` in the scene and act on it; returns the view transform that clips are now shown under.

    The scene is data like any other, so undo takes both back. Raises SequencerError where the scene's colour
    management has no Standard view.
    """
    view = scene.view_settings
    if choice == "standard" and not is_neutral(scene):
        try:
            view.view_transform = STANDARD
        except TypeError:
            raise SequencerError(
                f"The colour management of the scene {scene.name!r} has no view called {STANDARD}; choose Leave"
            ) from None
        view.look = "None"
        view.exposure = 0.0
        view.gamma = 1.0
        view.use_curve_mapping = False
    scene.sora.view_choice = choice
    return view.view_transform
