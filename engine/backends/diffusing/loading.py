"""A pipeline from a folder on this machine, kept warm for the next job: one at a time, and nothing from a network."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sora_addon.contract import ContractError

from .folder import INDEX, ModelFolder

if TYPE_CHECKING:
    import torch

Memory = Literal["auto", "card", "offload", "lowest"]
Precision = Literal["auto", "half", "full"]
MEMORY: tuple[Memory, ...] = ("auto", "card", "offload", "lowest")
PRECISION: tuple[Precision, ...] = ("auto", "half", "full")
HEADROOM = 1.25
"""Weights times this, and the clip's own need, must fit into a card for all of them to stay there."""


@dataclass(frozen=True)
class Plan:
    """Where a pipeline's weights lie and what they are made of."""

    device: str
    memory: Memory
    """``card``: all of them on the device; ``offload``: the component at work; ``lowest``: the layer at work."""
    precision: Precision

    def told(self) -> dict[str, str]:
        """As a take records it."""
        return {"device": self.device, "memory": self.memory, "precision": self.precision}


def plan(folder: ModelFolder, memory: Memory, precision: Precision, clip_bytes: int = 0) -> Plan:
    """What ``auto`` stands for on this machine, from the bytes of the folder's weights and those free on the card.

    ``clip_bytes``: what the clip needs beside the weights.
    """
    import torch

    if not torch.cuda.is_available():
        return Plan("cpu", "card", "full" if precision == "auto" else precision)
    found: Precision = "half" if precision == "auto" else precision
    if memory != "auto":
        return Plan("cuda", memory, found)
    free, _ = torch.cuda.mem_get_info()
    parts = folder.parts.values()
    if sum(parts) * HEADROOM + clip_bytes <= free:
        return Plan("cuda", "card", found)
    largest = max(parts, default=0)
    return Plan("cuda", "offload" if largest * HEADROOM + clip_bytes <= free else "lowest", found)


@dataclass
class _Warm:
    key: tuple[Any, ...] = ()
    pipe: Any = None


_WARM = _Warm()


def pipeline(class_name: str, folder: ModelFolder, wanted: Plan, full: tuple[str, ...] = ()) -> Any:
    """The diffusers pipeline of that class from the folder, as planned; the one of the last job where it is the same.

    ``full`` are components that stay in single precision whatever the plan. Raises ContractError where the folder's
    parts do not fit together.
    """
    stamp = (folder.path / INDEX).stat().st_mtime_ns
    key = (class_name, str(folder.path.resolve()), stamp, wanted)
    if _WARM.key == key:
        return _WARM.pipe
    release()
    pipe = _load(class_name, folder, wanted, full)
    _WARM.key, _WARM.pipe = key, pipe
    return pipe


def release() -> None:
    """Forget the warm pipeline and give its memory back."""
    _WARM.key, _WARM.pipe = (), None
    gc.collect()
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def dtype_of(wanted: Plan) -> torch.dtype:
    """bfloat16 where it is half: its range is that of single precision, which float16's is not."""
    import torch

    return torch.bfloat16 if wanted.precision == "half" else torch.float32


def _load(class_name: str, folder: ModelFolder, wanted: Plan, full: tuple[str, ...]) -> Any:
    import diffusers
    import torch
    from transformers.utils import logging as transformers_logging

    diffusers.utils.logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    dtype = dtype_of(wanted)
    types = {"default": dtype, **dict.fromkeys(full, torch.float32)} if full else dtype
    try:
        pipe = getattr(diffusers, class_name).from_pretrained(
            str(folder.path), dtype=types, local_files_only=True, use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise ContractError(
            str(folder.path), f"does not load as {class_name} ({first})", "download the model again or choose another"
        ) from error
    pipe.set_progress_bar_config(disable=True)
    place(pipe, wanted)
    return pipe


def place(pipe: Any, wanted: Plan) -> None:
    """Put a pipeline's weights where the plan says."""
    if wanted.device == "cpu":
        return
    if wanted.memory == "offload":
        pipe.enable_model_cpu_offload(device=wanted.device)
    elif wanted.memory == "lowest":
        pipe.enable_sequential_cpu_offload(device=wanted.device)
    else:
        pipe.to(wanted.device)
