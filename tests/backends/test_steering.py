"""What a backend declares of its controls is what it does with them."""

from __future__ import annotations

import importlib
from dataclasses import replace

import pytest
from made_shot import FALLING, MadeShot

from engine.backends import registry
from engine.backends.remoting.kinds import KINDS
from engine.pipeline.chains import parts_of
from sora_addon.contract import BodyWeight, ContractError, Control, Steer, Words
from sora_addon.contract.words import CONTROLS

SHOT = MadeShot(width=16, height=16, frames=1).shot()

DECLARED = [name for name in registry.OWN if registry.capabilities(name).steers]


@pytest.mark.parametrize("name", registry.OWN)
def test_what_steers_is_followed(name: str) -> None:
    known = registry.capabilities(name)
    assert known.steers <= known.controls
    assert known.timed | known.by_body | known.one_of <= known.steers


@pytest.mark.parametrize("name", [name for name in DECLARED if name != "remote"])
def test_the_module_steers_by_what_is_declared(name: str) -> None:
    pytest.importorskip("diffusers")
    steering = set(importlib.import_module(f"engine.backends.{name}").STEERING)
    assert steering == registry.capabilities(name).steers - {"keyframes"}, "each keyframe has a strength of its own"


def test_a_server_is_sent_what_is_declared() -> None:
    assert {control for kind in KINDS.values() for control, _ in kind.controls} == registry.capabilities(
        "remote"
    ).steers


@pytest.mark.parametrize("name", [name for name in registry.OWN if registry.capabilities(name).makes_picture])
@pytest.mark.parametrize("control", CONTROLS)
def test_what_is_asked_and_not_declared_is_refused_before_any_work(name: str, control: Control) -> None:
    """Nothing that is asked of a control is silently left out, whatever the backend."""
    pytest.importorskip("diffusers")
    known = registry.capabilities(name)
    asked = {
        "control": (Steer(control), control in known.controls),
        "weight": (Steer(control, 0.5), control in known.steers),
        "start": (Steer(control, start=0.25), control in known.timed),
        "bodies": (Steer(control, bodies=[BodyWeight(FALLING, 0.5)]), control in known.by_body),
    }
    for field, (steer, heard) in asked.items():
        shot = replace(SHOT, words=Words(controls=[steer]))
        if heard:
            parts_of(shot, name, ())
            continue
        with pytest.raises(ContractError) as caught:
            parts_of(shot, name, ())
        assert caught.value.field == f"words.controls[0].{field if control in known.controls else 'control'}"
