"""Sound as LTX-2's audio encoder learnt it: the logarithm of a mel spectrum, and its latents.

The spectrum is that of Lightricks' own preprocessing: windows of 1024 (Hann), magnitudes, Slaney's scale and norm, no less
than 1e-5. Diffusers has no function for it, for its pipelines make sound and are given none.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from sora_addon.contract import SAMPLE_RATE

if TYPE_CHECKING:
    import torch

WINDOW = 1024
QUIETEST = 1e-5


def log_mel(sound: NDArray[np.float32], rate: int, hop: int, bins: int) -> torch.Tensor:
    """(1, 2, T, bins) of (N, 2) samples at 48 kHz, resampled to ``rate``; T = 1 + samples at that rate // ``hop``."""
    import torch
    from transformers.audio_utils import mel_filter_bank

    ratio = Fraction(rate, SAMPLE_RATE)
    slow = resample_poly(sound, ratio.numerator, ratio.denominator, axis=0).astype(np.float32)
    spectrum = torch.stft(
        torch.from_numpy(np.ascontiguousarray(slow.T)),
        WINDOW,
        hop_length=hop,
        window=torch.hann_window(WINDOW),
        center=True,
        pad_mode="reflect",
        return_complex=True,
    ).abs()
    bank = mel_filter_bank(WINDOW // 2 + 1, bins, 0.0, rate / 2, rate, norm="slaney", mel_scale="slaney")
    mel = spectrum.transpose(1, 2) @ torch.from_numpy(bank.astype(np.float32))
    return torch.log(mel.clamp_min(QUIETEST))[None]


def audio_latents(pipe: Any, sound: NDArray[np.float32], seconds: float) -> torch.Tensor:
    """(1, C, L, M) raw latents of (N, 2) samples at 48 kHz, as many as the pipeline makes for that many seconds."""
    import torch

    vae = pipe.audio_vae
    rate, hop = pipe.audio_sampling_rate, pipe.audio_hop_length
    ratio = pipe.audio_vae_temporal_compression_ratio
    length = round(seconds * rate / hop / ratio)
    # Past its end there is silence, one latent more than is kept.
    needed = round((length + 1) * hop * ratio * SAMPLE_RATE / rate)
    padded = np.pad(sound, ((0, max(0, needed - len(sound))), (0, 0)))[:needed]
    mel = log_mel(padded, rate, hop, pipe.audio_mel_bins)
    with torch.no_grad():
        found = vae.encode(mel.to(vae.device, vae.dtype)).latent_dist.mode()
    return found[:, :, :length]
