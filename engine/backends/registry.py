"""Which backends there are; each module is imported when it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from .capabilities import BUILTIN, LTX2, REMOTE, SANA_WM, SKETCH, STABLE_AUDIO, WAN_VACE, Capabilities

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


def names() -> tuple[str, ...]:
    """All backends by name."""
    return tuple(_MODULES)


def capabilities(name: str) -> Capabilities:
    """What the backend of that name declares, without importing it. Raises KeyError with the names that there are."""
    return _entry(name)[2]


def backend(name: str) -> Backend:
    """The backend of that name. Raises KeyError with the names that there are."""
    module, cls, _ = _entry(name)
    return getattr(importlib.import_module(f".{module}", __package__), cls)()


def _entry(name: str) -> tuple[str, str, Capabilities]:
    if name not in _MODULES:
        raise KeyError(f"there is no backend {name!r}; there are: {', '.join(_MODULES)}")
    return _MODULES[name]
