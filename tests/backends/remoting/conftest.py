"""A shot, a server, a keyring of the test's own, and a pace at which trouble is over soon."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError
from made_shot import MadeShot

sys.path.insert(0, str(Path(__file__).parent))

from made_server import QUICK, MadeServer

from engine.backends.protocol import Request
from engine.backends.remote import Remote
from engine.media.passes import Passes
from engine.tokens import SERVICE
from sora_addon.contract import Words, read_shot


class MadeKeyring(KeyringBackend):
    """MADE-UP: holds the tokens of servers in memory, and nothing else: the local authority's keys are not the test's."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if service == SERVICE:
            self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


@pytest.fixture
def ring() -> Iterator[MadeKeyring]:
    before = keyring.get_keyring()
    made = MadeKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def server() -> Iterator[MadeServer]:
    made = MadeServer()
    yield made
    made.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remote, "pace", QUICK)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """9 frames of 64x48 at 24 a second: what ltx2 makes without a frame too many."""
    path = tmp_path_factory.mktemp("remote") / "shot"
    MadeShot(width=64, height=48, frames=9, words=Words(prompt="two balls", negative="rain", seed=5)).write(path)
    return path


@pytest.fixture
def ask(folder: Path, tmp_path: Path, quick: None, ring: MadeKeyring) -> Callable[..., Request]:
    """A request of the shot with settings, progress and words of the test's."""

    def made(server: MadeServer, progress=lambda *_: None, shot_folder: Path = folder, **more) -> Request:
        shot = read_shot(shot_folder)
        settings = {"server": server.url, "serves": "ltx2"} | more.pop("settings", {})
        earlier = more.pop("earlier", None)
        shot = replace(shot, words=replace(shot.words, settings=settings, **more))
        return Request(shot, Passes(shot_folder, shot), tmp_path, progress, earlier)

    return made
