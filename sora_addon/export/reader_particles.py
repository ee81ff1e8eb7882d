"""Living particles of emitters, for splashes, rain and whatever else is heard but not drawn as a mesh."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .instances import BodyRegistry, Claim
from .sample import Floats, ParticleSample


def particle_samples(
    emitter: Any, frame: float, bodies: BodyRegistry, unit: float, fps: float
) -> Iterator[ParticleSample]:
    """The particles of an evaluated object's emitting systems that live at ``frame``; hair is none of them.

    ``unit`` is the metres of a Blender unit. Blender's particles live by a clock of their own, ``timestep`` seconds a frame
    (0.04 unless set), and their velocities are by that clock; here they are by the scene's, of ``fps``. A particle dies at
    its lifetime's end or, where the collider kills it, when it hits; before it has hit, only the former is known.
    """
    modifiers = {one.particle_system.name: one for one in emitter.modifiers if one.type == "PARTICLE_SYSTEM"}
    for system in emitter.particle_systems:
        modifier = modifiers.get(system.name)
        if system.settings.type == "HAIR" or modifier is None or not modifier.show_render:
            continue
        count = len(system.particles)
        born, died, size = (_all(system.particles, name, count) for name in ("birth_time", "die_time", "size"))
        places, speeds = (_all(system.particles, name, count * 3).reshape(-1, 3) for name in ("location", "velocity"))
        lives = (born <= frame) & (frame < died)
        yield ParticleSample(
            bodies.body_of(Claim(emitter.original, emitter.original, (), system.name)),
            np.flatnonzero(lives).astype(np.int32),
            places[lives] * np.float32(unit),
            speeds[lives] * np.float32(unit * system.settings.timestep * fps),
            size[lives] * np.float32(unit),
            died[lives].astype(np.float64),
        )


def _all(particles: Any, name: str, count: int) -> Floats:
    values = np.zeros(count, np.float32)
    particles.foreach_get(name, values)
    return values
