"""Lines of JSON-RPC 2.0: reading them within bounds, and sending them without ever waiting for Blender."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from sora_addon.contract import ContractError, decode, encode, parse
from sora_addon.contract.messages import (
    HEARTBEAT,
    INVALID_PARAMS,
    INVALID_REQUEST,
    LONGEST_MESSAGE,
    METHODS,
    NO_METHOD,
    PARSE_ERROR,
    REFUSED,
    Beat,
    Fault,
    Job,
)

MOST_WAITING = 256
"""Answers that wait for Blender to read them; until it does, no further call is read."""
STUCK = 15.0
"""Seconds without a sign of the engine's loop after which its heart stops: Blender then ends it."""


@dataclass(frozen=True)
class Call:
    """A call that is sound. ``id`` is None where no answer is wanted."""

    id: str | int | None
    method: str
    params: Any
    """The dataclass that ``METHODS`` names."""


class BadCall(Exception):
    """A message that is refused; ``answer`` is the line's content."""

    def __init__(self, call_id: str | int | None, code: int, error: ContractError) -> None:
        self.answer = refusal(call_id, code, f"{error.field}: {error.problem}", error.field, error.mend)
        super().__init__(str(error))


class Refused(Exception):
    """The call is sound and cannot be done now."""

    def __init__(self, field: str, problem: str, mend: str = "") -> None:
        self.field = field
        self.problem = problem
        self.mend = mend
        super().__init__(problem)


def refusal(call_id: str | int | None, code: int, sentence: str, field: str, mend: str = "") -> dict[str, Any]:
    """An error of JSON-RPC."""
    error = {"code": code, "message": sentence, "data": encode(Fault(field, mend))}
    return {"jsonrpc": "2.0", "id": call_id, "error": error}


def refused(call_id: str | int | None, why: Refused) -> dict[str, Any]:
    return refusal(call_id, REFUSED, why.problem, why.field, why.mend)


def answer(call_id: str | int | None, result: Any) -> dict[str, Any]:
    """What a call came to."""
    return {"jsonrpc": "2.0", "id": call_id, "result": encode(result)}


def notification(method: str, params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": encode(params)}


def lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Every line without its end; None for one that is longer than is read, which is passed over."""
    while line := stream.readline(LONGEST_MESSAGE + 1):
        if len(line) <= LONGEST_MESSAGE or line.endswith(b"\n"):
            if line.strip():
                yield line.rstrip(b"\r\n")
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_MESSAGE)
        yield None


def read_call(line: bytes | None) -> Call:
    """Raises BadCall, which names the field."""
    call_id: str | int | None = None
    code = PARSE_ERROR
    try:
        if line is None:
            raise ContractError("message", f"is longer than {LONGEST_MESSAGE} bytes", "shorten the words or settings")
        message = parse(line, "message")
        code = INVALID_REQUEST
        if not isinstance(message, dict):
            raise ContractError("message", "is not a JSON object", "send one call a line")
        call_id = _call_id(message)
        _check_frame(message)
        method = message["method"]
        code = NO_METHOD
        if method not in METHODS:
            raise ContractError("method", f"{method[:60]!r} is none of {', '.join(METHODS)}")
        code = INVALID_REQUEST
        if "id" not in message and method != "heartbeat":
            raise ContractError("id", f"is missing: {method} is answered")
        code = INVALID_PARAMS
        params = message.get("params", {})
        if not isinstance(params, dict):
            raise ContractError("params", "is not an object", "give the parameters by name")
        return Call(call_id, method, decode(METHODS[method][0], params))
    except ContractError as error:
        named = error if error.field else error.under("params")
        raise BadCall(call_id, code, named) from error
    except RecursionError as error:
        raise BadCall(call_id, code, ContractError("params", "is nested too deeply")) from error


def _call_id(message: dict[str, Any]) -> str | int | None:
    found = message.get("id")
    if isinstance(found, bool) or not (found is None or isinstance(found, (str, int))):
        raise ContractError("id", "is neither text nor a whole number")
    if isinstance(found, str):
        if len(found) > 200 or any("\ud800" <= character <= "\udfff" for character in found):
            raise ContractError("id", "is longer than 200 characters or no text")
    elif found is not None and not -(2**63) <= found < 2**63:
        raise ContractError("id", "is not a number of 64 bits")
    return found


def _check_frame(message: dict[str, Any]) -> None:
    for name in message:
        if name not in ("jsonrpc", "id", "method", "params"):
            raise ContractError(name.encode("ascii", "backslashreplace").decode()[:60] or "''", "is no field of a call")
    if message.get("jsonrpc") != "2.0":
        raise ContractError("jsonrpc", 'is not "2.0"')
    if "id" in message and message["id"] is None:
        raise ContractError("id", "is null", "number the calls")
    if not isinstance(message.get("method"), str):
        raise ContractError("method", "is missing or not text")


class Outbox:
    """What waits to be written, in order; a thread of its own writes it.

    Of a job that changed again before Blender has read it, only the last is sent: a Blender that is busy for an hour
    costs no memory. Heartbeats are sent from here as long as ``alive`` is called.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._waiting: OrderedDict[object, dict[str, Any]] = OrderedDict()
        self._answers = 0
        self._change = threading.Condition()
        self._closed = False
        self._alive = time.monotonic()
        self.broken = False
        """Nobody reads any more."""
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    def answer(self, message: dict[str, Any]) -> None:
        with self._change:
            if self.broken:
                return
            self._answers += 1
            self._waiting[object()] = message
            self._change.notify_all()

    def tell(self, method: str, params: Any) -> None:
        """A notification; one that is waiting about the same job, or the worker, gives way to it."""
        key = (method, params.order.id) if isinstance(params, Job) else (method, "")
        with self._change:
            if self.broken:
                return
            self._waiting.pop(key, None)
            self._waiting[key] = notification(method, params)
            self._change.notify_all()

    def alive(self) -> None:
        """The engine's loop goes round."""
        self._alive = time.monotonic()

    def wait_for_room(self) -> None:
        """Until Blender has read its answers."""
        with self._change:
            self._change.wait_for(lambda: self._answers < MOST_WAITING or self._closed or self.broken)

    def close(self, seconds: float) -> None:
        """Send what waits, for ``seconds`` at most, and end."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        self._thread.join(seconds)

    def _run(self) -> None:
        beats = 0
        due = time.monotonic() + HEARTBEAT
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._closed, max(0.0, due - time.monotonic()))
                ready = list(self._waiting.values())
                self._waiting.clear()
                closed = self._closed
            if not closed and time.monotonic() >= due:
                due = time.monotonic() + HEARTBEAT
                if time.monotonic() - self._alive < STUCK:
                    beats += 1
                    ready.append(notification("heartbeat", Beat(beats)))
            if not self._send(ready) or closed:
                return
            with self._change:
                self._answers -= sum("method" not in message for message in ready)
                self._change.notify_all()

    def _send(self, messages: list[dict[str, Any]]) -> bool:
        try:
            for message in messages:
                self._stream.write(json.dumps(message, allow_nan=False).encode() + b"\n")
            self._stream.flush()
        except (OSError, ValueError):  # a closed pipe, a closed file
            with self._change:
                self.broken = True
                self._waiting.clear()
                self._change.notify_all()
            return False
        return True
