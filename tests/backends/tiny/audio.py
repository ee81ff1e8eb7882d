"""Stable Audio 3, small."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderSAME,
    FlowMatchEulerDiscreteScheduler,
    StableAudio3DiTModel,
    StableAudio3InpaintPipeline,
)
from diffusers.pipelines.stable_audio_3 import StableAudio3DurationEmbedder

from .words import WIDTH, gemma_tokenizer, t5gemma

LATENTS = 8
SOUND_RATE = 4000
"""Of the real one it is 44100."""


def save(folder: Path) -> None:
    """The pipeline as a folder, 0.3 MB."""
    tokenizer = gemma_tokenizer()
    encoder = t5gemma(tokenizer)
    torch.manual_seed(0)
    vae = AutoencoderSAME(
        patch_size=16,
        encoder_channels=8,
        encoder_c_mults=(2,),
        encoder_strides=(2,),
        encoder_transformer_depths=(1,),
        latent_dim=LATENTS,
        dim_heads=8,
        ff_mult=2,
        sampling_rate=SOUND_RATE,
    )
    transformer = StableAudio3DiTModel(
        io_channels=LATENTS,
        embed_dim=32,
        depth=2,
        num_heads=4,
        cond_token_dim=WIDTH,
        global_cond_dim=WIDTH,
        local_add_cond_dim=1 + LATENTS,
        timestep_features_dim=16,
        ff_mult=2,
        num_memory_tokens=3,
    )
    pipe = StableAudio3InpaintPipeline(
        vae=vae,
        text_encoder=encoder,
        tokenizer=tokenizer,
        duration_embedder=StableAudio3DurationEmbedder(output_dim=WIDTH, fourier_dim=16),
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(stochastic_sampling=True),
    )
    pipe.save_pretrained(folder, safe_serialization=True)
