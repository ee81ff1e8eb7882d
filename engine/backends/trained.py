"""Models that were trained here (``engine train --name``): each is a backend of its own, beside the built-in one.

They lie among the models, each in a folder of its name, laid out as the built-in model is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

from sora_addon.contract import ContractError

from ..model.layout import INDEX, KIND, PART, WEIGHTS
from .capabilities import BUILTIN, Capabilities
from .diffusing.asks import models_home

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def trained() -> dict[str, Path]:
    """Their folders by name."""
    found = sorted(models_home().glob(f"*/{INDEX}"))
    return {path.parent.name: path.parent for path in found if NAME.fullmatch(path.parent.name) and _is_ours(path)}


def capabilities_of(folder: Path) -> Capabilities:
    """The built-in model's, under the folder's name and version."""
    about = json.loads((folder / INDEX).read_text(encoding="utf-8")).get("about", {})
    summary = (
        f"a model of the built-in kind, trained here: {about.get('steps', 0)} steps, {about.get('clips', 0)} clips"
    )
    return replace(BUILTIN, name=folder.name, version=version_of(folder), summary=summary)


def version_of(folder: Path) -> str:
    """The digest of a model's weights: takes are made again with these and no others. "0" where there are none."""
    weights = folder / PART / WEIGHTS
    return hashlib.sha256(weights.read_bytes()).hexdigest()[:12] if weights.is_file() else "0"


def keep(model: Path, name: str, taken: tuple[str, ...]) -> Path:
    """Copy a model's folder among the models as ``name``, in the place of an earlier one; ``taken`` are names of others.

    Raises ContractError where the name is none or another backend's.
    """
    check_name(name, taken)
    folder, home = models_home() / name, models_home()
    home.mkdir(parents=True, exist_ok=True)
    partial, before = home / f"{name}.partial", home / f"{name}.before"
    for left in (partial, before):
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(model, partial)
    if folder.is_dir():
        os.replace(folder, before)
    os.replace(partial, folder)
    shutil.rmtree(before, ignore_errors=True)
    return folder


def check_name(name: str, taken: tuple[str, ...]) -> None:
    """Raises ContractError where the name is none or another backend's."""
    if not NAME.fullmatch(name):
        raise ContractError("--name", f"{name[:60]!r} is not small letters, digits and '_', a letter first")
    folder = models_home() / name
    if name in taken or (folder.exists() and not _is_ours(folder / INDEX)):
        raise ContractError("--name", f"{name!r} is another model's", "choose another name")


def _is_ours(index: Path) -> bool:
    try:
        return json.loads(index.read_text(encoding="utf-8")).get("_class_name") == KIND
    except (OSError, ValueError, AttributeError):
        return False  # whose it is, its own backend will say
