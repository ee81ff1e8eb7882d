"""LTX-2 with its sound, small: multiples of 32 pixels, 8k + 1 frames; its upsampler, and a union-control LoRA."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    FlowMatchEulerDiscreteScheduler,
    LTX2InContextPipeline,
    LTX2LatentUpsamplePipeline,
    LTX2VideoTransformer3DModel,
)
from diffusers.pipelines.ltx2 import LTX2LatentUpsamplerModel, LTX2TextConnectors, LTX2Vocoder
from safetensors.torch import save_file

from .words import LAYERS, WIDTH, gemma3, gemma_tokenizer

LATENTS = 8
MEL_BINS = 8
SOUND_RATE = 16000
HEADS = 2


def video_vae(latents: int = LATENTS) -> AutoencoderKLLTX2Video:
    """32 pixels and 8 frames to a latent, as the real one; the ratios are said, for fewer levels would tell others."""
    torch.manual_seed(0)
    return AutoencoderKLLTX2Video(
        latent_channels=latents,
        block_out_channels=(8, 16, 32, 64),
        decoder_block_out_channels=(8, 16, 32),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1),
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )


def save(folder: Path) -> None:
    """The pipeline as a folder, about 3 MB."""
    tokenizer = gemma_tokenizer()
    encoder = gemma3(tokenizer)
    vae = video_vae()
    torch.manual_seed(0)
    transformer = LTX2VideoTransformer3DModel(
        in_channels=LATENTS,
        out_channels=LATENTS,
        num_attention_heads=HEADS,
        attention_head_dim=16,
        cross_attention_dim=32,
        audio_in_channels=4,
        audio_out_channels=4,
        audio_num_attention_heads=HEADS,
        audio_attention_head_dim=8,
        audio_cross_attention_dim=16,
        num_layers=2,
        caption_channels=WIDTH,
        rope_double_precision=False,
        rope_type="split",
        perturbed_attn=True,
    )
    connectors = LTX2TextConnectors(
        caption_channels=WIDTH,
        text_proj_in_factor=LAYERS + 1,
        video_connector_num_attention_heads=4,
        video_connector_attention_head_dim=WIDTH // 4,
        video_connector_num_layers=1,
        video_connector_num_learnable_registers=None,
        audio_connector_num_attention_heads=4,
        audio_connector_attention_head_dim=WIDTH // 4,
        audio_connector_num_layers=1,
        audio_connector_num_learnable_registers=None,
        connector_rope_base_seq_len=32,
        rope_double_precision=False,
        rope_type="split",
    )
    audio_vae = AutoencoderKLLTX2Audio(
        base_channels=4,
        ch_mult=(1, 1, 1),
        num_res_blocks=1,
        resolution=32,
        latent_channels=2,
        sample_rate=SOUND_RATE,
        mel_hop_length=160,
        mel_bins=MEL_BINS,
    )
    vocoder = LTX2Vocoder(
        in_channels=2 * MEL_BINS,
        hidden_channels=32,
        upsample_kernel_sizes=[16, 15, 4],
        # their product is the mel's hop, at the vocoder's own rate
        upsample_factors=[8, 5, 4],
        resnet_kernel_sizes=[3],
        resnet_dilations=[[1, 3, 5]],
        output_sampling_rate=SOUND_RATE,
    )
    pipe = LTX2InContextPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        audio_vae=audio_vae,
        text_encoder=encoder,
        tokenizer=tokenizer,
        connectors=connectors,
        transformer=transformer,
        vocoder=vocoder,
    )
    pipe.save_pretrained(folder, safe_serialization=True)


def save_upsampler(folder: Path) -> None:
    """The second stage's folder: it doubles the sides of latents."""
    torch.manual_seed(0)
    upsampler = LTX2LatentUpsamplerModel(in_channels=LATENTS, mid_channels=32, num_blocks_per_stage=1)
    LTX2LatentUpsamplePipeline(video_vae(), upsampler).save_pretrained(folder, safe_serialization=True)


def save_lora(file: Path, downscale: int = 2) -> None:
    """A union-control LoRA of rank 2 on the self-attention, with the downscale factor where the real ones say it."""
    torch.manual_seed(0)
    weights = {}
    for layer in range(2):
        for part in ("to_q", "to_k", "to_v"):
            name = f"diffusion_model.transformer_blocks.{layer}.attn1.{part}"
            weights[f"{name}.lora_A.weight"] = torch.randn(2, 16 * HEADS)
            weights[f"{name}.lora_B.weight"] = torch.randn(16 * HEADS, 2)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, str(file), {"reference_downscale_factor": str(downscale)})
