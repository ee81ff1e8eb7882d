"""Which backends there are; each module is imported when it is asked for."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from .capabilities import BUILTIN, LTX2, REMOTE, SANA_WM, SKETCH, STABLE_AUDIO, WAN_VACE, Capabilities
from .trained import capabilities_of, trained

if TYPE_CHECKING:
    from .protocol import Backend

_MODULES: dict[str, tuple[str, str, Capabilities]] = {
    "sketch": ("sketch", "Sketch", SKETCH),
    "builtin": ("builtin", "Builtin", BUILTIN),
    "remote": ("remote", "Remote", REMOTE),
    "ltx2": ("ltx2", "Ltx2", LTX2),
    "sana_wm": ("sana_wm", "SanaWm", SANA_WM),
    "stable_audio": ("stable_audio", "StableAudio", STABLE_AUDIO),
    "wan_vace": ("wan_vace", "WanVace", WAN_VACE),
}


OWN = tuple(_MODULES)
"""Those of the engine itself."""


def names() -> tuple[str, ...]:
    """All backends by name: the engine's own, then the models that were trained here."""
    return (*OWN, *(name for name in trained() if name not in OWN))


def capabilities(name: str) -> Capabilities:
    """What the backend of that name declares, without importing it. Raises KeyError with the names that there are."""
    if name in _MODULES:
        return _MODULES[name][2]
    return capabilities_of(_trained(name))


def backend(name: str) -> Backend:
    """The backend of that name. Raises KeyError with the names that there are."""
    if name in _MODULES:
        module, cls, _ = _MODULES[name]
        return getattr(importlib.import_module(f".{module}", __package__), cls)()
    from .builtin import Builtin

    return Builtin(_trained(name), capabilities(name))


def _trained(name: str) -> Path:
    found = trained()
    if name not in found:
        raise KeyError(f"there is no backend {name!r}; there are: {', '.join(names())}")
    return found[name]
