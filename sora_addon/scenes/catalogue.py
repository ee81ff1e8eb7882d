"""Every scene by name."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from .demo import demo
from .expected import Happenings
from .living import rain, walk
from .meetings import bounce, drop, hinge, keyed, nothing_meets, stack, two_bodies
from .rolling import roll, slide

Build = Callable[[bpy.types.Scene], Happenings]
"""Empties a scene, builds into it, bakes its physics; returns what analysis knows of what happens."""

SCENES: dict[str, Build] = {
    build.__name__: build
    for build in (demo, drop, bounce, two_bodies, keyed, stack, slide, roll, hinge, walk, rain, nothing_meets)
}
