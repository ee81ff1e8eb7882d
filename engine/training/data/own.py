"""Clips of an artist's own scenes, to fine-tune the model on them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sora_addon.contract import ContractError

from ..cache import WATCHED
from .make import Made, Progress, in_blender, put

FIRST, EACH, SCENES = 70_000_000 + WATCHED - 1, 5 * WATCHED, 100_000
"""Number of the first clip of all own scenes, most clips of one, and how many scenes are told apart. So the first clip of each
scene is one that is watched and not learnt from."""


FEWEST = 3
"""Frames of a clip that ``engine evaluate`` looks at."""
ASKED = ("clips", "frames", "samples", "prompt")
"""What makes another clip of the same scene."""


@dataclass(frozen=True)
class OwnOrder:
    """What to make: ``clips`` windows of ``frames`` of each scene, into ``out``/NUMBER."""

    scenes: Sequence[Path]
    out: Path
    python: Path
    clips: int = 8
    frames: int = 4
    samples: int = 32
    """Of Cycles."""
    prompt: str = ""
    trust: bool = False
    """Let a scene run its own scripts and drivers."""


def make_own(order: OwnOrder, progress: Progress) -> Made:
    """Make what is missing, or was made before its scene was saved again. Raises ContractError naming the scene that cannot be
    opened, exported or rendered."""
    _check(order)
    order.out.mkdir(parents=True, exist_ok=True)
    result = Made()
    total = len(order.scenes) * order.clips
    for scene in order.scenes:
        first = number_of(scene)
        missing = [n for n in range(first, first + order.clips) if not _is_made(order.out / str(n), scene, order)]
        result.kept += order.clips - len(missing)
        if not missing:
            continue

        def finish(number: int) -> None:
            put(order.out, number)
            result.made += 1
            progress("own", result.made + result.kept, total)

        progress("own", result.made + result.kept, total)
        reason = in_blender(_command(order, scene, first), missing, finish)
        if reason is not None:
            raise ContractError(str(scene), f"gave no clip ({reason})", "mend the scene, or leave it out")
    return result


def number_of(scene: Path) -> int:
    """Of the scene's first clip: the same for the same path."""
    return FIRST + EACH * (zlib.crc32(str(scene.resolve()).encode()) % SCENES)


def _check(order: OwnOrder) -> None:
    bounds = {"clips": (1, EACH), "frames": (FEWEST, 240), "samples": (1, 65536)}
    for name, (least, most) in bounds.items():
        if not least <= getattr(order, name) <= most:
            raise ContractError(f"--{name}", f"{getattr(order, name)} is not between {least} and {most}")
    numbers: dict[int, Path] = {}
    for scene in order.scenes:
        if not scene.is_file():
            raise ContractError(str(scene), "is not a file", "name a scene")
        other = numbers.setdefault(number_of(scene), scene)
        if other.resolve() != scene.resolve():
            raise ContractError(str(scene), f"has the number of {other}", "give one of the two another name")


def _is_made(clip: Path, scene: Path, order: OwnOrder) -> bool:
    about = clip / "clip.json"
    if not about.is_file() or about.stat().st_mtime < scene.stat().st_mtime:
        return False
    asked = {"scene": str(scene.resolve()), **{name: getattr(order, name) for name in ASKED}}
    return json.loads(about.read_text(encoding="utf-8"))["asked"] == asked


def _command(order: OwnOrder, scene: Path, first: int) -> list[str]:
    command = [str(order.python), "-m", "sora_addon.scenes.training.own", str(scene.resolve())]
    command += ["--out", str(order.out.resolve()), "--first", str(first), "--clips", str(order.clips)]
    command += ["--frames", str(order.frames), "--samples", str(order.samples), "--prompt", order.prompt]
    return [*command, *(["--trust"] if order.trust else []), "--numbers"]
