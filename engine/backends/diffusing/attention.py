"""How strongly a reference video is attended to, as a true share of attention.

Diffusers 0.42.1 turns the mask that LTX2's in-context pipeline makes, m from 0 to 1, into a bias of -10000 (1 - m): all but
the strongest m are nothing, and in bfloat16 nothing lies between. What multiplies the weight of attention by m is a bias
of log m, and this puts it in the place of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from .steps import changed

NOTHING = -10_000.0
"""The bias of what is not attended to at all, as diffusers has it."""


@contextmanager
def soft_references(
    transformer: Any, base_tokens: int, reference_tokens: int, strength: Callable[[], float]
) -> Iterator[None]:
    """While it lasts, calls of an LTX2 ``transformer`` that carry a mask attend to references by its shares.

    The picture's tokens come first, the references' last; between these two every share is multiplied by what
    ``strength`` says at that call, from 0 to 1.
    """
    import torch

    held: dict[str, Any] = {}

    def at_call(arguments: dict[str, Any]) -> None:
        mask = arguments.get("video_self_attention_mask")
        if mask is None:
            held.clear()
            return
        share = mask.clone()
        share[:, :base_tokens, -reference_tokens:] *= strength()
        share[:, -reference_tokens:, :base_tokens] *= strength()
        bias = torch.where(share > 0, torch.log(share.clamp_min(1e-30)), torch.full_like(share, NOTHING))
        held["bias"] = bias.clamp_min(NOTHING).to(arguments["hidden_states"].dtype)

    def at_block(arguments: dict[str, Any]) -> None:
        if "bias" in held:
            arguments["self_attention_mask"] = held["bias"]

    with ExitStack() as stack:
        stack.enter_context(changed(transformer, at_call))
        for block in transformer.transformer_blocks:
            stack.enter_context(changed(block, at_block))
        yield
