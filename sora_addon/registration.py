"""What Blender is told when the extension is enabled, in order, and untold in reverse."""

from __future__ import annotations

import bpy

from . import command, properties
from .client import closing, pace, places, timer
from .install import operators as install_operators
from .install import preferences as install_preferences
from .models import operators as model_operators
from .sequencer import operators, signing
from .ui import (
    listening,
    menus,
    operators_contacts,
    operators_jobs,
    operators_making,
    operators_start,
    operators_takes,
    operators_trust,
    operators_words,
    overlay,
    panels,
    panels_properties,
    pictures,
    presets,
    translations,
    window,
)

CLASSES = (
    *properties.CLASSES,
    *install_preferences.CLASSES,
    *install_operators.CLASSES,
    *model_operators.CLASSES,
    *window.CLASSES,
    *operators.CLASSES,
    *operators_jobs.CLASSES,
    *operators_making.CLASSES,
    *operators_words.CLASSES,
    *operators_takes.CLASSES,
    *operators_trust.CLASSES,
    *operators_contacts.CLASSES,
    *operators_start.CLASSES,
    *presets.CLASSES,
    *panels.CLASSES,
    *panels_properties.CLASSES,
)


def register() -> None:
    """Register classes, properties, menus, handlers and the timer. Undoes what it did where a step fails."""
    done: list[type] = []
    try:
        for cls in CLASSES:
            bpy.utils.register_class(cls)
            done.append(cls)
        properties.attach()
        window.attach()
    except (RuntimeError, ValueError):
        for cls in reversed(done):
            bpy.utils.unregister_class(cls)
        raise
    properties.offer_what_is_known()
    translations.start()
    menus.attach()
    pictures.start()
    closing.recall(places.home())
    pace.recall(places.home())
    timer.start()
    listening.start()
    overlay.start()
    install_preferences.start()
    signing.start()
    command.register_command()


def unregister() -> None:
    """Leave nothing of ``register`` behind."""
    command.unregister_command()
    signing.stop()
    install_preferences.stop()
    overlay.stop()
    listening.stop()
    timer.stop()
    pictures.stop()
    menus.detach()
    translations.stop()
    window.detach()
    properties.detach()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
