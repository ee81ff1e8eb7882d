"""Broken messages by the thousand, sent to a real engine; each must be answered or refused with a named field."""

from __future__ import annotations

import copy
import json
import random
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stand_in import StandIn, order_of

BATCH = 100
NASTY: list[Any] = [
    None, True, 0, -1, 2**31, 2**64, 10**400, 1e308, float("nan"), float("inf"), "", "/", "../..", "\ud800", "\0",
    "x" * 5000, [], {}, [[]], [1] * 16, {"a": {}}, "2.0", "hello", str(uuid.UUID(int=1)),
]  # fmt: skip


def calls(folder: Path, dice: random.Random) -> list[dict[str, Any]]:
    """Sound calls that start no work: the shot is not there."""
    some = str(uuid.UUID(int=dice.randrange(50)))
    order = order_of(folder / "shot", folder / f"take{dice.randrange(50)}", some)
    order |= {"exporting": True, "words": {"prompt": "a", "seed": 1}, "settings": {"exr": False, "steps": 2}}
    methods: dict[str, dict[str, Any]] = {
        "hello": {"protocol": 2, "software": "x"},
        "submit": order,
        "abandon": {"job": some, "problem": "why"},
        "list": {"scene": "", "most": 3},
        "shutdown": {"finish": "never"},
        "heartbeat": {"number": 1},
    } | {name: {"job": some} for name in ("ready", "cancel", "retry", "forget", "status")}
    return [
        {"jsonrpc": "2.0", "id": "mutant", "method": name, "params": copy.deepcopy(params)}
        for name, params in methods.items()
    ]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, child in children:
        found += places(child, (*path, key))
    return found


def mutant(folder: Path, dice: random.Random) -> bytes:
    message = dice.choice(calls(folder, dice))
    way = dice.randrange(6)
    if way < 4:
        path = dice.choice(places(message))
        if path[-1] == "finish":
            path = ("method",)
        holder: Any = message
        for key in path[:-1]:
            holder = holder[key]
        if way == 0:
            del holder[path[-1]]
        elif way == 1:
            holder[dice.choice(["", "Ω", "id", "extra" * 30])] = dice.choice(NASTY)
        else:
            holder[path[-1]] = dice.choice(NASTY)
        if message.get("method") == "shutdown":
            message["params"] = {"finish": 3}
        return json.dumps(message).encode()
    line = bytearray(json.dumps(message).encode())
    if way == 4:
        for _ in range(dice.randrange(1, 8)):
            line[dice.randrange(len(line))] = dice.choice(b'{}[]":,\\0x\xff\x80 ')
    else:
        line = line[: dice.randrange(1, len(line))] + dice.randbytes(dice.randrange(30)) * dice.randrange(3)
    line = line.replace(b"\n", b"-").replace(b"\r", b"-")
    return bytes(line) if line.strip() and b'"shutdown"' not in line else b"[" * dice.randrange(1, 100_000)


def resident(process: int) -> int:
    """Bytes of memory; 0 where there is no /proc."""
    if sys.platform != "linux":
        return 0
    words = Path(f"/proc/{process}/statm").read_text().split()
    return int(words[1]) * 4096


def told_nothing(line: bytes) -> bool:
    """A heartbeat without an id, which wants no answer."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(message, dict) and "id" not in message and message.get("method") == "heartbeat"


@dataclass(frozen=True)
class Fates:
    """What became of them."""

    refused: int
    answered: int
    nameless: int
    """Refused without a field or a sentence."""
    unanswered: int
    grown: int
    """Bytes that the engine takes more than after a quarter of them; 0 where that cannot be read."""


def send_mutants(blender: StandIn, folder: Path, count: int, seed: int) -> Fates:
    """Send ``count``, a multiple of ``BATCH``. Raises EOFError where the engine dies, ``queue.Empty`` where it hangs."""
    dice = random.Random(seed)
    refused = answered = nameless = unanswered = before = 0
    batches = count // BATCH
    for batch in range(batches):
        sent = [mutant(folder, dice) for _ in range(BATCH)]
        for line in sent:
            blender.send(line)
        end = blender.begin("heartbeat")
        answers: list[dict[str, Any]] = []
        while not answers or answers[-1].get("id") != end or "result" not in answers[-1]:
            message = blender.next()
            if "method" not in message:
                answers.append(message)
        # A sound heartbeat without an id has no answer, an unsound one is refused.
        wanted = sum(not told_nothing(line) for line in sent)
        unanswered += max(0, wanted - (len(answers) - 1))
        for message in answers[:-1]:
            if "error" in message:
                refused += 1
                nameless += not message["error"]["data"]["field"] or len(message["error"]["message"]) < 6
            else:
                answered += 1
        if batch == batches // 4:
            before = resident(blender.engine.pid)
    return Fates(refused, answered, nameless, unanswered, resident(blender.engine.pid) - before)
