"""Whether the hub's own client is here."""

from __future__ import annotations

import importlib.util
import os

from sora_addon.contract import ContractError


def need_client() -> None:
    """Raises ContractError where the hub's client is not installed. It is told to keep to itself before it is imported."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_UPDATE_CHECK", "1")
    if importlib.util.find_spec("huggingface_hub") is None:
        raise ContractError(
            "hub", "needs the package huggingface_hub, not installed here", "press Add the Models in the preferences"
        )
