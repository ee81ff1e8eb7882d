"""Styles are read from the style field first, then from the prompt, in both languages."""

from __future__ import annotations

import pytest

from engine.words.style import STYLES, style_of
from sora_addon.contract import Words


@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_named_by_its_own_name(style: str) -> None:
    assert style_of(Words(style=style)) == style


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("steel balls on wet asphalt at night, noir", "noir"),
        ("bola baja di aspal, hitam putih", "noir"),
        ("lukisan cat air sebuah desa", "watercolour"),
        ("a clay render of a car", "clay"),
        ("claymation dog", "claymation"),
        ("a dog made of clay in a barn, cartoon", "clay"),
        ("a quiet street", "cinematic"),
        ("the cartoonist's desk", "cinematic"),
        ("", "cinematic"),
    ],
)
def test_prompts(prompt: str, style: str) -> None:
    assert style_of(Words(prompt=prompt)) == style


def test_the_field_wins_over_the_prompt() -> None:
    assert style_of(Words(style="anime", prompt="noir")) == "anime"
