"""A trust home of its own for every test, and little media."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from made_for_trust import KeyringForTests, make_media

from engine.trust.home import VARIABLE
from engine.trust.settings import Settings


@pytest.fixture(autouse=True)
def trust_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "trust-home"
    monkeypatch.setenv(VARIABLE, str(home))
    return home


@pytest.fixture
def media(tmp_path: Path) -> dict[str, Path]:
    return make_media(tmp_path)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def ring() -> Iterator[KeyringForTests]:
    before, made = keyring.get_keyring(), KeyringForTests()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)
