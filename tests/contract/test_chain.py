"""Chains and mixes: what is refused, what has a default, and takes of before they were there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_for_contract import take_document

from sora_addon.contract import ContractError, Link, SoundMix, Take, decode, encode, read_take
from sora_addon.contract.chain import MOST_LINKS
from sora_addon.contract.messages import Order

ORDER = {
    "id": "30577309-13c8-4549-b8cf-b5defe03c2da",
    "shot": "/shot",
    "out": "/take",
    "backend": "wan_vace",
    "origin": {"scene": "3dfccba1-58c4-4422-9f04-e3c33dd2f6e3"},
}


def test_an_order_without_a_chain_is_one_backend() -> None:
    order = decode(Order, ORDER)
    assert (order.chain, order.mix, order.makers) == ([], None, "wan_vace")


def test_a_chain_goes_there_and_back() -> None:
    chain = [{"backend": "ltx2", "settings": {"strength": 0.3}}, {"backend": "stable_audio", "gives": "sound"}]
    order = decode(Order, ORDER | {"chain": chain, "mix": {"use": "joint", "duck": 6}})
    assert order.chain == [Link("ltx2", "both", {"strength": 0.3}), Link("stable_audio", "sound")]
    assert order.mix == SoundMix("joint", 6.0)
    assert order.makers == "wan_vace+ltx2+stable_audio"
    assert decode(Order, encode(order)) == order


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"chain": [{"backend": ""}]}, "chain[0].backend"),
        ({"chain": [{"gives": "sound"}]}, "chain[0].backend"),
        ({"chain": [{"backend": "ltx2", "gives": "light"}]}, "chain[0].gives"),
        ({"chain": [{"backend": "ltx2", "strength": 1}]}, "chain[0].strength"),
        ({"chain": [{"backend": "ltx2"}] * (MOST_LINKS + 1)}, "chain"),
        ({"mix": {"use": "all"}}, "mix.use"),
        ({"mix": {"duck": -1}}, "mix.duck"),
        ({"mix": {"joint": 25}}, "mix.joint"),
    ],
)
def test_what_does_not_fit_is_named(change: dict, field: str) -> None:
    with pytest.raises(ContractError) as caught:
        decode(Order, ORDER | change)
    assert caught.value.field == field


def test_a_take_of_version_1_is_still_read(tmp_path: Path) -> None:
    document = take_document()
    document["version"] = 1
    del document["chain"], document["mix"]
    for name in ("clip.mp4", "sound.wav", "report.json"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "take.json").write_text(json.dumps(document))
    take = read_take(tmp_path)
    assert (take.chain, take.mix) == ([], None)
    document["version"] = 3
    (tmp_path / "take.json").write_text(json.dumps(document))
    with pytest.raises(ContractError, match="update the engine"):
        read_take(tmp_path)


def test_a_chain_begins_with_the_takes_backend() -> None:
    document = take_document()
    made = {"backend": {"name": "sketch", "version": "1"}, "gives": "both", "frames": "0" * 64}
    assert decode(Take, document | {"chain": [made, made]}).chain[1].gives == "both"
    with pytest.raises(ContractError) as caught:
        decode(Take, document | {"chain": [made | {"backend": {"name": "other", "version": "1"}}]})
    assert caught.value.field == "chain[0].backend.name"
