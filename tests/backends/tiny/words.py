"""Tokenizers and text encoders that know a few words and need no download."""

from __future__ import annotations

import string

import torch
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    GemmaTokenizer,
    SiglipVisionConfig,
    T5GemmaConfig,
    T5GemmaEncoderModel,
    T5Tokenizer,
    UMT5Config,
    UMT5EncoderModel,
)
from transformers.models.t5gemma.configuration_t5gemma import T5GemmaModuleConfig

WIDTH = 32
"""Hidden size of every encoder here."""
LAYERS = 2
LETTERS = string.ascii_lowercase + string.digits + ".,:;!?'\"-"
LONGEST = 64
"""Tokens."""


def gemma_tokenizer() -> GemmaTokenizer:
    """A letter a token. It demands the 256 byte tokens, or a letter that it does not know ends the process of encoding."""
    specials = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    pieces = specials + [f"<0x{byte:02X}>" for byte in range(256)] + ["▁", *LETTERS]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    return GemmaTokenizer(vocab=vocabulary, merges=[], model_max_length=LONGEST)


def t5_tokenizer() -> T5Tokenizer:
    """A letter a token, for UMT5."""
    pieces = ["<pad>", "</s>", "<unk>", "▁", *LETTERS]
    return T5Tokenizer(vocab=[(piece, -float(rank)) for rank, piece in enumerate(pieces)], extra_ids=0)


def umt5(tokenizer: T5Tokenizer) -> UMT5EncoderModel:
    torch.manual_seed(0)
    config = UMT5Config(
        vocab_size=len(tokenizer), d_model=WIDTH, d_kv=8, d_ff=32, num_layers=LAYERS, num_heads=4, dropout_rate=0.0
    )
    return UMT5EncoderModel(config).eval()


def gemma2(tokenizer: GemmaTokenizer) -> Gemma2ForCausalLM:
    torch.manual_seed(0)
    config = Gemma2Config(vocab_size=len(tokenizer), max_position_embeddings=1024, **_sizes())
    return Gemma2ForCausalLM(config).eval()


def gemma3(tokenizer: GemmaTokenizer) -> Gemma3ForConditionalGeneration:
    torch.manual_seed(0)
    text = Gemma3TextConfig(vocab_size=len(tokenizer), max_position_embeddings=1024, **_sizes())
    eye = SiglipVisionConfig(
        hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, image_size=28, patch_size=14
    )
    config = Gemma3Config(text_config=text, vision_config=eye, mm_tokens_per_image=4)
    return Gemma3ForConditionalGeneration(config).eval()


def t5gemma(tokenizer: GemmaTokenizer) -> T5GemmaEncoderModel:
    torch.manual_seed(0)
    part = T5GemmaModuleConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=256,
        sliding_window=256,
        layer_types=["full_attention"] * LAYERS,
        **_sizes(),
    )
    config = T5GemmaConfig(encoder=part.to_dict(), decoder=part.to_dict(), is_encoder_decoder=False)
    return T5GemmaEncoderModel(config).eval()


def _sizes() -> dict[str, int]:
    return {
        "hidden_size": WIDTH,
        "intermediate_size": 32,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
    }
