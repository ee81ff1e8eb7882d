"""A backend that cannot run here yet: what it lacks, and the press that brings it."""

from __future__ import annotations

import os
from typing import Any

import bpy

from ..client.desk import existing
from ..client.engine import VARIABLE
from ..client.making import REMOTE, makers_of_scene, steered
from ..contract.messages import BackendInfo
from ..install.preferences import lacks_models, models_size, preferences, progress
from ..models.settings import is_local
from ..models.work import MODELS
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


def hindrance(scene: Any) -> str:
    """Why the backends that are set cannot make a take here, in the artist's language; empty where they can."""
    names = makers_of_scene(scene)
    if any(lacks(name) for name in names):
        return say._("The backend lacks packages; add them in the Sora tab, or choose another backend")
    return _no_server(names) or _no_model(scene, names)


def draw_hindrance(layout: Any, context: Any, scene: Any) -> None:
    """A server or a model that is lacking, and the press that leads to it."""
    names = makers_of_scene(scene)
    problem = _no_server(names) or _no_model(scene, names)
    if not problem:
        return
    box = layout.box()
    say.wrapped(box, problem, say.letters(context) - 4, icon="ERROR")
    box.operator("sora.show_preferences", icon="PREFERENCES")


def _no_server(names: list[str]) -> str:
    page = preferences()
    if REMOTE not in names:
        return ""
    if page is None or not page.server.strip():
        return say._("Set the address of the server in the preferences of the add-on")
    if not (bpy.app.online_access or is_local(page.server)):
        return say._(
            "Blender may not go online, and the server is another machine: allow it in Preferences > System > Network"
        )
    return ""


def _no_model(scene: Any, names: list[str]) -> str:
    """So long as nobody has looked which models are here, they are believed to be."""
    listing = MODELS.shown.listing
    if listing is None:
        return ""
    for name in names:
        models = listing.of(name)
        if models and not any(model.standing.ready for model in models):
            return say.fill(
                "The model {title} is not here; get it in the preferences of the add-on", title=models[0].title
            )
    worn = listing.named(f"{names[0]}_control")
    if worn is not None and not worn.standing.ready and steered(scene, info_of(names[0])):
        return say.fill(
            "A guide needs {title}; get it in the preferences of the add-on, or set the guide to Nothing",
            title=worn.title,
        )
    return ""
