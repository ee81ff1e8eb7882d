"""What the artist set on objects, materials and scenes, made readable where the add-on is not enabled as a whole."""

from __future__ import annotations

import bpy

from .. import properties


def register_properties() -> None:
    """Give datablocks their ``sora``, unless they have it. For the worker and the command line, which end afterwards."""
    if hasattr(bpy.types.Scene, "sora"):
        return
    for cls in properties.CLASSES:
        bpy.utils.register_class(cls)
    properties.attach()
