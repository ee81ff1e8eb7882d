"""Indonesian beside English: every text of the interface, with the same places to fill in."""

from __future__ import annotations

import string
from collections.abc import Iterator

import pytest

bpy = pytest.importorskip("bpy")

from words_of_the_interface import registered, written  # noqa: E402

import sora_addon  # noqa: E402
from sora_addon.ui.translations.indonesian import TEXTS  # noqa: E402

pytestmark = pytest.mark.bpy


@pytest.fixture(autouse=True)
def enabled(tmp_path, monkeypatch) -> Iterator[None]:
    monkeypatch.setenv("SORA_HOME", str(tmp_path))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    sora_addon.register()
    yield
    sora_addon.unregister()


def test_the_walk_finds_what_is_there() -> None:
    """A walk that finds nothing would find everything translated."""
    assert {"Generate", "Frames and Size", "Which frames of the scene the shot has", "Marked Shot"} <= registered()
    assert {"Stopping...", "{count} objects added", "Nothing is being found", "hits", "Cinematic"} <= (
        written() | registered()
    )
    assert len(registered()) > 150
    assert len(written()) > 80


def test_nothing_is_left_in_english() -> None:
    assert sorted((registered() | written()) - TEXTS.keys()) == []


def test_nothing_is_translated_that_is_not_there() -> None:
    assert sorted(TEXTS.keys() - registered() - written()) == []


@pytest.mark.parametrize(("english", "indonesian"), TEXTS.items())
def test_the_same_places_are_filled_in(english: str, indonesian: str) -> None:
    def places(text: str) -> list[str]:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)

    assert indonesian
    assert places(english) == places(indonesian)
    assert english.endswith("...") == indonesian.endswith("...")
