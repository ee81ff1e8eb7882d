"""A model's folder as diffusers lays it out, looked over before anything in it is opened. Imports no torch.

Only safetensors are taken. A pickle runs whatever code its writer liked when it is opened, and so does a module of the
folder's own (``trust_remote_code``): a folder that holds either is refused by the file's name, wherever it lies in it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sora_addon.contract import ContractError

INDEX = "model_index.json"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".npz", ".msgpack", ".h5", ".keras")
"""Endings of files that hold pickles, or weights of other frameworks that may."""
CODE = (".py", ".pyc", ".so", ".dll", ".dylib", ".pyd")
LIBRARIES = ("diffusers", "transformers", "ltx2", "stable_audio", "stable_audio_3")
"""Where components may come from, the last being packages of diffusers; it would import any other that is named."""
LFS = b"version https://git-lfs"
SAFE = ".safetensors"
AGAIN = "download the model again"


@dataclass(frozen=True)
class ModelFolder:
    """A folder that was looked over."""

    path: Path
    kind: str
    """Class of the pipeline that it was saved from."""
    components: tuple[str, ...]
    bytes: int
    """Of all its weights."""

    @property
    def parts(self) -> dict[str, int]:
        """Bytes of weights of each component that has any."""
        sizes = {name: _weight_bytes(self.path / name) for name in self.components}
        return {name: size for name, size in sizes.items() if size}


def look_over(folder: Path, kinds: tuple[str, ...]) -> ModelFolder:
    """Raises ContractError naming the file that is missing, cut off, or not to be opened; ``kinds`` are those looked for."""
    if not folder.is_dir():
        raise ContractError(str(folder), "is not a folder", "choose the folder that holds model_index.json")
    check_safe(folder)
    index = read_json(folder / INDEX)
    kind = index.get("_class_name")
    if kind not in kinds:
        raise ContractError(
            str(folder / INDEX), f"is of a {kind}, and this backend takes {' or '.join(kinds)}", "choose another folder"
        )
    components = []
    for name, value in index.items():
        if name.startswith("_") or not isinstance(value, list) or len(value) != 2 or value[1] is None:
            continue
        _check_component(folder, name, str(value[0]))
        components.append(name)
    return ModelFolder(folder, str(kind), tuple(components), sum(_weight_bytes(folder / name) for name in components))


def check_safe(folder: Path) -> None:
    """Raises ContractError naming the first file that could run code when it is opened."""
    for path in _files(folder):
        ending = path.suffix.lower()
        if ending in PICKLES:
            raise ContractError(
                str(path),
                "is or may be a pickle, which can run any code when it is opened",
                "delete it where the same weights are there as .safetensors, else choose a model that has those",
            )
        if ending in CODE:
            raise ContractError(
                str(path), "is code, and no code of a model's folder is run", "choose a model that needs none"
            )


def check_weights(path: Path) -> dict[str, str]:
    """What a safetensors file says of itself. Raises ContractError where it is cut off or is something else."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        if start == LFS[:8]:
            raise ContractError(str(path), "is a pointer of git-lfs and not the weights", "run 'git lfs pull' there")
        length = int.from_bytes(start, "little")
        if len(start) < 8 or length > size - 8:
            raise ContractError(str(path), "is cut off or not a safetensors file", AGAIN)
        try:
            header = json.loads(file.read(length))
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ContractError(str(path), "is not a safetensors file", AGAIN) from error
    if 8 + length + max(ends, default=0) != size:
        raise ContractError(str(path), f"has {size} bytes, {8 + length + max(ends, default=0)} belong there", AGAIN)
    return header.get("__metadata__") or {}


def read_json(path: Path) -> dict[str, Any]:
    """Raises ContractError where it is missing or no object."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContractError(
            str(path), "is missing", f"choose the folder that holds it, in diffusers' layout, or {AGAIN}"
        ) from None
    except (OSError, ValueError) as error:
        raise ContractError(str(path), f"cannot be read ({error})", AGAIN) from error
    if not isinstance(value, dict):
        raise ContractError(str(path), "is not an object", AGAIN)
    return value


def _check_component(folder: Path, name: str, library: str) -> None:
    part = folder / name
    if library not in LIBRARIES:
        raise ContractError(
            str(folder / INDEX), f"takes {name} from {library!r}, which is no library of ours", "choose another model"
        )
    if not part.is_dir():
        raise ContractError(str(part), "is missing", AGAIN)
    for listing in part.glob(f"*{SAFE}.index.json"):
        for file in set(read_json(listing).get("weight_map", {}).values()):
            if not (part / str(file)).is_file():
                raise ContractError(str(part / str(file)), f"is missing, and {listing.name} names it", AGAIN)
    weights = sorted(part.glob(f"*{SAFE}"))
    for path in weights:
        check_weights(path)
    config = part / "config.json"
    if config.is_file():
        if "auto_map" in read_json(config):
            raise ContractError(str(config), "asks for code of its own (auto_map)", "choose a model that needs none")
        if not weights:
            raise ContractError(str(part), "holds no .safetensors", AGAIN)


def _files(folder: Path) -> list[Path]:
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".git", ".cache")]
        found += [Path(place) / name for name in names]
    return sorted(found)


def _weight_bytes(part: Path) -> int:
    return sum(path.stat().st_size for path in part.glob(f"*{SAFE}"))
