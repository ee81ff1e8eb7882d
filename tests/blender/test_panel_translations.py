"""Indonesian beside English: every text of the interface, with the same places to fill in."""

from __future__ import annotations

import string
from collections.abc import Iterator

import pytest

bpy = pytest.importorskip("bpy")

from words_of_the_engine import forms, said  # noqa: E402
from words_of_the_interface import registered, written  # noqa: E402

import sora_addon  # noqa: E402
from sora_addon.ui.told import told  # noqa: E402
from sora_addon.ui.translations.indonesian import TEXTS  # noqa: E402
from sora_addon.ui.translations.indonesian_sentences import SENTENCES  # noqa: E402

pytestmark = pytest.mark.bpy


@pytest.fixture(scope="module", autouse=True)
def enabled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SORA_HOME", str(tmp_path_factory.mktemp("home")))
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


def test_no_sentence_of_the_engine_is_left_in_english() -> None:
    assert len(said()) > 180
    assert sorted(said() - SENTENCES.keys() - TEXTS.keys()) == []
    assert sorted(SENTENCES.keys() - forms()) == [], "translated, and said nowhere"


@pytest.mark.parametrize(("english", "indonesian"), SENTENCES.items())
def test_a_sentence_keeps_its_places_and_stands_without_a_full_stop(english: str, indonesian: str) -> None:
    assert english.count("{}") == indonesian.count("{}")
    assert not english.endswith(".")
    assert not indonesian.endswith(".")


@pytest.fixture
def in_indonesian(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a Blender that has languages: the wheel has none."""
    texts = TEXTS | SENTENCES
    monkeypatch.setattr("sora_addon.ui.told.language", lambda: "id")
    monkeypatch.setattr("sora_addon.ui.told._", lambda text: texts.get(text, text))


SPOKEN = [
    ("The engine was ended by signal 9. Press Retry to make it again.", "Mesin diakhiri oleh sinyal 9. Tekan Ulangi untuk membuatnya lagi."),
    (
        "The worker was ended by SIGKILL (perhaps because memory ran out) while it made this take; press Retry.",
        "Proses pembuat diakhiri oleh SIGKILL (mungkin karena memori habis) saat membuat take ini; tekan Ulangi.",
    ),
    (
        "The disk that holds /film/a; b is full; free some room, then press Retry.",
        "Disk tempat /film/a; b penuh; kosongkan ruang, lalu tekan Ulangi.",
    ),
    ("shot: there is no shot.json in /film/shot; press Generate again.", "shot: tidak ada shot.json di /film/shot; tekan Buat lagi."),
    ("Material Oak: its volume is left out.", "Material Oak: volumenya ditinggalkan."),
    ("The engine is not installed; press Install Engine in the Sora tab or in the preferences of the add-on", TEXTS["The engine is not installed; press Install Engine in the Sora tab or in the preferences of the add-on"]),
    ("The smoke or fire of Wood is left out.", "Asap atau api milik Wood ditinggalkan."),
    ("Something that nobody has said before.", "Something that nobody has said before."),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("english", "indonesian"), SPOKEN)
def test_what_was_said_is_told_with_its_names_and_figures(in_indonesian, english: str, indonesian: str) -> None:
    assert told(english) == indonesian


@pytest.mark.parametrize(("english", "_indonesian"), SPOKEN)
def test_in_english_nothing_is_touched(english: str, _indonesian: str) -> None:
    assert told(english) == english
