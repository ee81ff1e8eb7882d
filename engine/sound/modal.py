"""Banks of damped modes, struck by a force of finite length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE

from .filters import Signal

BLOCK = 512
SILENT = 8.0
"""Nepers of decay after which a mode is not heard any more: 70 dB."""
LONGEST_RING = 6.0
"""Seconds."""


def ring_samples(decays: NDArray[np.float64], contact_time: float) -> int:
    """Samples until the slowest of the modes has died away."""
    seconds = contact_time + min(SILENT / max(float(np.min(decays)), 1e-3), LONGEST_RING)
    return int(seconds * SAMPLE_RATE) + 2


def struck(
    frequencies: NDArray[np.float64],
    decays: NDArray[np.float64],
    gains: NDArray[np.float64],
    contact_time: float,
    offset: float,
    count: int,
) -> Signal:
    """(count,) sum of the modes after a blow ``offset`` samples before the first sample (0 to 1).

    The force is (1 - cos(2 pi t / T)) / T over the contact time T in seconds (van den Doel, Kry and Pai, FoleyAutomatic,
    SIGGRAPH 2001), of unit impulse. Its convolution with each damped sine is in closed form, within the blow and after
    it, so the onset is exact to a fraction of a sample and no blow costs more than two small matrix products.
    """
    if count <= 0:
        return np.zeros(0)
    poles = -decays + 2j * np.pi * frequencies
    head = min(count, max(0, int(np.ceil(contact_time * SAMPLE_RATE - offset))))
    out = np.empty(count)
    times = (np.arange(head) + offset) / SAMPLE_RATE
    out[:head] = np.imag(gains @ (np.exp(poles[:, None] * times) * _driven(poles, times, contact_time)))
    rest = count - head
    if rest > 0:
        start = (head + offset) / SAMPLE_RATE
        amplitudes = gains * np.exp(poles * start) * _driven(poles, np.array([contact_time]), contact_time)[:, 0]
        blocks = -(-rest // BLOCK)
        slow = amplitudes[:, None] * np.exp(poles[:, None] * (np.arange(blocks) * (BLOCK / SAMPLE_RATE)))
        fast = np.exp(poles[:, None] * (np.arange(BLOCK) / SAMPLE_RATE))
        # Imag(slow * fast) as one real product: e^(s(b + j)) = e^(sb) e^(sj).
        left = np.concatenate([np.real(slow), np.imag(slow)]).T
        right = np.concatenate([np.imag(fast), np.real(fast)])
        out[head:] = (left @ right).ravel()[:rest]
    return out


def _driven(poles: NDArray[np.complex128], times: NDArray[np.float64], length: float) -> NDArray[np.complex128]:
    """(M, T) integral of force(u) e^(-s u) from 0 to each time."""
    w = 2.0 * np.pi / length
    total = np.zeros((poles.size, times.size), dtype=np.complex128)
    for weight, rate in ((1.0, 0.0), (-0.5, w), (-0.5, -w)):
        s = (poles - 1j * rate)[:, None]
        s = np.where(np.abs(s) < 1e-6, 1e-6, s)
        total += weight * (1.0 - np.exp(-s * times)) / s
    return total / length
