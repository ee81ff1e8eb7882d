"""WanVACEPipeline, small: multiples of 16 pixels, 4k + 1 frames."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanVACEPipeline, WanVACETransformer3DModel

from .words import WIDTH, t5_tokenizer, umt5


def save(folder: Path) -> None:
    """The pipeline as a folder, 0.4 MB."""
    tokenizer = t5_tokenizer()
    encoder = umt5(tokenizer)
    torch.manual_seed(0)
    vae = AutoencoderKLWan(base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1)
    transformer = WanVACETransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=12,
        text_dim=WIDTH,
        freq_dim=32,
        ffn_dim=32,
        num_layers=2,
        rope_max_seq_len=32,
        vace_layers=[0, 1],
        # twice the latents' channels and a mask of 8 x 8 pixels
        vace_in_channels=2 * 16 + 64,
    )
    # what a trained network hears and says is not as faint as what a fresh one does
    with torch.no_grad():
        transformer.vace_patch_embedding.weight.mul_(20.0)
        transformer.proj_out.weight.mul_(5.0)
        vae.decoder.conv_out.weight.mul_(5.0)
    scheduler = UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0)
    pipe = WanVACEPipeline(tokenizer, encoder, vae, scheduler, transformer)
    pipe.save_pretrained(folder, safe_serialization=True)
