"""The contract refuses what does not fit, and names the field."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from made_shot import MadeShot

from sora_addon.contract import BodyWeight, ContractError, Shot, Steer, Words, decode, encode, parse


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return encode(MadeShot(frames=3, width=32, height=32).shot())


def refused(document: dict[str, Any]) -> ContractError:
    with pytest.raises(ContractError) as caught:
        decode(Shot, document)
    return caught.value


def test_goes_there_and_back(document: dict[str, Any]) -> None:
    shot = MadeShot(frames=3, width=32, height=32).shot()
    assert decode(Shot, json.loads(json.dumps(document))) == shot


def test_weights_of_controls_go_there_and_back() -> None:
    steer = Steer("depth", 0.7, 0.1, 0.9, [BodyWeight(4, 0.25)])
    shot = MadeShot(frames=3, width=32, height=32, words=Words(controls=[steer])).shot()
    read = decode(Shot, json.loads(json.dumps(encode(shot))))
    assert read.words.steer("depth") == steer
    assert read.words.steer("camera") is None


CASES = {
    "missing": (lambda d: d.pop("time"), "time", "is missing"),
    "unknown": (lambda d: d.update(extra=1), "extra", "is not a field"),
    "wrong type": (lambda d: d["size"].update(width="64"), "size.width", "a whole number"),
    "truth is no number": (lambda d: d["size"].update(width=True), "size.width", "a whole number"),
    "not finite": (lambda d: d["camera"][1].update(fx=float("nan")), "camera[1].fx", "not a finite"),
    "matrix": (lambda d: d["camera"][2]["world"].__setitem__(3, float("inf")), "camera[2].world[3]", "not a finite"),
    "short matrix": (lambda d: d["camera"][2]["world"].pop(), "camera[2].world", "a list of 16"),
    "scaled camera": (lambda d: d["camera"][0]["world"].__setitem__(0, 9.0), "camera[0].world", "scales"),
    "last row": (lambda d: d["camera"][0]["world"].__setitem__(15, 2.0), "camera[0].world", "last row"),
    "bound": (lambda d: d["size"].update(width=15), "size.width", "less than 16"),
    "choice": (lambda d: d["bodies"][0].update(sound="cheese"), "bodies[0].sound", "one of"),
    "range": (lambda d: d["time"].update(last=0), "time.last", "before the first"),
    "rows": (lambda d: d["camera"].pop(), "camera", "2 rows for 3 frames"),
    "doubled index": (lambda d: d["bodies"][1].update(index=1), "bodies[1].index", "twice"),
    "no such body": (
        lambda d: d["contacts"].append(
            {
                "kind": "impact",
                "time": 0.1,
                "bodies": [1, 99],
                "point": [0, 0, 0],
                "normal": [0, 0, 1],
                "speed": 1,
            }
        ),
        "contacts[0].bodies[1]",
        "no body",
    ),
    "no such material": (lambda d: d["bodies"][0].update(materials=[77]), "bodies[0].materials[0]", "no material"),
    "identity": (lambda d: d.update(id="me"), "id", "not a UUID"),
    "weight": (
        lambda d: d["words"]["controls"].append({"control": "depth", "weight": 3}),
        "words.controls[0].weight",
        "2",
    ),
    "no such control": (
        lambda d: d["words"]["controls"].append({"control": "magic"}),
        "words.controls[0].control",
        "one",
    ),
    "ends at its start": (
        lambda d: d["words"]["controls"].append({"control": "depth", "start": 0.5, "end": 0.5}),
        "words.controls[0].end",
        "not after",
    ),
    "control twice": (
        lambda d: d["words"]["controls"].extend([{"control": "depth"}, {"control": "depth", "weight": 0.5}]),
        "words.controls[1].control",
        "twice",
    ),
    "body twice": (
        lambda d: d["words"]["controls"].append({"control": "ids", "bodies": [{"body": 1, "weight": 0}] * 2}),
        "words.controls[0].bodies[1].body",
        "twice",
    ),
    "weight of no body": (
        lambda d: d["words"]["controls"].append({"control": "ids", "bodies": [{"body": 77, "weight": 0.5}]}),
        "words.controls[0].bodies[0].body",
        "no body",
    ),
    "half a surrogate": (lambda d: d["words"].update(prompt="\ud800"), "words.prompt", "not text"),
    "huge number": (lambda d: d["camera"][0].update(fx=10**400), "camera[0].fx", "too large"),
}


@pytest.mark.parametrize("case", CASES)
def test_names_the_field(document: dict[str, Any], case: str) -> None:
    change, field, problem = CASES[case]
    changed = copy.deepcopy(document)
    changed["contacts"] = []
    change(changed)
    error = refused(changed)
    assert error.field == field
    assert problem in str(error)


def test_intervals_are_whole() -> None:
    made = encode(MadeShot(frames=3, width=32, height=32).shot())
    made["contacts"] = [
        {"kind": "roll", "time": 0.0, "bodies": [4, 1], "point": [0, 0, 0], "normal": [0, 0, 1], "speed": 1.0}
    ]
    assert refused(made).field == "contacts[0].until"
    made["contacts"][0].update(until=0.1, speeds=[1.0, 1.0], points=[[0, 0, 0]])
    assert refused(made).field == "contacts[0].points"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b"{", "not JSON"),
        (b"\xff", "UTF-8"),
        (b"[" * 100_000, "nested"),
        (b"1" * 10_000, "not JSON"),
    ],
)
def test_text_that_is_no_document(text: bytes, problem: str) -> None:
    with pytest.raises(ContractError, match=problem):
        parse(text, "shot.json")
