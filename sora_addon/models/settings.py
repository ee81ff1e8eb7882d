"""What the artist sets of models and of the studio's server, in the add-on's preferences."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import bpy
from bpy.props import EnumProperty, StringProperty

from .places import choose_home

KINDS = [
    ("auto", "As It Says", "By the name of the model that the server serves"),
    ("ltx2", "LTX-2", "Words and a first frame; picture and sound"),
    ("wan", "Wan", "Words and a first frame; picture"),
    ("cosmos3", "Cosmos 3", "Words, one control as a video, a whole clip to go on from; picture and sound"),
    ("sana_wm", "SANA-WM", "A first frame and the exact camera; picture"),
    ("other", "Other", "Words and a first frame; frames and sides as they are"),
]


def _changed_home(self: Any, context: Any) -> None:
    from .follow import look

    keep_home(self)
    look()


class ModelSettings:
    """Of the preferences, beside the engine's own."""

    models_home: StringProperty(
        name="Models In",
        description="The folder that models are put into; a disk with room for tens of gigabytes. Empty: with your own files",
        subtype="DIR_PATH",
        update=_changed_home,
    )
    server: StringProperty(
        name="Server",
        description="Address of vLLM-Omni or SGLang Diffusion, as https://host:port, for the backend Remote",
    )
    server_kind: EnumProperty(name="Serves", description="The family of the model on the server", items=KINDS)
    server_certificate: StringProperty(
        name="Authority",
        description="A PEM of the studio's own certificate authority. Empty: those that the system trusts",
        subtype="FILE_PATH",
    )


def keep_home(settings: Any) -> None:
    """Let the engine know where models lie."""
    choose_home(Path(bpy.path.abspath(settings.models_home)) if settings.models_home else None)


def is_local(url: str) -> bool:
    """Whether a server is this machine, so that asking it is no going online."""
    try:
        return urlsplit(url.strip()).hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        return False


def server_settings(settings: Any) -> dict[str, Any]:
    """What a job of the remote backend is told of its server; {} where none is set."""
    if settings is None or not settings.server.strip():
        return {}
    found: dict[str, Any] = {"server": settings.server.strip(), "serves": settings.server_kind}
    if settings.server_certificate:
        found["certificate"] = bpy.path.abspath(settings.server_certificate)
    return found
