"""Noise for models that take latents: white, and carried along the exact motion on the latents' own grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot

from ..measure.truth import HasFrames
from .conform import Fit
from .noise import NEEDED, carried_noise, shrunk
from .video import told_frames

Floats = NDArray[np.float32]


def latent_noise(
    shot: Shot, passes: HasFrames, fit: Fit, seed: int, channels: int, space: int, time: int, fine: int = 4
) -> Floats:
    """(T, height / space, width / space, channels) of independent normal numbers that move with the surfaces.

    A latent covers ``space`` pixels a side; the first holds one frame, each other ``time`` frames, and takes the noise of
    its last. Noise is carried ``fine`` times finer than the latents, a share of ``space``, and summed over each of them,
    so that motion of less than a latent changes it a little. Raises ValueError for sizes that do not divide.
    """
    if space % fine or fit.width % space or fit.height % space or (fit.frames - 1) % time:
        raise ValueError(
            f"{fit.frames} frames of {fit.width}x{fit.height} are no whole latents of {time} frames and {space} pixels"
        )
    step = space // fine
    size = fit.height // step, fit.width // step
    told = (shrunk(planes, step, size) for planes in told_frames(shot, passes, fit, NEEDED))
    made = []
    for frame, noise in enumerate(carried_noise(told, seed, shot.time.first, channels)):
        if frame % time == 0:
            height, width = noise.shape[0] // fine, noise.shape[1] // fine
            made.append(noise.reshape(height, fine, width, fine, channels).sum((1, 3)) / fine)
    return np.stack(made).astype(np.float32)
