"""SANA-WM, small: multiples of 32 pixels, 8k + 1 frames."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, SanaWMPipeline, SanaWMTransformer3DModel

from .ltx2 import LATENTS, video_vae
from .words import WIDTH, gemma2, gemma_tokenizer


def save(folder: Path) -> None:
    """The pipeline as a folder."""
    tokenizer = gemma_tokenizer()
    encoder = gemma2(tokenizer)
    vae = video_vae()
    torch.manual_seed(0)
    transformer = SanaWMTransformer3DModel(
        in_channels=LATENTS,
        num_layers=2,
        hidden_size=48,
        num_attention_heads=2,
        softmax_every_n=2,
        linear_head_dim=24,
        caption_channels=WIDTH,
        # six numbers of a ray, for each of the eight frames of a latent
        chunk_plucker_channels=48,
        chunk_plucker_post_attn_blocks=2,
        mlp_ratio=2.0,
    )
    # a trained model listens to its camera, and a fresh one does not
    torch.nn.init.normal_(transformer.plucker_embedder.proj.weight, std=0.2)
    pipe = SanaWMPipeline(tokenizer, encoder, vae, transformer, FlowMatchEulerDiscreteScheduler())
    pipe.save_pretrained(folder, safe_serialization=True)
