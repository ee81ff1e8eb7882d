"""Messages between Blender and the engine as lines of JSON-RPC 2.0. No bpy here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..contract import ContractError, decode, encode, parse
from ..contract.messages import LONGEST_MESSAGE, METHODS, NOTIFICATIONS, Fault


@dataclass(frozen=True)
class Answer:
    """What a call came to."""

    number: int
    method: str
    params: Any
    """The dataclass that the call was made with."""
    value: Any
    """The dataclass that ``METHODS`` names for it."""


@dataclass(frozen=True)
class Refusal:
    """A call that was not done, and why, in a sentence."""

    number: int
    method: str
    params: Any
    sentence: str
    field: str = ""
    mend: str = ""
    unheard: bool = False
    """No engine has refused it: the one that was asked ended before it answered. A ``Lost`` follows."""

    @property
    def text(self) -> str:
        """The sentence and, where it is known, what helps."""
        return f"{self.sentence.rstrip('.')}; {self.mend.rstrip('.')}." if self.mend else self.sentence


@dataclass(frozen=True)
class Told:
    """A notification of the engine: a ``Job``, a ``Worker`` or a ``Beat``."""

    method: str
    value: Any


def call_line(number: int, method: str, params: Any) -> bytes:
    """A call as the engine reads it. Raises ContractError where it is longer than is read."""
    line = json.dumps(
        {"jsonrpc": "2.0", "id": number, "method": method, "params": encode(params)}, ensure_ascii=True, allow_nan=False
    ).encode()
    if len(line) >= LONGEST_MESSAGE:
        raise ContractError(method, f"takes {len(line)} bytes, more than a message holds", "shorten the words")
    return line + b"\n"


def read_line(line: bytes, calls: dict[int, tuple[str, Any]]) -> Answer | Refusal | Told:
    """What a line of the engine says; ``calls`` are those without an answer yet. Raises ContractError."""
    message = parse(line, "message")
    if not isinstance(message, dict):
        raise ContractError("message", "is not a JSON object")
    method = message.get("method")
    if method is not None:
        if not isinstance(method, str) or method not in NOTIFICATIONS:
            raise ContractError("method", f"{str(method)[:40]!r} is not one that the engine tells")
        return Told(method, decode(NOTIFICATIONS[method], message.get("params", {})))
    number = message.get("id")
    if not isinstance(number, int) or number not in calls:
        raise ContractError("id", f"{str(number)[:40]!r} is not that of a call")
    method, params = calls[number]
    if "error" in message:
        return _refusal(number, method, params, message["error"])
    return Answer(number, method, params, decode(METHODS[method][1], message.get("result")))


def _refusal(number: int, method: str, params: Any, error: Any) -> Refusal:
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        raise ContractError("error", "has no message")
    try:
        fault = decode(Fault, error.get("data") or {})
    except ContractError:
        fault = Fault()
    return Refusal(number, method, params, error["message"], fault.field, fault.mend)
