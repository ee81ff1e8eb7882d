"""A pipeline from a folder on this machine, kept warm for the next job: one at a time, and nothing from a network."""

from __future__ import annotations

import gc
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sora_addon.contract import ContractError

from ..protocol import Request
from . import paces
from .folder import INDEX, ModelFolder
from .policy import WAYS, Cache, Here, Memory, Needs, Plan, Wish, choose

if TYPE_CHECKING:
    import torch

UNMOVED = ("vae", "audio_vae", "vocoder")
"""Components that stay on the card where layers move in groups: tiles and norms of theirs do not bear it."""
TAYLORSEER_EVERY, TAYLORSEER_FROM = 3, 5
"""Steps of which one is worked out, and the first from which on others are not."""
FIRST_BLOCK_CHANGE = 0.05
"""Of the first block's residual, below which the others are taken from the step before; diffusers' own."""


def planned(
    request: Request,
    folder: ModelFolder,
    wish: Wish,
    steps: int,
    cache: Cache = "none",
    ways: tuple[Memory, ...] = WAYS,
) -> Plan:
    """How the model is loaded for this job, by ``policy``; whoever asked for the job is told.

    ``cache`` is the one that works for the model, and ``ways`` are those of keeping its weights that do.
    """
    plan = choose(Needs(folder.parts, 0, steps, cache, ways), here(), wish, paces.known(folder))
    if request.planned is not None:
        request.planned(plan.told())
    return plan


def here() -> Here:
    """This machine, as it is now."""
    import psutil
    import torch

    memory = psutil.virtual_memory().total
    if not torch.cuda.is_available():
        return Here("cpu", memory=memory)
    free, _ = torch.cuda.mem_get_info()
    # What the warm pipeline holds is free for the next job, be it the same model.
    free += torch.cuda.memory_reserved()
    return Here("cuda", free, memory, importlib.util.find_spec("triton") is not None)


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
    """What is worked with. bfloat16 where it is half: its range is that of single precision, which float16's is not."""
    import torch

    half = wanted.precision == "half" or (wanted.precision == "eight" and wanted.device != "cpu")
    return torch.bfloat16 if half else torch.float32


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
    """Put a pipeline's weights where the plan says, kept as it says, and switch on what it says of the work."""
    import torch

    network = pipe.transformer
    if wanted.precision == "eight":
        network.enable_layerwise_casting(torch.float8_e4m3fn, dtype_of(wanted))
    if wanted.memory == "groups":
        left = [name for name in UNMOVED if name in pipe.components]
        pipe.enable_group_offload(
            torch.device(wanted.device),
            num_blocks_per_group=1,
            use_stream=wanted.device == "cuda",
            low_cpu_mem_usage=True,
            exclude_modules=left,
        )
    elif wanted.device == "cpu":
        pass
    elif wanted.memory == "offload":
        pipe.enable_model_cpu_offload(device=wanted.device)
    elif wanted.memory == "lowest":
        pipe.enable_sequential_cpu_offload(device=wanted.device)
    else:
        pipe.to(wanted.device)
    if wanted.cache != "none":
        network.enable_cache(_cache_of(wanted.cache))
    if wanted.compiled:
        # A block that the compiler cannot take is worked out as it is.
        torch._dynamo.config.suppress_errors = True
        network.compile_repeated_blocks()


def _cache_of(name: Cache) -> Any:
    from diffusers.hooks.first_block_cache import FirstBlockCacheConfig
    from diffusers.hooks.taylorseer_cache import TaylorSeerCacheConfig

    if name == "first_block":
        return FirstBlockCacheConfig(threshold=FIRST_BLOCK_CHANGE)
    return TaylorSeerCacheConfig(cache_interval=TAYLORSEER_EVERY, disable_cache_before_step=TAYLORSEER_FROM)
