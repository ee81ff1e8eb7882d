"""Noise for models that take latents: white, and carried along the exact motion on the latents' own grid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import Shot

from ..measure.truth import HasFrames
from .conform import MOTIONS, Fit, Planes
from .noise import NEEDED, carried_noise
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
    told = thinned(told_frames(shot, passes, fit, NEEDED), space // fine)
    made = []
    for frame, noise in enumerate(carried_noise(told, seed, shot.time.first, channels)):
        if frame % time == 0:
            height, width = noise.shape[0] // fine, noise.shape[1] // fine
            made.append(noise.reshape(height, fine, width, fine, channels).sum((1, 3)) / fine)
    return np.stack(made).astype(np.float32)


def thinned(frames: Iterator[Planes], step: int) -> Iterator[Planes]:
    """The passes of every ``step``-th pixel along both sides, motion in the thinned picture's pixels."""
    part = slice(step // 2, None, step)
    for planes in frames:
        few = {name: plane[part, part] for name, plane in planes.items()}
        yield few | {name: few[name] / np.float32(step) for name in MOTIONS if name in few}
