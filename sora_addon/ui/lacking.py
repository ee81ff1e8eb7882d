"""A backend that cannot run here yet: what it lacks, and the press that brings it."""

from __future__ import annotations

import os
from typing import Any

from ..client.desk import existing
from ..client.engine import VARIABLE
from ..contract.messages import BackendInfo
from ..install.preferences import lacks_models, models_size, progress
from . import say
from .told import told


def info_of(name: str) -> BackendInfo | None:
    """What the engine said of a backend; None where it has not answered yet, or does not know it."""
    desk = existing()
    return desk.session.backend(name) if desk is not None else None


def lacks(name: str) -> list[str]:
    """Why a backend cannot run here, in sentences; none where it can, or where that is not known."""
    info = info_of(name)
    return info.missing if info is not None else []


def draw_lack(layout: Any, context: Any, name: str) -> None:
    """Nothing where nothing is lacking."""
    sentences = lacks(name)
    if not sentences:
        return
    box, width = layout.box(), say.letters(context) - 4
    for sentence in sentences:
        say.wrapped(box, told(sentence), width, icon="ERROR")
    if os.environ.get(VARIABLE):  # an environment of the studio's own, which is not ours to fill
        return
    under_way, share, line = progress() or (False, 0.0, "")
    if under_way:
        row = box.row(align=True)
        row.progress(factor=share, text=line, translate=False)
        row.operator("sora.cancel_install", text="", icon="X")
        return
    button = box.row()
    button.scale_y = 1.4
    button.operator("sora.add_models" if lacks_models() else "sora.repair_engine", icon="IMPORT")
    if lacks_models() and models_size():
        say.wrapped(box, models_size(), width)
    elif line:
        say.wrapped(box, line, width)
