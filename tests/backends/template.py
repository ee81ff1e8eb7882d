"""A backend to begin with: copy it to engine/backends/NAME.py, and make it yours from the top down.

It paints each frame of the scene's depth in a colour that the seed chooses. Real ones load a model instead; wan_vace.py
is one to read next. Inside engine/backends the imports below begin with a dot: ``from ..controls``, ``from .protocol``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.backends.capabilities import Capabilities, FrameGrid
from engine.backends.protocol import Frames, Request, Samples
from engine.backends.settings import Given
from engine.controls.conform import fit_shot
from engine.controls.retime import frames_out
from engine.controls.schedule import steered, weight_at
from engine.controls.video import depth_video
from sora_addon.contract import Shot

TEMPLATE = Capabilities(
    name="template",
    version="1",
    summary="the scene's depth in one colour; to begin with",
    controls=frozenset({"depth"}),
    grid=FrameGrid(step=4, offset=1),  # the counts of frames that the model makes: 4k + 1
    side_step=16,  # and the sides
    rates=None,  # any: it is told every frame of the shot
    makes_sound=False,
    memory=64 * 1024**2,
    licence="GPL-3.0-or-later",
    requires=("numpy",),  # packages beyond the engine's own; the panel names those that are missing
    steers=frozenset({"depth"}),  # has a weight; what is asked of others, and is not declared, the pipeline refuses
    timed=frozenset({"depth"}),  # and a start and an end
)
"""In engine/backends this stands in capabilities.py, with a line in registry.py: the panel reads it without torch."""


@dataclass(frozen=True)
class Settings:
    """What the artist may set of this backend."""

    steps: int
    pixels: int


def settings_of(shot: Shot) -> Settings:
    """From the shot's words. Raises ContractError naming what is wrong, before anything is loaded."""
    given = Given(shot.words.settings)
    return Settings(given.whole("steps", 4, 1, 100), given.whole("pixels", 640 * 360, 256, 4096 * 4096))


class Template:
    """The picture; sound is the foley's."""

    capabilities = TEMPLATE

    def frames(self, request: Request) -> Iterator[Frames]:
        """Every frame in order, (H, W, 3) uint8 sRGB, at the shot's own size and rate. Raises ContractError."""
        shot = request.shot
        settings = settings_of(shot)
        # The shot on the model's grid: counts, sides, and the way back to exactly what the scene asked for.
        fit = fit_shot(shot, TEMPLATE.grid, TEMPLATE.side_step, TEMPLATE.rates, pixels=settings.pixels)
        depth = depth_video(shot, request.passes, fit).astype(np.float32)
        colour = np.random.default_rng(shot.words.seed).uniform(0.3, 1.0, 3).astype(np.float32)
        made = np.zeros(depth.shape, np.float32)
        request.progress(TEMPLATE.name, 0, settings.steps)
        for step in range(settings.steps):
            made += (
                depth * colour * np.float32(weight_at(steered(shot, "depth"), step, settings.steps) / settings.steps)
            )
            # Raises Cancelled where the artist has cancelled: let it through.
            request.progress(TEMPLATE.name, step + 1, settings.steps)
        yield from frames_out(np.clip(made, 0, 255).round().astype(np.uint8), fit)

    def sound(self, request: Request) -> Samples | None:
        """(shot.time.samples, 2) float32 that was made with the last ``frames``; None where there is none."""
        return None
