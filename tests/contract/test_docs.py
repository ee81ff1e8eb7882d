"""The pages that define the formats name every field that the code has."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from types import ModuleType

import pytest

from sora_addon.contract import CONTROLS, PASSES, SOUNDS, chain, shot, take, time, words

DOCS = Path(__file__).parents[2] / "docs"


def fields(module: ModuleType) -> set[str]:
    own = [c for c in vars(module).values() if dataclasses.is_dataclass(c) and c.__module__ == module.__name__]
    return {field.name for c in own for field in dataclasses.fields(c)}


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (
            "shot-format.md",
            fields(shot)
            | fields(time)
            | fields(words)
            | set(SOUNDS)
            | set(CONTROLS)
            | {layer.name for layer in PASSES},
        ),
        ("take-format.md", fields(take) | fields(chain)),
    ],
)
def test_every_field_is_on_the_page(page: str, names: set[str]) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    said = set(re.findall(r"`\"?(\w+)\"?`", text))
    assert names - said == set()
