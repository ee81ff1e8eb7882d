"""Settings of a backend, as the artist gave them, checked one by one. Names that a backend does not know are others'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sora_addon.contract import ContractError


@dataclass(frozen=True)
class Given:
    """``words.settings`` of a shot. Every question raises ContractError naming the setting where the answer is wrong."""

    values: dict[str, Any]

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """From ``low`` to ``high``, both included."""
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise _wrong(name, f"{value!r} is not a number from {low:g} to {high:g}")
        return float(value)

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self.number(name, default, low, high)
        if value != int(value):
            raise _wrong(name, f"{value:g} is not a whole number")
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise _wrong(name, f"{value!r} is neither true nor false")
        return value

    def choice(self, name: str, options: tuple[str, ...], default: str) -> str:
        value = self.values.get(name, default)
        if value not in options:
            raise _wrong(name, f"{value!r} is none of {', '.join(options)}")
        return value

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name, default)
        if not isinstance(value, str):
            raise _wrong(name, f"{value!r} is no text")
        return value


def _wrong(name: str, problem: str) -> ContractError:
    return ContractError(f"words.settings.{name}", problem)
