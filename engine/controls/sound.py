"""Sound that a model made, on the shot's clock: exactly its samples, 48 kHz, two channels."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from sora_addon.contract import SAMPLE_RATE

FADE = 0.005
"""Seconds over which sound that ends before the shot does fades out, so that it does not click."""


def samples_out(
    sound: NDArray[np.floating], rate: int, samples: int, stretch: Fraction = Fraction(1)
) -> NDArray[np.float32]:
    """(samples, 2) at 48 kHz of (N,) or (N, C) at ``rate``: resampled, stretched by ``Fit.stretch``, cut or padded.

    One channel goes to both sides; of more than two the first two are kept. Raises ValueError for what is not finite.
    """
    wide = np.asarray(sound, np.float32)
    wide = wide[:, None] if wide.ndim == 1 else wide[:, :2]
    if not np.isfinite(wide).all():
        raise ValueError("the model's sound holds numbers that are not finite")
    wide = np.repeat(wide, 2, axis=1) if wide.shape[1] == 1 else wide
    ratio = Fraction(SAMPLE_RATE, rate) * stretch
    if ratio != 1 and len(wide):
        wide = np.asarray(resample_poly(wide, ratio.numerator, ratio.denominator, axis=0), np.float32)
    if len(wide) >= samples:
        return np.ascontiguousarray(wide[:samples])
    fade = min(int(FADE * SAMPLE_RATE), len(wide))
    ended = wide.copy()
    ended[len(wide) - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, None]
    return np.concatenate([ended, np.zeros((samples - len(wide), 2), np.float32)])
