"""What a backend declares of its controls is what it does with them."""

from __future__ import annotations

import importlib

import pytest

from engine.backends import registry
from engine.backends.remoting.kinds import KINDS

DECLARED = [name for name in registry.names() if registry.capabilities(name).steers]


@pytest.mark.parametrize("name", registry.names())
def test_what_steers_is_followed(name: str) -> None:
    known = registry.capabilities(name)
    assert known.steers <= known.controls
    assert known.timed | known.by_body | known.one_of <= known.steers


@pytest.mark.parametrize("name", [name for name in DECLARED if name != "remote"])
def test_the_module_steers_by_what_is_declared(name: str) -> None:
    pytest.importorskip("diffusers")
    assert set(importlib.import_module(f"engine.backends.{name}").STEERING) == registry.capabilities(name).steers


def test_a_server_is_sent_what_is_declared() -> None:
    assert {control for kind in KINDS.values() for control, _ in kind.controls} == registry.capabilities(
        "remote"
    ).steers
