"""A model as a folder, laid out as diffusers does: model_index.json, and the network's config beside its weights."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from sora_addon.contract import ContractError

from .layout import INDEX, KIND, PART, WEIGHTS
from .network import Config, Network
from .runner import AGAIN

VERSION = 1


def save_pretrained(network: Network, folder: Path, about: dict[str, Any] | None = None) -> None:
    """Write the network in half precision; each file beside and renamed, the weights first.

    ``about`` stands in model_index.json: how it was trained.
    """
    part = folder / PART
    part.mkdir(parents=True, exist_ok=True)
    weights = {
        name: value.detach().to("cpu", torch.float16).contiguous() for name, value in network.state_dict().items()
    }
    partial = part / f"{WEIGHTS}.partial"
    save_file(weights, str(partial), {"format": "pt"})
    os.replace(partial, part / WEIGHTS)
    _write(part / "config.json", {"_class_name": "Network", **asdict(network.config)})
    index = {
        "_class_name": KIND,
        "_version": VERSION,
        PART: ["engine.model.network", "Network"],
        "about": about or {},
    }
    _write(folder / INDEX, index)


def from_pretrained(folder: Path) -> Network:
    """The network of a folder, in single precision, ready to predict. Raises ContractError where it is not whole."""
    index = _read(folder / INDEX)
    if index.get("_version") != VERSION:
        raise ContractError(INDEX, f"version {index.get('_version')} is not {VERSION}", AGAIN)
    known = _read(folder / PART / "config.json")
    known.pop("_class_name", None)
    try:
        network = Network(Config(widths=tuple(known.pop("widths")), **known))
        network.load_state_dict(load_file(str(folder / PART / WEIGHTS)))
    except (KeyError, TypeError, RuntimeError, SafetensorError, FileNotFoundError) as error:
        raise ContractError(f"{PART}/{WEIGHTS}", f"does not hold the network ({str(error)[:200]})", AGAIN) from error
    return network.float().channels_last().eval()


def about(folder: Path) -> dict[str, Any]:
    """What model_index.json says of how the model was trained."""
    return _read(folder / INDEX).get("about", {})


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ContractError(path.name, f"cannot be read ({error})", AGAIN) from error


def _write(path: Path, value: dict[str, Any]) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps(value, indent=1), encoding="utf-8")
    os.replace(partial, path)
