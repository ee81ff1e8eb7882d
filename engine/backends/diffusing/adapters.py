"""LoRAs from safetensors files on a warm pipeline: exactly those that a job asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sora_addon.contract import ContractError

from .folder import SAFE, check_weights


def lora_file(setting: str, path: Path) -> Path:
    """The one safetensors file that ``path`` is or, being a folder, holds. Raises ContractError naming the setting."""
    if path.is_dir():
        found = sorted(path.glob(f"*{SAFE}"))
        if len(found) != 1:
            raise ContractError(
                f"words.settings.{setting}", f"{path} holds {len(found)} files of {SAFE}", "name the file itself"
            )
        return found[0]
    if path.suffix != SAFE:
        raise ContractError(f"words.settings.{setting}", f"{path.name} is not {SAFE}", "only these are opened")
    if not path.is_file():
        raise ContractError(f"words.settings.{setting}", f"there is no {path}", "choose the file again")
    return path


def metadata_of(path: Path) -> dict[str, str]:
    """What a LoRA's file says of itself, such as ``reference_downscale_factor``. Raises ContractError where it is broken."""
    return check_weights(path)


def wear(pipe: Any, wanted: dict[str, Path]) -> None:
    """Load these LoRAs by name, drop others, and let none speak yet. Raises ContractError where one does not fit."""
    worn = getattr(pipe, "_sora_loras", {})
    if worn == wanted:
        return
    if worn:
        pipe.unload_lora_weights()
    for name, path in wanted.items():
        try:
            pipe.load_lora_weights(
                str(path.parent), weight_name=path.name, adapter_name=name, local_files_only=True, use_safetensors=True
            )
        except (ValueError, KeyError, RuntimeError) as error:
            pipe._sora_loras = {}
            first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise ContractError(
                str(path), f"does not fit the model ({first})", "choose the LoRA of this model"
            ) from error
    pipe._sora_loras = dict(wanted)


def speak(pipe: Any, names: tuple[str, ...]) -> None:
    """Let these of the worn LoRAs speak, at their full weight, and the others be silent."""
    if not getattr(pipe, "_sora_loras", {}):
        return
    if names:
        pipe.enable_lora()
        pipe.set_adapters(list(names), [1.0] * len(names))
    else:
        pipe.disable_lora()
