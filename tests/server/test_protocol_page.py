"""docs/engine-protocol.md says what the messages are: every call, type and field, and examples that decode."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest
from stand_in import ROOT

from engine.server.wire import read_call
from sora_addon.contract import decode
from sora_addon.contract import messages as contract
from sora_addon.contract.messages import METHODS, NOTIFICATIONS, Fault

PAGE = (ROOT / "docs" / "engine-protocol.md").read_text(encoding="utf-8")
SESSION = re.findall(r"^([<>]) (\{.*\})$", PAGE, re.MULTILINE)
TYPES = [
    kind
    for kind in vars(contract).values()
    if getattr(kind, "__module__", "") == contract.__name__ and dataclasses.is_dataclass(kind)
]
CODES = ("PARSE_ERROR", "INVALID_REQUEST", "NO_METHOD", "INVALID_PARAMS", "REFUSED")


def test_every_line_of_the_session_decodes() -> None:
    calls: dict[Any, str] = {}
    told: set[str] = set()
    for side, line in SESSION:
        message = json.loads(line)
        if side == ">":
            call = read_call(line.encode())
            calls[call.id] = call.method
        elif "method" in message:
            told.add(message["method"])
            decode(NOTIFICATIONS[message["method"]], message["params"])
        elif "error" in message:
            assert message["error"]["code"] in {getattr(contract, name) for name in CODES}
            assert decode(Fault, message["error"]["data"]).field
        else:
            decode(METHODS[calls[message["id"]]][1], message["result"])
    assert set(calls.values()) == set(METHODS)
    assert told == set(NOTIFICATIONS)


def test_the_table_of_calls_is_the_contracts() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+) \|", PAGE, re.MULTILINE)
    assert rows == [(name, takes.__name__, gives.__name__) for name, (takes, gives) in METHODS.items()]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_every_field_stands_with_its_type(kind: Any) -> None:
    told = re.search(rf"\*\*{kind.__name__}\*\*(.*?)(?=\*\*\w+\*\*|\n## )", PAGE, re.DOTALL)
    assert told, f"{kind.__name__} is not told of"
    named = set(re.findall(r"`(\w+)`", told[1]))
    assert {field.name for field in dataclasses.fields(kind)} - named == set()


def test_numbers_are_the_contracts() -> None:
    for name in CODES:
        assert str(getattr(contract, name)) in PAGE, name
    assert f"{contract.LONGEST_MESSAGE:,} bytes" in PAGE
    assert f"every {contract.HEARTBEAT} s" in PAGE
    assert f"nothing for {contract.SILENCE:.0f} s" in PAGE
    assert f"protocol {contract.PROTOCOL}." in PAGE
    assert all(f"`{state}`" in PAGE for state in (*contract.OPEN, *contract.ENDED))
