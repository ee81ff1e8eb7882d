"""Makes broken shot folders: a seed, a mutant. Runs the engine over them and says what became of each, a JSON line each.

    PYTHONPATH=.:tests python tests/pipeline/mutants.py FIRST COUNT SCRATCH

A process of its own, so that a crash of the interpreter is seen by the test as what it is.
"""

from __future__ import annotations

import copy
import json
import math
import os
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from made_shot import MadeShot

from engine.pipeline.generate import Options, generate
from sora_addon.contract import Box, Contact, ContractError, Cue, Room, Seen, Shot, Words, write_document

NASTY: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    2**31,
    2**64,
    10**400,
    1e308,
    -1e308,
    5e-324,
    float("nan"),
    float("inf"),
    "",
    "../../outside",
    "/etc/passwd",
    "\ud800",
    "\0",
    "x" * 70_000,
    [],
    {},
    [[]],
    [1] * 16,
    {"a": {}},
]


def rich(made: MadeShot) -> Shot:
    """The made shot with something in every list, so that every field can break."""

    def contact(kind: Any, **more: Any) -> Contact:
        return Contact(
            kind, 0.01, (4, 1), (0.5, 0.2, 0.0), (0.0, 0.0, 1.0), 2.0, 3.0, seen=Seen(8.0, 8.0, 4.0, False), **more
        )

    points = [(0.5, 0.2, 0.0), (0.6, 0.2, 0.0), (0.7, 0.2, 0.0)]
    lasting = [contact(kind, until=0.05, speeds=[1.0, 0.5, 0.2], points=points) for kind in ("roll", "slide")]
    return replace(
        made.shot(),
        contacts=[contact(kind) for kind in ("impact", "step", "splash", "close")] + lasting,
        cues=[Cue("ambience", "wind and rain", 0.0, 0.08), Cue("dialogue", "halo", 0.01, speaker=4)],
        room=Room(Box((-5.0, -5.0, 0.0), (5.0, 5.0, 3.0)), True, "stone"),
        words=Words(prompt="noir, hujan", style="noir", seed=3, settings={"steps": 2}),
        left_out=["the smoke 'Fog' is not in the passes"],
    )


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a document."""
    found = [path] if path else []
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found += places(child, (*path, key))
    return found


def change_field(folder: Path, dice: random.Random) -> str:
    document = json.loads((folder / "shot.json").read_text())
    path = dice.choice(places(document))
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    way = dice.randrange(4)
    if way == 0:
        holder.pop(path[-1])
    elif way == 1 and isinstance(holder, list):
        holder.extend(copy.deepcopy(holder) * dice.choice([1, 50]))
    elif way == 2 and isinstance(holder[path[-1]], float) and math.isfinite(holder[path[-1]]):
        holder[path[-1]] *= dice.choice([-1, 0, 1e-9, 1e9, 1e30, 1.0001])
    else:
        holder[path[-1]] = dice.choice(NASTY)
    (folder / "shot.json").write_text(json.dumps(document))
    return "shot.json " + ".".join(map(str, path))


def change_bytes(folder: Path, dice: random.Random) -> str:
    path = dice.choice(sorted(path for path in folder.rglob("*") if path.is_file()))
    data = bytearray(path.read_bytes())
    way = dice.randrange(4)
    if way == 0:
        data = data[: dice.randrange(len(data))]
    elif way == 1:
        for _ in range(dice.randrange(1, 20)):
            data[dice.randrange(min(len(data), dice.choice([64, 2000, len(data)])))] = dice.randrange(256)
    elif way == 2:
        place = dice.randrange(len(data))
        data[place:place] = dice.randbytes(dice.randrange(1, 500))
    else:
        data = bytearray(dice.randbytes(dice.randrange(2000)))
    path.write_bytes(data)
    return f"{path.name} bytes"


def change_files(folder: Path, dice: random.Random) -> str:
    path = dice.choice(sorted(folder.rglob("*")))
    outside = folder.parent / "outside" / "secret.txt"
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    way = dice.randrange(4)
    if way == 1:
        path.mkdir()
    elif way == 2:
        path.symlink_to(outside if path.suffix else outside.parent)
    elif way == 3:
        path.symlink_to(path)
    return f"{path.name} replaced"


CHANGES: list[Callable[[Path, random.Random], str]] = [
    change_field,
    change_field,
    change_field,
    change_bytes,
    change_files,
]


def fate(base: Path, seed: int, scratch: Path) -> dict[str, Any]:
    """What became of mutant ``seed``: done, or refused with the field that was named."""
    dice = random.Random(seed)
    folder = scratch / "shot"
    shutil.copytree(base, folder)
    changes = [dice.choice(CHANGES)(folder, dice)]
    try:
        generate(folder, scratch / "take", Options("sketch"), lambda stage, step, total: None)
    except ContractError as error:
        outcome = {"outcome": "refused", "field": error.field, "says": str(error)[:300]}
    else:
        outcome = {"outcome": "done", "field": "", "says": ""}
    shutil.rmtree(folder, ignore_errors=True) if not folder.is_symlink() else folder.unlink()
    shutil.rmtree(scratch / "take", ignore_errors=True)
    left = sorted(str(path.relative_to(scratch)) for path in scratch.rglob("*") if path.is_file())
    return {"seed": seed, "changes": changes, "left": left, **outcome}


def main() -> None:
    first, count, scratch = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    (scratch / "outside").mkdir(parents=True)
    (scratch / "outside" / "secret.txt").write_text("secret")
    base = scratch.parent / f"base-{os.getpid()}"
    made = MadeShot(width=16, height=16, frames=2)
    made.write(base)
    write_document(base / "shot.json", rich(made))
    for seed in range(first, first + count):
        print(json.dumps({"begins": seed}), flush=True)
        print(json.dumps(fate(base, seed, scratch)), flush=True)


if __name__ == "__main__":
    main()
